// A player in a fake page, with a fake kernel and a fake peer connection.

import assert from "node:assert/strict";
import { createBridge, type Traits } from "../../src/model/bridge";
import type { Status, StatusName } from "../../src/model/messages";
import { Player, type PlayerOptions } from "../../src/state/player";
import { FakeClock, FakeModel, FakePeer, FakeStream, makePage, type Page, settle } from "./fakes";

export interface Stage {
  readonly page: Page;
  readonly model: FakeModel;
  readonly clock: FakeClock;
  readonly player: Player;
  readonly stream: FakeStream;
  readonly scope: AbortController;
  /** Shows a view; aborting the returned controller takes it away. */
  show(): { video: HTMLVideoElement; scope: AbortController };
}

/** The player of this model, in a page of its own, with no view yet. */
export function createPlayer(model: FakeModel, own: Partial<PlayerOptions> = {}): Omit<Stage, "show"> {
  FakePeer.all.length = 0;
  const page = makePage();
  const clock = new FakeClock();
  const scope = new AbortController();
  const stream = new FakeStream();
  const player = new Player({
    bridge: createBridge(model.any),
    document: page.document,
    signal: scope.signal,
    clock,
    createPeer: FakePeer.create,
    stream: stream.any,
    page: "p",
    ...own,
  });
  return { page, model, clock, player, stream, scope };
}

/** A page whose kernel, asked, says that it is there and what the session's status is. */
export function createStage(
  traits: Partial<Traits> = {},
  session: StatusName = "live",
  more: Partial<Status> = {},
  own: Partial<PlayerOptions> = {},
): Stage {
  const model = new FakeModel(traits);
  model.answerHello(session, more);
  const all = createPlayer(model, own);
  const show = () => {
    const view = new AbortController();
    const video = all.page.document.createElement("video");
    all.player.attach(video, view.signal);
    return { video, scope: view };
  };
  return { ...all, show };
}

/** Up to a live picture. */
export async function showLive(
  traits: Partial<Traits> = {},
): Promise<Stage & ReturnType<Stage["show"]> & { view: AbortController }> {
  const all = createStage(traits);
  const { video, scope: view } = all.show();
  await settle();
  const offer = all.model.of("offer")[0];
  assert.ok(offer);
  all.model.tell({ type: "answer", page: "p", peer: offer.peer, sdp: "answer", iceServers: [] });
  await settle();
  FakePeer.last.connect();
  video.dispatchEvent(new all.page.window.Event("playing") as unknown as Event);
  await settle();
  return { ...all, video, view };
}

export const phase = ({ player }: { player: Player }): string => player.store.get().connection.stream.phase;
