// The streams of services in one model's whole flow: fake kernel, fake service, fake player code.

import { storeBundle } from "../../src/connection/bundles";
import type { RoomEvents } from "../../src/livekit-bundle/room";
import { type JoinRoom, openRoomStream } from "../../src/livekit-bundle/stream";
import { createBridge, type Traits } from "../../src/model/bridge";
import type { StatusName, StreamGrant } from "../../src/model/messages";
import { open } from "../../src/service-bundle/index";
import { Player } from "../../src/state/player";
import type { ServiceBundle } from "../../src/streams/service-stream";
import { FakeClock, FakeModel, FakePeer, FakeStream, makePage, type Page, settle } from "../support/fakes";

/** A LiveKit room as the player sees it; `last` is the one that was joined last. */
export class FakeRoom {
  static last: FakeRoom;
  readonly published: string[] = [];
  /** What was published as the microphone's sound, one after the other. */
  readonly sounds: Array<MediaStreamTrack | null> = [];
  refuses = "";
  stats: unknown[] = [];
  still = false;
  readonly url: string;
  readonly on: RoomEvents;
  readonly signal: AbortSignal;

  constructor(url: string, on: RoomEvents, signal: AbortSignal) {
    this.url = url;
    this.on = on;
    this.signal = signal;
    FakeRoom.last = this;
  }

  track(kind: string): MediaStreamTrack {
    const track = { kind } as MediaStreamTrack;
    this.on.track(track);
    return track;
  }
}

const join: JoinRoom = (url, _token, on, signal) => {
  const joined = new FakeRoom(url, on, signal);
  return {
    publish: async (topic, payload) => void joined.published.push(`${topic}|${payload}`),
    sendSound: async (track) => {
      joined.sounds.push(track);
      if (joined.refuses) throw new Error(joined.refuses);
    },
    isPictureStill: () => joined.still,
    getStats: async () => joined.stats,
    findVideoReceiver: () => undefined,
  };
};

export const CODE: ServiceBundle = {
  open: (grant, _options, events, signal) => openRoomStream(join, grant, events, signal),
};

/** What comes instead of code: the importer has it already. */
export const NO_BYTES = new DataView(new ArrayBuffer(1));

export interface Stage {
  readonly page: Page;
  readonly model: FakeModel;
  readonly clock: FakeClock;
  readonly player: Player;
  readonly stream: FakeStream;
  readonly video: HTMLVideoElement;
  readonly requests: Array<{ method: string; url: string; init: RequestInit }>;
  readonly view: AbortController;
}

export type Answer = () => Response | Promise<Response>;

/** A view of a service's avatar; `answers` are the service's to the page's HTTP requests, in order. */
export async function createServiceStage(
  kind: Traits["stream"],
  answers: Answer[] = [],
  session: StatusName = "live",
  traits: Partial<Traits> = {},
): Promise<Stage> {
  FakePeer.all.length = 0;
  storeBundle("service", NO_BYTES, async () => ({ open }));
  const page = makePage();
  const model = new FakeModel({ stream: kind, ...traits });
  model.answerHello(session);
  const clock = new FakeClock();
  const stream = new FakeStream();
  const requests: Stage["requests"] = [];
  const player = new Player({
    bridge: createBridge(model.any),
    document: page.document,
    signal: new AbortController().signal,
    clock,
    createPeer: FakePeer.create,
    stream: stream.any,
    page: "p",
    fetch: async (url, init = {}) => {
      requests.push({ method: init.method ?? "GET", url: String(url), init });
      return (answers.shift() ?? (() => new Response(null)))();
    },
  });
  const video = page.document.createElement("video");
  const view = new AbortController();
  player.attach(video, view.signal);
  await settle();
  return { page, model, clock, player, stream, video, requests, view };
}

export const phase = ({ player }: Stage): string => player.store.get().connection.stream.phase;
export const isInterrupted = ({ player }: Stage): boolean => {
  const { stream } = player.store.get().connection;
  return stream.phase === "connected" && stream.interrupted;
};
export const plays = ({ page, video }: Stage): boolean =>
  video.dispatchEvent(new page.window.Event("playing") as unknown as Event);
export const peerId = ({ model }: Stage): string => model.of("join").at(-1)?.peer ?? "";
export const media = ({ model }: Stage): string[] => model.of("media").map(({ playback }) => playback);

/** A grant without relays; the kind and the address come on top. */
export const GRANT = { url: "", token: "", offer: "", iceServers: [], relayOnly: false };

export async function room(all: Stage, url = "ws://service"): Promise<FakeRoom> {
  all.model.tell({
    type: "stream-granted",
    page: "p",
    peer: peerId(all),
    grant: { ...GRANT, kind: "livekit", url, token: "secret" },
  });
  await settle();
  return FakeRoom.last;
}

export async function watching(all: Stage): Promise<FakeRoom> {
  const joined = await room(all);
  joined.track("video");
  joined.track("audio");
  joined.on.connected();
  plays(all);
  await settle();
  return joined;
}

export async function whep(all: Stage): Promise<void> {
  all.model.tell({
    type: "stream-granted",
    page: "p",
    peer: peerId(all),
    grant: { ...GRANT, kind: "whep", url: "https://service/whep?stream=s" },
  });
  await settle();
}

export const created: Answer = () => new Response("answer", { status: 201, headers: { Location: "/viewer/7" } });

/** Python has brought the service's offer; the page answers. */
export async function offered(all: Stage, more: Partial<StreamGrant> = {}): Promise<void> {
  all.model.tell({
    type: "stream-granted",
    page: "p",
    peer: peerId(all),
    grant: { ...GRANT, kind: "webrtc", offer: "their offer", ...more },
  });
  await settle();
}
