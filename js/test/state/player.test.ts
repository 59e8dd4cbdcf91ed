// One model's whole flow, with a fake kernel and a fake peer connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createBridge, type Traits } from "../../src/model/bridge";
import { PROTOCOL, type Status, type StatusName } from "../../src/model/messages";
import { Player } from "../../src/state/player";
import {
  caption, failure, FakeClock, FakeModel, FakePeer, FakeStream, makePage, type Page, settle, speech, status, WALL_MS, welcome,
} from "../support/fakes";

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

/** A page whose kernel, asked, says that it is there and what the session's status is. */
function stage(traits: Partial<Traits> = {}, session: StatusName = "live", more: Partial<Status> = {}): Stage {
  FakePeer.all.length = 0;
  const page = makePage();
  const model = new FakeModel(traits);
  model.answerHello(session, more);
  const clock = new FakeClock();
  const scope = new AbortController();
  const stream = new FakeStream();
  const player = new Player({
    bridge: createBridge(model.any), document: page.document, signal: scope.signal, clock, createPeer: FakePeer.create,
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

const phase = ({ player }: { player: Player }): string => player.store.get().connection.stream.phase;

test("hello at once; a peer is prepared but nothing is offered before the first view", async () => {
  const { model, clock } = stage();
  await settle();
  assert.deepEqual(model.sent, [{ type: "hello", page: "p", protocol: PROTOCOL, atMs: WALL_MS }]);
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
    bridge: createBridge(model.any), document: page.document, signal: new AbortController().signal, clock: new FakeClock(), createPeer: null,
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
  const say = { type: "say", text: "Hello", page: "p", atMs: WALL_MS };
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
  FakePeer.last.says(speech("s", "speaking"));
  all.player.interrupt();
  assert.equal(audio.muted, true);
  all.clock.advance(100);
  assert.equal(audio.muted, true);
  FakePeer.last.says(speech("t", "speaking"));
  all.clock.advance(25);
  assert.equal(audio.muted, false);
  FakePeer.last.says(speech("t", "interrupted"));
  assert.equal(audio.muted, true);
  all.player.setSound(true, 1);
  all.clock.advance(250);
  assert.equal(audio.muted, true, "the user has muted it meanwhile");
  all.player.setSound(false, 1);
  assert.equal(audio.muted, false);
  FakePeer.last.says(speech("u", "speaking"));
  assert.equal(audio.muted, false, "a speech that cuts nothing off is heard at once");
});

test("speech and captions come by messages, over the channel as well as without one", async () => {
  const connected = await live();
  const peer = FakePeer.last;
  const unconnected = stage();
  for (const [{ player, clock }, tell] of [
    [connected, peer.says.bind(peer)], [unconnected, unconnected.model.tell.bind(unconnected.model)],
  ] as const) {
    tell(speech("s", "speaking", { text: "Hi there", latencyMs: 90 }));
    tell(caption("s", [["Hi", 0, 0.2], ["there", 0.2, 0.6]]));
    const state = player.store.get();
    assert.deepEqual([state.sounding, state.speechLatencyMs, state.spokenText, state.caption?.active], ["s", 90, "Hi there", 0]);
    clock.advance(200);
    assert.equal(player.store.get().caption?.active, 1);
    tell(speech("s", "said"));
    assert.equal(player.store.get().sounding, null);
  }
});

test("of a fact that comes by two ways the newest is believed, and the rest dropped", async () => {
  const all = await live();
  const late = [status("starting", { text: "old" }), speech("s", "speaking"), caption("s", [["old", 0, 9]])];
  const news = [status("live", { text: "new" }), speech("s", "said"), caption("t", [["new", 0, 9]])];
  for (const message of news) FakePeer.last.says(message);
  const before = all.player.store.get();
  for (const message of [...late, ...news]) all.model.tell(message);
  const state = all.player.store.get();
  assert.deepEqual([state.status, state.statusText, state.sounding, state.caption?.words], ["live", "new", null, ["new"]]);
  assert.equal(state.newest, before.newest);
  assert.equal(phase(all), "connected");
});

test("the traits of the session are not read: neither those that were saved, nor later ones", async () => {
  const all = stage();
  all.model.kernel = () => undefined;
  const saved = { status: "failed", status_text: "Broken", speaking: true, caption: "two words", transcript: [] };
  for (const [name, value] of Object.entries(saved)) all.model.set(name as keyof Traits, value);
  const { sounding, caption: shown, ...state } = all.player.store.get();
  assert.deepEqual([state.status, state.statusText, sounding, shown], ["live", "", null, null]);
  const silent = new FakeModel(saved as Partial<Traits>);
  const player = new Player({
    bridge: createBridge(silent.any), document: all.page.document, signal: all.scope.signal, clock: all.clock, createPeer: FakePeer.create,
  });
  assert.equal(player.store.get().status, "idle");
  assert.deepEqual(player.store.get().connection.kernel, { is: "asking", afterLoss: false });
  assert.equal(silent.of("hello").length, 1);
});

test("another kernel begins anew: its clock may be behind, and it knows nothing of the old session", async () => {
  const all = stage();
  all.model.tell(speech("s", "speaking", { at: 1_000_000 }));
  all.model.tell(caption("s", [["Hi", 0, 9]], { at: 1_000_000 }));
  all.model.tell(status("live", { at: 1_000_000 }));
  all.model.tell(welcome("e"));
  assert.equal(all.player.store.get().sounding, "s", "the same kernel, which was asked again");
  all.model.tell(welcome("other"));
  const { sounding, caption: shown, status: now } = all.player.store.get();
  assert.deepEqual([sounding, shown, now], [null, null, "idle"]);
  all.model.tell(status("starting", { at: 1 }));
  assert.equal(all.player.store.get().status, "starting");
});

test("what the host says that makes no sense is left alone", async () => {
  const all = await live();
  const warned = console.warn;
  console.warn = () => undefined;
  FakePeer.last.says("not json {");
  console.warn = warned;
  FakePeer.last.says('{"no": "type"}');
  FakePeer.last.says('{"type": "of-the-future"}');
  assert.equal(phase(all), "connected");
});

test("queueing and dropping another speech changes nothing about the one that sounds", async () => {
  const all = await live({ muted: false });
  const { audio } = all.player.playback;
  FakePeer.last.says(speech("one", "speaking"));
  FakePeer.last.says(speech("two", "queued"));
  assert.deepEqual([all.player.store.get().sounding, all.player.store.get().queued], ["one", ["two"]]);
  FakePeer.last.says(speech("two", "interrupted"));
  assert.deepEqual([all.player.store.get().sounding, all.player.store.get().queued, audio.muted], ["one", [], false]);
  FakePeer.last.says(speech("empty", "said"));
  assert.equal(all.player.store.get().sounding, "one", "one that had nothing to say");
  FakePeer.last.says(speech("one", "interrupted"));
  assert.deepEqual([all.player.store.get().sounding, audio.muted], [null, true]);
});

test("interrupting what only waits cuts nothing off, so nothing is muted", async () => {
  const all = await live({ muted: false });
  FakePeer.last.says(speech("one", "queued"));
  all.player.interrupt();
  assert.equal(FakePeer.last.channel.sent.at(-1)?.type, "interrupt");
  assert.equal(all.player.playback.audio.muted, false);
});

test("what is typed carries the time of the click, whichever way it goes", async () => {
  const all = stage();
  all.clock.advance(1_234);
  all.player.say("Hello");
  assert.deepEqual(all.model.of("say"), [{ type: "say", text: "Hello", page: "p", atMs: WALL_MS + 1_234 }]);
});

test("an error of the session is in its status; any other is a notice", async () => {
  const all = stage({}, "failed", { error: failure("No voice.", "Install it.") });
  assert.equal(all.player.store.get().statusError?.what, "No voice.");
  all.model.set("error", { what: "No voice.", fix: "Install it." });
  assert.equal(all.player.store.get().notice, "");
  all.model.tell(status("live"));
  assert.equal(all.player.store.get().statusError, null);
  all.model.set("error", { what: "Not said.", fix: "Shorten it." });
  assert.equal(all.player.store.get().notice, "Not said. Shorten it.");
});

test("a failed speech is told for a while", async () => {
  const all = await live();
  FakePeer.last.says(speech("s", "failed", { text: "☃", reason: "nothing to read" }));
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
  assert.equal(all.player.store.get().connection.kernel.is, "asking");
  all.clock.advance(1);
  assert.equal(all.player.store.get().connection.kernel.is, "gone");
  assert.equal(FakePeer.all.length, 1, "no offers into the void");
  all.model.tell(welcome());
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
  const failed = stage({}, "failed");
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
  FakePeer.last.says(caption("s", [["a", 0, 1], ["b", 1, 2]]));
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
  assert.equal(createBridge(model.any).send({ type: "stop" }), false);
});

test("traits that this kernel does not know have defaults", () => {
  const model = new FakeModel();
  Reflect.deleteProperty(model.traits, "volume");
  assert.equal(createBridge(model.any).get("volume"), 1);
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
