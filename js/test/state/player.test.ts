// One model's whole flow, with a fake kernel and a fake peer connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bridge, type Traits } from "../../src/model/bridge";
import type { FromPage, ToPage } from "../../src/model/messages";
import { Player } from "../../src/state/player";
import { FakeClock, FakeModel, FakePeer, FakeStream, makePage, type Page, settle } from "../support/fakes";

interface Stage {
  readonly page: Page;
  readonly model: FakeModel;
  readonly clock: FakeClock;
  readonly player: Player;
  readonly stream: FakeStream;
  readonly scope: AbortController;
  /** Shows a view; aborting the returned controller takes it away. */
  show(): { video: HTMLVideoElement; scope: AbortController };
}

function stage(traits: Partial<Traits> = {}, kernel?: (model: FakeModel, message: FromPage) => void): Stage {
  FakePeer.all.length = 0;
  const page = makePage();
  const model = new FakeModel({ status: "live", ...traits });
  model.kernel = (message) => {
    if (kernel) kernel(model, message);
    else if (message.type === "hello") model.tell({ type: "welcome", protocol: 1, epoch: "e" });
  };
  const clock = new FakeClock();
  const scope = new AbortController();
  const stream = new FakeStream();
  const player = new Player({
    bridge: bridge(model.any), document: page.document, signal: scope.signal, clock, createPeer: FakePeer.create,
    stream: stream.any, page: "p",
  });
  const show = () => {
    const view = new AbortController();
    const video = page.document.createElement("video");
    player.attach(video, view.signal);
    return { video, scope: view };
  };
  return { page, model, clock, player, stream, scope, show };
}

/** Up to a live picture. */
async function live(traits: Partial<Traits> = {}): Promise<Stage & ReturnType<Stage["show"]> & { view: AbortController }> {
  const all = stage(traits);
  const { video, scope: view } = all.show();
  await settle();
  const offer = all.model.of("offer")[0];
  assert.ok(offer);
  all.model.tell({ type: "answer", page: "p", peer: offer.peer, sdp: "answer" });
  await settle();
  FakePeer.last.connect();
  video.dispatchEvent(new all.page.window.Event("playing") as unknown as Event);
  await settle();
  return { ...all, video, view };
}

const phase = ({ player }: { player: Player }): string => player.store.get().link.phase;

test("hello at once; a peer is prepared but nothing is offered before the first view", async () => {
  const { model, clock } = stage();
  await settle();
  assert.deepEqual(model.sent, [{ type: "hello", page: "p", protocol: 1 }]);
  assert.equal(FakePeer.all.length, 1);
  assert.equal(FakePeer.last.localDescription, null);
  clock.advance(5_000);
  assert.ok(FakePeer.last.closed, "a model that is never shown keeps no peer");
});

test("the first view offers, without waiting for candidates and without mDNS names", async () => {
  const { model, show } = stage();
  show();
  await settle();
  assert.deepEqual(FakePeer.last.transceivers, ["video recvonly", "audio recvonly"]);
  assert.deepEqual(model.of("offer"), [{ type: "offer", page: "p", peer: "p.1", sdp: "offer\r\n" }]);
  assert.equal(FakePeer.all.length, 1, "the prepared peer is used");
});

test("answers for other pages and other peers are left alone", async () => {
  const all = stage();
  all.show();
  await settle();
  all.model.tell({ type: "answer", page: "q", peer: "p.1", sdp: "x" });
  all.model.tell({ type: "answer", page: "p", peer: "p.7", sdp: "x" });
  await settle();
  assert.equal(FakePeer.last.remote, "");
  assert.equal(phase(all), "offering");
});

test("answer, tracks, picture: two views share one stream, and Python hears `playing` once", async () => {
  const all = await live();
  const second = all.show();
  assert.equal(phase(all), "connected");
  assert.deepEqual(all.stream.tracks.map(({ kind }) => kind), ["video", "audio"]);
  assert.equal(second.video.srcObject, all.video.srcObject);
  assert.equal(FakePeer.all.length, 1);
  second.video.dispatchEvent(new all.page.window.Event("playing") as unknown as Event);
  assert.deepEqual(FakePeer.last.channel.sent, [{ type: "media", page: "p", playback: "playing" }]);
});

test("the receivers are asked for no extra delay", async () => {
  const all = stage();
  all.show();
  await settle();
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer" });
  await settle();
  const receiver: { jitterBufferTarget: number | null } = { jitterBufferTarget: null };
  FakePeer.last.dispatchEvent(Object.assign(new Event("track"), { track: { kind: "video" }, receiver }));
  assert.equal(receiver.jitterBufferTarget, 0);
});

test("an answer that is no answer leads to another attempt", async () => {
  const all = stage();
  all.show();
  await settle();
  const warned = console.warn;
  console.warn = () => undefined;
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "nonsense" });
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
    bridge: bridge(model.any), document: page.document, signal: new AbortController().signal, clock: new FakeClock(), createPeer: null,
  });
  assert.equal(model.of("media")[0]?.playback, "failed");
  assert.match(model.of("media")[0]?.what ?? "", /WebRTC/);
  player.attach(page.document.createElement("video"), new AbortController().signal);
  assert.equal(model.of("offer").length, 0);
});

test("UDP blocked: said eight seconds after the answer", async () => {
  const all = stage();
  all.show();
  await settle();
  FakePeer.last.finds("candidate:1 1 udp 1 192.0.2.1 1 typ host");
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer" });
  await settle();
  all.clock.advance(7_999);
  assert.equal(all.model.of("media").length, 0);
  all.clock.advance(1);
  assert.match(all.model.of("media")[0]?.what ?? "", /UDP/);
  assert.equal(all.model.of("hangup")[0]?.peer, "p.1");
});

test("buttons and text go over the data channel when it is open, else by widget message", async () => {
  const all = await live();
  const say: ToPage | FromPage = { type: "say", text: "Hello" };
  all.player.say("  Hello ");
  all.player.say("   ");
  all.player.interrupt();
  const spoken = FakePeer.last.channel.sent.filter(({ type }) => type !== "media");
  assert.deepEqual(spoken, [say, { type: "interrupt" }]);
  FakePeer.last.channel.readyState = "closing";
  all.player.stop();
  assert.equal(all.model.of("stop").length, 1);
});

test("what was cut off is not heard any more, and what follows is heard from its start", async () => {
  const all = await live({ muted: false });
  const { audio } = all.player.playback;
  const speech = { type: "speech", speech: "s", text: "Hi", reason: "", latencyMs: null } as const;
  all.player.interrupt();
  assert.equal(audio.muted, true);
  all.clock.advance(100);
  assert.equal(audio.muted, true);
  FakePeer.last.says({ ...speech, state: "speaking" });
  all.clock.advance(25);
  assert.equal(audio.muted, false);
  FakePeer.last.says({ ...speech, state: "interrupted" });
  assert.equal(audio.muted, true);
  all.player.setSound(true, 1);
  all.clock.advance(250);
  assert.equal(audio.muted, true, "the user has muted it meanwhile");
  all.player.setSound(false, 1);
  assert.equal(audio.muted, false);
  FakePeer.last.says({ ...speech, state: "speaking" });
  assert.equal(audio.muted, false, "a speech that cuts nothing off is heard at once");
});

test("over the channel, status and speech come in step; late traits do not undo them", async () => {
  const all = await live();
  const peer = FakePeer.last;
  peer.says({ type: "speech", speech: "s", state: "speaking", text: "Hi there", reason: "", latencyMs: 90 });
  peer.says({ type: "caption", speech: "s", text: "Hi there", words: [["Hi", 0, 0.2], ["there", 0.2, 0.6]] });
  let state = all.player.store.get();
  assert.deepEqual([state.speaking, state.speechLatencyMs, state.spoken, state.caption?.active], [true, 90, "Hi there", 0]);
  all.clock.advance(200);
  assert.equal(all.player.store.get().caption?.active, 1);
  peer.says({ type: "speech", speech: "s", state: "interrupted", text: "Hi there", reason: "", latencyMs: null });
  all.model.set("speaking", true);
  all.model.set("caption", "Hi there");
  state = all.player.store.get();
  assert.equal(state.speaking, false);
  const warned = console.warn;
  console.warn = () => undefined;
  peer.says("not json {");
  console.warn = warned;
  peer.says('{"no": "type"}');
  peer.says('{"type": "of-the-future"}');
  assert.equal(phase(all), "connected");
});

test("without a channel the traits are told", async () => {
  const all = stage();
  all.model.set("speaking", true);
  all.model.set("caption", "two words");
  const state = all.player.store.get();
  assert.equal(state.speaking, true);
  assert.deepEqual(state.caption, { words: ["two", "words"], active: -1 });
});

test("a failed speech is told for a while", async () => {
  const all = await live();
  FakePeer.last.says({ type: "speech", speech: "s", state: "failed", text: "☃", reason: "nothing to read", latencyMs: null });
  assert.equal(all.player.store.get().notice, "Not said: nothing to read");
  all.clock.advance(6_000);
  assert.equal(all.player.store.get().notice, "");
});

test("the channel closes, the kernel answers: a new peer, and the picture is announced again", async () => {
  const all = await live();
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
  Object.defineProperty(all.video, "srcObject", { set: () => { loads += 1; } });
  all.model.tell({ type: "answer", page: "p", peer: "p.2", sdp: "answer" });
  await settle();
  FakePeer.last.connect();
  assert.equal(loads, 1, "an element that has ended loads the stream anew, once");
  all.video.dispatchEvent(new all.page.window.Event("playing") as unknown as Event);
  assert.deepEqual(FakePeer.last.channel.sent.map(({ type }) => type), ["media"]);
});

test("the channel closes and nobody answers: gone after four seconds, and back when somebody does", async () => {
  const all = await live();
  all.model.kernel = () => undefined;
  FakePeer.last.drop();
  all.clock.advance(3_999);
  assert.equal(all.player.store.get().link.kernel, "asking");
  all.clock.advance(1);
  assert.equal(all.player.store.get().link.kernel, "gone");
  assert.equal(FakePeer.all.length, 1, "no offers into the void");
  all.model.tell({ type: "welcome", protocol: 1, epoch: "e" });
  await settle();
  assert.equal(FakePeer.all.length, 2);
});

test("the last view gone: paused is told, a minute later the peer is closed", async () => {
  const all = await live();
  all.view.abort();
  const last = FakePeer.last.channel.sent[FakePeer.last.channel.sent.length - 1];
  assert.deepEqual(last, { type: "media", page: "p", playback: "paused" });
  all.clock.advance(60_000);
  assert.ok(FakePeer.last.closed);
  assert.deepEqual(all.model.of("hangup"), [{ type: "hangup", page: "p", peer: "p.1" }]);
});

test("leaving the page hangs up at once", async () => {
  const all = await live();
  all.page.window.dispatchEvent(new all.page.window.Event("pagehide"));
  assert.ok(FakePeer.last.closed);
  assert.equal(all.model.of("hangup").length, 1);
});

test("sound refused: told, and tried again with the next click anywhere", async () => {
  const all = stage();
  all.page.soundAllowed = false;
  const { video } = all.show();
  await settle();
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer" });
  await settle();
  FakePeer.last.connect();
  await settle();
  video.dispatchEvent(new all.page.window.Event("playing") as unknown as Event);
  assert.equal(all.player.store.get().soundBlocked, true);
  all.page.soundAllowed = true;
  all.page.document.body.click();
  await settle();
  assert.equal(all.player.store.get().soundBlocked, false);
  assert.deepEqual(FakePeer.last.channel.sent.map((message) => "playback" in message && message.playback), ["sound-blocked", "playing"]);
});

test("sound: at once in the page, told to Python, and our own echo moves nothing", async () => {
  const all = await live();
  all.player.setSound(false, 0.2);
  all.player.setSound(false, 0.3);
  assert.equal(all.player.store.get().volume, 0.3);
  assert.equal(FakePeer.last.channel.sent.filter(({ type }) => type === "set-sound").length, 2);
  all.model.set("volume", 0.2);
  assert.equal(all.player.store.get().volume, 0.3, "an echo of the older one");
  all.model.set("volume", 0.3);
  assert.equal(all.player.store.get().volume, 0.3);
  all.model.set("muted", true);
  assert.equal(all.player.store.get().muted, true, "Python's own");
  assert.equal(all.model.saved, 0);
});

test("captions are a trait: switched in the page, saved, and heard from Python", async () => {
  const all = await live();
  all.player.setCaptions(false);
  assert.deepEqual([all.model.traits.captions_on, all.model.saved], [false, 1]);
  all.model.set("captions_on", true);
  assert.equal(all.player.store.get().captionsOn, true);
});

test("stats go out once a second while there is a view", async () => {
  const all = await live();
  const entry = (at: number) => new Map([["v", { id: "v", type: "inbound-rtp", kind: "video", timestamp: at, framesDecoded: at / 40 }]]);
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
  const failed = stage({ status: "failed" });
  failed.show();
  failed.player.retry();
  assert.equal(failed.model.of("start").length, 1);
  const lost = await live();
  lost.model.kernel = () => undefined;
  FakePeer.last.drop();
  lost.clock.advance(4_000);
  const hellos = lost.model.of("hello").length;
  lost.player.retry();
  assert.equal(lost.model.of("hello").length, hellos + 1);
});

test("abort closes everything: no timer, no listener, no peer is left", async () => {
  const all = await live();
  all.show();
  FakePeer.last.says({ type: "caption", speech: "s", text: "a b", words: [["a", 0, 1], ["b", 1, 2]] });
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
  model.send = () => { throw new Error("comm is closed"); };
  assert.equal(bridge(model.any).send({ type: "stop" }), false);
});

test("traits that this kernel does not know have defaults", () => {
  const model = new FakeModel();
  Reflect.deleteProperty(model.traits, "volume");
  assert.equal(bridge(model.any).get("volume"), 1);
});

test("a view that is back is told before anything plays: nothing is drawn for no view", async () => {
  const all = await live();
  const told = () => FakePeer.last.channel.sent.flatMap((said) => said.type === "media" ? [said.playback] : []).at(-1);
  all.view.abort();
  assert.equal(told(), "paused");
  all.player.store.update({ playing: false });
  all.show();
  assert.equal(told(), "waiting");
});

test("an offer is sent again until it is answered: the first may wait for the running cell", async () => {
  const all = stage();
  all.show();
  await settle();
  const offers = () => all.model.of("offer").map(({ peer }) => peer);
  assert.deepEqual(offers(), ["p.1"]);
  all.clock.advance(400);
  assert.deepEqual(offers(), ["p.1", "p.1"]);
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer" });
  await settle();
  all.clock.advance(5_000);
  assert.deepEqual(offers(), ["p.1", "p.1"]);
});
