// One model's whole flow: from hello to the picture, and to its end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CONNECT_LATE_MS } from "../../src/connection/unreached";
import { createBridge } from "../../src/model/bridge";
import { PROTOCOL } from "../../src/model/messages";
import { Player } from "../../src/state/player";
import { viewModel } from "../../src/state/view-model";
import {
  caption,
  FakeClock,
  FakeIntersectionObserver,
  FakeModel,
  FakePeer,
  makePage,
  settle,
  WALL_MS,
  welcome,
} from "../support/fakes";
import { createStage, phase, showLive } from "../support/player";

test("hello at once; a peer is prepared but nothing is offered before the first view", async () => {
  const { model, clock } = createStage();
  await settle();
  assert.deepEqual(model.sent, [{ type: "hello", page: "p", protocol: PROTOCOL, atMs: WALL_MS }]);
  assert.equal(FakePeer.all.length, 1);
  assert.equal(FakePeer.last.localDescription, null);
  clock.advance(5_000);
  assert.ok(FakePeer.last.closed, "a model that is never shown keeps no peer");
});

test("the first view offers, without waiting for candidates and without mDNS names", async () => {
  const { model, show } = createStage();
  show();
  await settle();
  assert.deepEqual(FakePeer.last.transceivers, ["video recvonly", "audio sendrecv"]);
  assert.deepEqual(model.of("offer"), [{ type: "offer", page: "p", peer: "p.1", sdp: "offer\r\n", relay: false }]);
  assert.equal(FakePeer.all.length, 1, "the prepared peer is used");
});

test("answers for other pages and other peers are left alone", async () => {
  const all = createStage();
  all.show();
  await settle();
  all.model.tell({ type: "answer", page: "q", peer: "p.1", sdp: "x", iceServers: [] });
  all.model.tell({ type: "answer", page: "p", peer: "p.7", sdp: "x", iceServers: [] });
  await settle();
  assert.equal(FakePeer.last.remote, "");
  assert.equal(phase(all), "offering");
});

test("answer, tracks, picture: two views share one stream, and Python hears `playing` once", async () => {
  const all = await showLive();
  const second = all.show();
  assert.equal(phase(all), "connected");
  assert.deepEqual(
    all.stream.tracks.map(({ kind }) => kind),
    ["video", "audio"],
  );
  assert.equal(second.video.srcObject, all.video.srcObject);
  assert.equal(FakePeer.all.length, 1);
  second.video.dispatchEvent(new all.page.window.Event("playing") as unknown as Event);
  assert.deepEqual(FakePeer.last.channel.sent, [{ type: "media", page: "p", playback: "playing", number: 1 }]);
});

test("the receivers are asked for no extra delay", async () => {
  const all = createStage();
  all.show();
  await settle();
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
  await settle();
  const receiver: { jitterBufferTarget: number | null } = { jitterBufferTarget: null };
  FakePeer.last.dispatchEvent(Object.assign(new Event("track"), { track: { kind: "video" }, receiver }));
  assert.equal(receiver.jitterBufferTarget, 0);
});

test("an answer that is no answer leads to another attempt", async () => {
  const all = createStage();
  all.show();
  await settle();
  const warned = console.warn;
  console.warn = () => undefined;
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "nonsense", iceServers: [] });
  await settle();
  console.warn = warned;
  assert.notEqual(phase(all), "connecting");
  assert.equal(all.model.of("hangup").length, 1);
});

test("no WebRTC: said to Python at once, by widget message", () => {
  FakePeer.all.length = 0;
  const page = makePage();
  const model = new FakeModel();
  const player = new Player({
    bridge: createBridge(model.any),
    document: page.document,
    signal: new AbortController().signal,
    clock: new FakeClock(),
    createPeer: null,
  });
  assert.equal(model.of("media")[0]?.playback, "failed");
  assert.match(model.of("media")[0]?.what ?? "", /WebRTC/);
  player.attach(page.document.createElement("video"), new AbortController().signal);
  assert.equal(model.of("offer").length, 0);
});

test("UDP blocked: said eight seconds after the answer", async () => {
  const all = createStage();
  all.show();
  await settle();
  FakePeer.last.finds("candidate:1 1 udp 1 192.0.2.1 1 typ host");
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
  await settle();
  all.clock.advance(7_999);
  assert.equal(all.model.of("media").length, 0);
  all.clock.advance(1);
  assert.match(all.model.of("media")[0]?.what ?? "", /UDP/);
  assert.match(viewModel(all.player.store.get()).panel?.what ?? "", /UDP/);
  assert.equal(all.model.of("hangup").length, 0, "a busy machine may only be slow");
  all.clock.advance(CONNECT_LATE_MS);
  assert.equal(all.model.of("hangup")[0]?.peer, "p.1");
});

test("UDP blocked: tried again by itself, and at once when the network changes or the page is in sight again", async () => {
  const all = createStage();
  all.show();
  await settle();
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
  await settle();
  FakePeer.last.drop();
  const offered = async (): Promise<string[]> => {
    await settle();
    return all.model.of("offer").map(({ peer }) => peer);
  };
  const { document, window } = all.page;
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new window.Event("visibilitychange") as unknown as Event);
  assert.deepEqual(await offered(), ["p.1"]);
  Object.defineProperty(document, "hidden", { value: false });
  document.dispatchEvent(new window.Event("visibilitychange") as unknown as Event);
  assert.ok((await offered()).includes("p.2"));
  window.dispatchEvent(new window.Event("online"));
  assert.equal((await offered()).at(-1), "p.3");
  assert.notEqual(viewModel(all.player.store.get()).panel, null);
  all.model.tell({ type: "answer", page: "p", peer: "p.3", sdp: "answer", iceServers: [] });
  await settle();
  FakePeer.last.connect();
  await settle();
  assert.deepEqual([viewModel(all.player.store.get()).panel, phase(all)], [null, "connected"]);
});

test("what was taken for blocked UDP is forgotten once the picture comes", async () => {
  const all = createStage();
  const { video } = all.show();
  await settle();
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
  await settle();
  all.clock.advance(12_000);
  FakePeer.last.connect();
  video.dispatchEvent(new all.page.window.Event("playing") as unknown as Event);
  await settle();
  assert.deepEqual([viewModel(all.player.store.get()).panel, phase(all)], [null, "connected"]);
  assert.equal(FakePeer.last.channel.sent.filter(({ type }) => type === "media").length, 1, "it is told to play");
});

test("the channel closes, the kernel answers: a new peer, and the picture is announced again", async () => {
  const all = await showLive();
  const first = FakePeer.last;
  first.drop();
  assert.ok(first.closed);
  assert.deepEqual(all.stream.tracks.length, 2, "the last picture stays until the next peer");
  all.clock.advance(500);
  await settle();
  assert.equal(FakePeer.all.length, 2);
  assert.equal(all.stream.tracks.length, 0);
  assert.equal(all.player.store.get().playing, false);
  let loads = 0;
  Object.defineProperty(all.video, "srcObject", {
    set: () => {
      loads += 1;
    },
  });
  all.model.tell({ type: "answer", page: "p", peer: "p.2", sdp: "answer", iceServers: [] });
  await settle();
  FakePeer.last.connect();
  assert.equal(loads, 1, "an element that has ended loads the stream anew, once");
  all.video.dispatchEvent(new all.page.window.Event("playing") as unknown as Event);
  assert.deepEqual(
    FakePeer.last.channel.sent.map(({ type }) => type),
    ["media"],
  );
});

test("the channel closes and nobody answers: gone after four seconds, and back when somebody does", async () => {
  const all = await showLive();
  all.model.kernel = () => undefined;
  FakePeer.last.drop();
  all.clock.advance(3_999);
  assert.equal(all.player.store.get().connection.kernel.is, "asking");
  all.clock.advance(1);
  assert.equal(all.player.store.get().connection.kernel.is, "gone");
  assert.equal(FakePeer.all.length, 1, "no offers into the void");
  all.model.tell(welcome());
  await settle();
  assert.equal(FakePeer.all.length, 2);
});

test("the last view gone: paused is told, a minute later the peer is closed", async () => {
  const all = await showLive();
  all.view.abort();
  const last = FakePeer.last.channel.sent.at(-1);
  assert.deepEqual(last, { type: "media", page: "p", playback: "paused", silent: true, number: 2 });
  all.clock.advance(60_000);
  assert.ok(FakePeer.last.closed);
  assert.deepEqual(all.model.of("hangup"), [{ type: "hangup", page: "p", peer: "p.1" }]);
});

test("out of sight pictures pause and nothing else does; back in sight they come at once", async () => {
  Object.assign(globalThis, { IntersectionObserver: FakeIntersectionObserver });
  const all = await showLive();
  Reflect.deleteProperty(globalThis, "IntersectionObserver");
  let paused = 0;
  all.player.playback.audio.pause = () => {
    paused += 1;
  };
  const count = (timestamp: number): void => {
    const entry = { id: "v", type: "inbound-rtp", kind: "video", framesDecoded: 9, timestamp };
    FakePeer.last.stats = new Map([["v", entry]]);
  };
  count(0);
  FakeIntersectionObserver.show(all.video, 0);
  for (let second = 0; second < 70; second += 1) {
    all.clock.advance(1_000);
    await settle();
    count(second * 1_000);
  }
  const told = () => FakePeer.last.channel.sent.filter(({ type }) => type === "media");
  assert.equal(FakePeer.last.channel.sent.filter(({ type }) => type === "stats").length, 0, "of nothing");
  const media = (playback: string, number: number) => ({ type: "media", page: "p", playback, number });
  assert.deepEqual(told(), [media("playing", 1), media("paused", 2)], "that no picture comes is no trouble");
  assert.deepEqual([FakePeer.all.length, FakePeer.last.closed, paused], [1, false, 0]);
  FakeIntersectionObserver.show(all.video, 0.1);
  assert.deepEqual(told().at(-1), media("playing", 3));
});

test("leaving the page hangs up at once", async () => {
  const all = await showLive();
  all.page.window.dispatchEvent(new all.page.window.Event("pagehide"));
  assert.ok(FakePeer.last.closed);
  assert.equal(all.model.of("hangup").length, 1);
});

test("stats go out once a second while there is a view", async () => {
  const all = await showLive();
  const entry = (at: number) =>
    new Map([["v", { id: "v", type: "inbound-rtp", kind: "video", timestamp: at, framesDecoded: at / 40 }]]);
  for (const at of [1_000, 2_000, 3_000]) {
    FakePeer.last.stats = entry(at);
    all.clock.advance(1_000);
    await settle();
  }
  const stats = FakePeer.last.channel.sent.flatMap((message) => (message.type === "stats" ? [message.fps] : []));
  assert.deepEqual(stats, [25, 25]);
  all.view.abort();
  all.clock.advance(1_000);
  await settle();
  assert.equal(FakePeer.last.channel.sent.filter(({ type }) => type === "stats").length, 2);
});

test("Retry after a failed session starts it; after a lost kernel it asks for the kernel", async () => {
  const failed = createStage({}, "failed");
  failed.show();
  failed.player.retry();
  assert.equal(failed.model.of("start").length, 1);
  const lost = await showLive();
  lost.model.kernel = () => undefined;
  FakePeer.last.drop();
  lost.clock.advance(4_000);
  const hellos = lost.model.of("hello").length;
  lost.player.retry();
  assert.equal(lost.model.of("hello").length, hellos + 1);
});

test("abort closes everything: no timer, no listener, no peer is left", async () => {
  const all = await showLive();
  all.show();
  FakePeer.last.says(
    caption("s", [
      ["a", 0, 1],
      ["b", 1, 2],
    ]),
  );
  all.scope.abort();
  assert.ok(FakePeer.last.closed);
  assert.equal(all.clock.waiting, 0);
  assert.equal(all.model.listeners, 0);
  assert.equal(all.model.of("hangup").length, 1);
  const before = all.model.sent.length;
  all.page.window.dispatchEvent(new all.page.window.Event("pagehide"));
  all.page.document.body.click();
  FakePeer.last.become("failed");
  assert.equal(all.model.sent.length, before);
});

test("a closed comm that throws does not break the page", () => {
  const model = new FakeModel();
  model.send = () => {
    throw new Error("comm is closed");
  };
  assert.equal(createBridge(model.any).send({ type: "stop" }), false);
});

test("traits that this kernel does not know have defaults", () => {
  const model = new FakeModel();
  Reflect.deleteProperty(model.traits, "volume");
  assert.equal(createBridge(model.any).get("volume"), 1);
});

test("out of sight with its sound held back it is silent: nobody could hear what is said", async () => {
  Object.assign(globalThis, { IntersectionObserver: FakeIntersectionObserver });
  const all = await showLive();
  Reflect.deleteProperty(globalThis, "IntersectionObserver");
  const told = () => FakePeer.last.channel.sent.filter(({ type }) => type === "media").at(-1);
  all.player.store.update({ soundBlocked: true });
  FakeIntersectionObserver.show(all.video, 0);
  all.clock.advance(1_000);
  assert.deepEqual(told(), { type: "media", page: "p", playback: "paused", silent: true, number: 2 });
});

test("a view that is back is told before anything plays: nothing is drawn for no view", async () => {
  const all = await showLive();
  const told = () =>
    FakePeer.last.channel.sent.flatMap((said) => (said.type === "media" ? [said.playback] : [])).at(-1);
  all.view.abort();
  assert.equal(told(), "paused");
  all.player.store.update({ playing: false });
  all.show();
  assert.equal(told(), "waiting");
});

test("an offer is sent again until it is answered: the first may wait for the running cell", async () => {
  const all = createStage();
  all.show();
  await settle();
  const offers = () => all.model.of("offer").map(({ peer }) => peer);
  assert.deepEqual(offers(), ["p.1"]);
  all.clock.advance(400);
  assert.deepEqual(offers(), ["p.1", "p.1"]);
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
  await settle();
  all.clock.advance(5_000);
  assert.deepEqual(offers(), ["p.1", "p.1"]);
});
