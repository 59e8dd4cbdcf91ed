// The streams of services in one model's whole flow: fake kernel, fake service, fake player code.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RoomEvents } from "../../src/livekit-bundle/index";
import { createBridge, type Traits } from "../../src/model/bridge";
import type { StatusName } from "../../src/model/messages";
import { Player } from "../../src/state/player";
import { type LiveKitBundle, storeBundle } from "../../src/streams/livekit-bundle";
import { TAKEN_RETRY_MS, TAKEN_TRIES } from "../../src/streams/whep-stream";
import { FakeClock, FakeModel, FakePeer, FakeStream, makePage, type Page, settle, WALL_MS } from "../support/fakes";

/** A LiveKit room as the player sees it; `last` is the one that was joined last. */
class FakeRoom {
  static last: FakeRoom;
  readonly published: string[] = [];
  stats: unknown[] = [];
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

const CODE = {
  join(url: string, _token: string, on: RoomEvents, signal: AbortSignal) {
    const room = new FakeRoom(url, on, signal);
    return {
      publish: async (topic: string, payload: string) => void room.published.push(`${topic}|${payload}`),
      getStats: async () => room.stats,
    };
  },
} as unknown as LiveKitBundle;

interface Stage {
  readonly page: Page;
  readonly model: FakeModel;
  readonly clock: FakeClock;
  readonly player: Player;
  readonly stream: FakeStream;
  readonly video: HTMLVideoElement;
  readonly requests: Array<{ method: string; url: string; init: RequestInit }>;
  readonly view: AbortController;
}

type Answer = () => Response | Promise<Response>;

/** A view of a service's avatar; `answers` are the service's to the page's HTTP requests, in order. */
async function stage(provider: string, answers: Answer[] = [], session: StatusName = "live", traits: Partial<Traits> = {}): Promise<Stage> {
  FakePeer.all.length = 0;
  const page = makePage();
  const model = new FakeModel({ provider, ...traits });
  model.answerHello(session);
  const clock = new FakeClock();
  const stream = new FakeStream();
  const requests: Stage["requests"] = [];
  const player = new Player({
    bridge: createBridge(model.any), document: page.document, signal: new AbortController().signal, clock,
    createPeer: FakePeer.create, stream: stream.any, page: "p",
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

const phase = ({ player }: Stage): string => player.store.get().connection.stream.phase;
const isInterrupted = ({ player }: Stage): boolean => {
  const { stream } = player.store.get().connection;
  return stream.phase === "connected" && stream.interrupted;
};
const plays = ({ page, video }: Stage): boolean => video.dispatchEvent(new page.window.Event("playing") as unknown as Event);
const peerId = ({ model }: Stage): string => model.of("join").at(-1)?.peer ?? "";
const media = ({ model }: Stage): string[] => model.of("media").map(({ playback }) => playback);

async function room(all: Stage, url = "ws://service"): Promise<FakeRoom> {
  all.model.tell({ type: "room", page: "p", peer: peerId(all), url, token: "secret" });
  await settle();
  return FakeRoom.last;
}

async function watching(all: Stage): Promise<FakeRoom> {
  const joined = await room(all);
  joined.track("video");
  joined.track("audio");
  joined.on.connected();
  plays(all);
  await settle();
  return joined;
}

async function whep(all: Stage): Promise<void> {
  all.model.tell({
    type: "whep", page: "p", peer: peerId(all), url: "https://service/whep?stream=s", iceUrls: [], iceUsername: "", iceCredential: "",
    relayOnly: false,
  });
  await settle();
}

const created: Answer = () => new Response("answer", { status: 201, headers: { Location: "/viewer/7" } });

test("joining: no peer is made, the wish is repeated, and only LiveKit's pages want the player", async () => {
  const all = await stage("heygen", [], "starting");
  assert.equal(FakePeer.all.length, 0);
  assert.deepEqual(all.model.of("join"), [{ type: "join", page: "p", peer: "p.1", player: true }]);
  all.clock.advance(60_000);
  assert.equal(all.model.of("join").length, 6);
  assert.equal(phase(all), "offering", "the session may take its time");
  assert.equal((await stage("kaltura")).model.of("join")[0]?.player, false);
});

test("a room: the code comes first, the picture is told once it is there, by widget message", async () => {
  const all = await stage("heygen");
  storeBundle(new DataView(new ArrayBuffer(1)), async () => CODE);
  const joined = await watching(all);
  assert.equal(phase(all), "connected");
  assert.deepEqual(all.stream.tracks.map(({ kind }) => kind), ["video", "audio"]);
  assert.deepEqual(media(all), ["playing"]);
  assert.equal(all.player.stream?.kind, "livekit");
  assert.equal(joined.url, "ws://service");
  assert.equal((await stage("heygen")).model.of("join")[0]?.player, false, "the next model needs no code");
});

test("data goes up, commands go down in their order, buttons go by widget message", async () => {
  const all = await stage("liveavatar");
  const joined = await watching(all);
  joined.on.dataPacket("agent-response", "{}");
  assert.deepEqual(all.model.of("room-data"), [{ type: "room-data", page: "p", topic: "agent-response", payload: "{}" }]);
  for (const payload of ["1", "2", "3"]) all.model.tell({ type: "command", page: "p", topic: "t", payload });
  all.model.tell({ type: "command", page: "other", topic: "t", payload: "4" });
  await settle();
  assert.deepEqual(joined.published, ["t|1", "t|2", "t|3"]);
  all.player.say("Hello");
  assert.deepEqual(all.model.of("say"), [{ type: "say", text: "Hello", page: "p", atMs: WALL_MS }]);
});

test("a room that is answered twice is joined once; one that is left says nothing", async () => {
  const all = await stage("heygen");
  const first = await watching(all);
  assert.equal(await room(all, "ws://again"), first);
  all.player.retry();
  assert.ok(first.signal.aborted);
  assert.deepEqual(all.model.of("hangup"), [{ type: "hangup", page: "p", peer: "p.1" }]);
  const sent = all.model.sent.length;
  first.on.dataPacket("", "late");
  first.on.left("lost", "late");
  assert.equal(all.model.sent.length, sent);
});

test("LiveKit reconnects by itself: it is shown, new tracks take the place of the old", async () => {
  const all = await stage("heygen");
  const joined = await room(all);
  const old = [joined.track("video"), joined.track("audio")];
  joined.on.connected();
  plays(all);
  joined.on.interrupted();
  assert.equal(isInterrupted(all), true);
  for (const track of old) joined.on.trackEnded(track);
  assert.equal(all.player.store.get().playing, false);
  joined.track("video");
  joined.on.connected();
  plays(all);
  const { playing } = all.player.store.get();
  assert.deepEqual([isInterrupted(all), playing, all.stream.tracks.length], [false, true, 1]);
  assert.equal(all.model.of("join").length, 1);
});

for (const [end, reached] of [["ended", "ended"], ["taken", "stuck"], ["refused", "backoff"], ["lost", "backoff"]] as const) {
  test(`the room is over, ${end}: Python is told, and the page is ${reached}`, async () => {
    const all = await stage("heygen");
    const joined = await watching(all);
    joined.on.left(end, "why");
    assert.deepEqual(all.model.of("stream-over"), [{ type: "stream-over", page: "p", peer: "p.1", reason: end, text: "why" }]);
    assert.equal(phase(all), reached);
    assert.deepEqual(media(all), ["playing"], "nothing failed in this page");
  });
}

test("a rebuilt stream is announced again", async () => {
  const all = await stage("heygen");
  (await watching(all)).on.left("lost", "");
  all.clock.advance(500);
  await settle();
  assert.equal(peerId(all), "p.2");
  await watching(all);
  assert.deepEqual(media(all), ["playing", "playing"]);
});

test("numbers go to Python when it has taken notice of those before, or after ten seconds", async () => {
  const all = await stage("heygen");
  const joined = await watching(all);
  let at = 0;
  const second = async (): Promise<void> => {
    at += 1_000;
    joined.stats = [{ id: "v", type: "inbound-rtp", kind: "video", timestamp: at, framesDecoded: at / 40 }];
    all.clock.advance(1_000);
    await settle();
  };
  for (let seconds = 0; seconds < 5; seconds += 1) await second();
  assert.equal(all.model.of("stats").length, 1, "a busy kernel gets no heap of them");
  all.model.set("stats", { sample: 1 });
  await second();
  assert.equal(all.model.of("stats").length, 2);
  for (let seconds = 0; seconds < 10; seconds += 1) await second();
  assert.equal(all.model.of("stats").length, 3);
});

test("a frozen picture is told within three seconds, and the stream is rebuilt", async () => {
  const all = await stage("heygen");
  const joined = await watching(all);
  const look = async (frames: number): Promise<void> => {
    joined.stats = [{ id: "v", type: "inbound-rtp", kind: "video", timestamp: all.clock.now(), framesDecoded: frames }];
    all.clock.advance(500);
    await settle();
  };
  for (let frames = 1; frames < 10; frames += 1) await look(frames * 12);
  for (let looks = 0; looks < 3; looks += 1) await look(9 * 12);
  assert.equal(phase(all), "connected");
  await look(9 * 12);
  assert.equal(phase(all), "backoff");
  assert.deepEqual(all.model.of("media").at(-1), {
    type: "media", page: "p", playback: "failed", what: "The picture froze; connecting again.", fix: "",
  });
  assert.match(all.player.store.get().notice, /froze/);
});

test("WHEP: offer, answer, picture; and the viewer is deleted, even as the page goes", async () => {
  const all = await stage("kaltura", [created]);
  await whep(all);
  const [post] = all.requests;
  assert.deepEqual([post?.method, post?.url, post?.init.body], ["POST", "https://service/whep?stream=s", "offer\r\n"]);
  assert.equal(new Headers(post?.init.headers).get("Content-Type"), "application/sdp");
  assert.equal(FakePeer.last.remote, "answer");
  FakePeer.last.connect();
  plays(all);
  assert.deepEqual([phase(all), media(all), all.player.stream?.kind], ["connected", ["playing"], "whep"]);
  all.page.window.dispatchEvent(new all.page.window.Event("pagehide"));
  const leave = all.requests[1];
  assert.deepEqual([leave?.method, leave?.url, leave?.init.keepalive], ["DELETE", "https://service/viewer/7", true]);
  assert.ok(FakePeer.last.closed);
});

test("WHEP: a picture that is there before the connection is known is told all the same", async () => {
  const all = await stage("kaltura", [created]);
  await whep(all);
  FakePeer.last.dispatchEvent(Object.assign(new Event("track"), { track: { kind: "video" }, receiver: {} }));
  plays(all);
  assert.deepEqual(media(all), []);
  FakePeer.last.become("connected");
  assert.deepEqual(media(all), ["playing"]);
});

test("WHEP: no such stream is the end; anything unknown is tried again, with the service's words", async () => {
  const gone = await stage("kaltura", [() => new Response("no stream", { status: 404 })]);
  await whep(gone);
  assert.deepEqual([phase(gone), gone.model.of("stream-over")[0]?.reason], ["ended", "ended"]);
  const refused = await stage("kaltura", [() => new Response("no H264", { status: 406 })]);
  await whep(refused);
  assert.deepEqual([phase(refused), refused.model.of("stream-over")[0]?.text], ["backoff", "406 no H264"]);
});

test("WHEP: a viewer that is still there is waited for, then the page gives way", async () => {
  const taken: Answer = () => new Response("", { status: 409 });
  const patient = await stage("kaltura", [taken, created]);
  await whep(patient);
  assert.equal(patient.requests.length, 1);
  patient.clock.advance(TAKEN_RETRY_MS);
  await settle();
  assert.equal(FakePeer.last.remote, "answer");
  const all = await stage("kaltura", Array.from({ length: TAKEN_TRIES }, () => taken));
  await whep(all);
  for (let tries = 1; tries < TAKEN_TRIES; tries += 1) {
    all.clock.advance(TAKEN_RETRY_MS);
    await settle();
  }
  assert.deepEqual([phase(all), all.model.of("stream-over")[0]?.reason], ["stuck", "taken"]);
});

test("WHEP: where the page may not go, Python does, until it has answered", async () => {
  const all = await stage("kaltura", [() => Promise.reject(new TypeError("Failed to fetch"))]);
  await whep(all);
  all.clock.advance(400);
  assert.deepEqual(all.model.of("offer").map(({ peer, sdp }) => [peer, sdp]), [["p.1", "offer\r\n"], ["p.1", "offer\r\n"]]);
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "relayed" });
  await settle();
  assert.equal(FakePeer.last.remote, "relayed");
  all.clock.advance(5_000);
  assert.equal(all.model.of("offer").length, 2);
  all.player.retry();
  assert.deepEqual(all.model.of("hangup"), [{ type: "hangup", page: "p", peer: "p.1" }]);
  assert.equal(all.requests.length, 1, "there is no viewer of ours to delete");
});

test("WHEP: a viewer that comes too late is deleted", async () => {
  let answer: (response: Response) => void = () => undefined;
  const all = await stage("kaltura", [() => new Promise((resolve) => { answer = resolve; })]);
  await whep(all);
  all.page.window.dispatchEvent(new all.page.window.Event("pagehide"));
  answer(await created());
  await settle();
  assert.deepEqual(all.requests.map(({ method }) => method), ["POST", "DELETE"]);
});

test("WHEP: with relays their candidates are waited for, but not long", async () => {
  const all = await stage("kaltura", [created]);
  all.model.tell({
    type: "whep", page: "p", peer: "p.1", url: "https://service/", iceUrls: ["turn:r"], iceUsername: "u", iceCredential: "c", relayOnly: true,
  });
  await settle();
  assert.equal(all.requests.length, 0);
  all.clock.advance(1_500);
  await settle();
  assert.equal(all.requests.length, 1);
});

test("the last view gone: paused is told, a minute later the room is left", async () => {
  const all = await stage("heygen");
  const joined = await watching(all);
  all.view.abort();
  assert.deepEqual(media(all), ["playing", "paused"]);
  assert.equal(joined.signal.aborted, false);
  all.clock.advance(60_000);
  assert.ok(joined.signal.aborted);
});
