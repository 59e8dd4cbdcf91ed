// What Python says of the session, and what the user does, in one model's whole flow.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createBridge, type Traits } from "../../src/model/bridge";
import { Player } from "../../src/state/player";
import { caption, FakeModel, FakePeer, failure, settle, speech, status, WALL_MS, welcome } from "../support/fakes";
import { createStage, phase, showLive } from "../support/player";

test("buttons and text go over the data channel when it is open, else by widget message", async () => {
  const all = await showLive();
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
  const all = await showLive({ muted: false });
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
  const connected = await showLive();
  const peer = FakePeer.last;
  const unconnected = createStage();
  for (const [{ player, clock }, tell] of [
    [connected, peer.says.bind(peer)],
    [unconnected, unconnected.model.tell.bind(unconnected.model)],
  ] as const) {
    tell(speech("s", "speaking", { text: "Hi there", latencyMs: 90 }));
    tell(
      caption("s", [
        ["Hi", 0, 0.2],
        ["there", 0.2, 0.6],
      ]),
    );
    const state = player.store.get();
    assert.deepEqual(
      [state.sounding, state.speechLatencyMs, state.sentence?.text, state.caption?.active],
      ["s", 90, "Hi there", 0],
    );
    clock.advance(200);
    assert.equal(player.store.get().caption?.active, 1);
    tell(speech("s", "said"));
    assert.equal(player.store.get().sounding, null);
  }
});

test("of a fact that comes by two ways the newest is believed, and the rest dropped", async () => {
  const all = await showLive();
  const late = [status("starting", { text: "old" }), speech("s", "speaking"), caption("s", [["old", 0, 9]])];
  const news = [status("live", { text: "new" }), speech("s", "said"), caption("t", [["new", 0, 9]])];
  for (const message of news) FakePeer.last.says(message);
  const before = all.player.store.get();
  for (const message of [...late, ...news]) all.model.tell(message);
  const state = all.player.store.get();
  assert.deepEqual([state.status, state.statusText, state.sounding, state.caption?.text], ["live", "new", null, "new"]);
  assert.equal(state.newest, before.newest);
  assert.equal(phase(all), "connected");
});

test("the traits of the session are not read: neither those that were saved, nor later ones", async () => {
  const all = createStage();
  all.model.kernel = () => undefined;
  const saved = { status: "failed", status_text: "Broken", speaking: true, caption: "two words", transcript: [] };
  for (const [name, value] of Object.entries(saved)) all.model.set(name as keyof Traits, value);
  const { sounding, caption: shown, ...state } = all.player.store.get();
  assert.deepEqual([state.status, state.statusText, sounding, shown], ["live", "", null, null]);
  const silent = new FakeModel(saved as Partial<Traits>);
  const player = new Player({
    bridge: createBridge(silent.any),
    document: all.page.document,
    signal: all.scope.signal,
    clock: all.clock,
    createPeer: FakePeer.create,
  });
  assert.equal(player.store.get().status, "idle");
  assert.deepEqual(player.store.get().connection.kernel, { is: "asking", afterLoss: false });
  assert.equal(silent.of("hello").length, 1);
});

test("another kernel begins anew: its clock may be behind, and it knows nothing of the old session", async () => {
  const all = createStage();
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
  const all = await showLive();
  const warned = console.warn;
  console.warn = () => undefined;
  FakePeer.last.says("not json {");
  console.warn = warned;
  FakePeer.last.says('{"no": "type"}');
  FakePeer.last.says('{"type": "of-the-future"}');
  assert.equal(phase(all), "connected");
});

test("queueing and dropping another speech changes nothing about the one that sounds", async () => {
  const all = await showLive({ muted: false });
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
  const all = await showLive({ muted: false });
  FakePeer.last.says(speech("one", "queued"));
  all.player.interrupt();
  assert.equal(FakePeer.last.channel.sent.at(-1)?.type, "interrupt");
  assert.equal(all.player.playback.audio.muted, false);
});

test("what is typed carries the time of the click, whichever way it goes", async () => {
  const all = createStage();
  all.clock.advance(1_234);
  all.player.say("Hello");
  assert.deepEqual(all.model.of("say"), [{ type: "say", text: "Hello", page: "p", atMs: WALL_MS + 1_234 }]);
});

test("an error of the session is in its status; any other is a notice", async () => {
  const all = createStage({}, "failed", { error: failure("No voice.", "Install it.") });
  assert.equal(all.player.store.get().statusError?.what, "No voice.");
  all.model.set("error", { what: "No voice.", fix: "Install it." });
  assert.equal(all.player.store.get().notice, "");
  all.model.tell(status("live"));
  assert.equal(all.player.store.get().statusError, null);
  all.model.set("error", { what: "Not said.", fix: "Shorten it." });
  assert.equal(all.player.store.get().notice, "Not said. Shorten it.");
});

test("of what nobody heard, or not all of it, is told why; of the rest nothing", async () => {
  const all = await showLive();
  FakePeer.last.says(speech("s", "said"));
  assert.equal(all.player.store.get().notice, "");
  FakePeer.last.says(speech("t", "said", { reason: "Not all of it was heard." }));
  assert.equal(all.player.store.get().notice, "Not all of it was heard.");
});

test("a failed speech is told for a while", async () => {
  const all = await showLive();
  FakePeer.last.says(speech("s", "failed", { text: "☃", reason: "nothing to read" }));
  assert.equal(all.player.store.get().notice, "Not said: nothing to read");
  all.clock.advance(6_000);
  assert.equal(all.player.store.get().notice, "");
});

test("sound refused: told, and tried again with the next click anywhere", async () => {
  const all = createStage();
  all.page.soundAllowed = false;
  const { video } = all.show();
  await settle();
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
  await settle();
  FakePeer.last.connect();
  await settle();
  video.dispatchEvent(new all.page.window.Event("playing") as unknown as Event);
  assert.equal(all.player.store.get().soundBlocked, true);
  all.page.soundAllowed = true;
  all.page.document.body.click();
  await settle();
  assert.equal(all.player.store.get().soundBlocked, false);
  assert.deepEqual(
    FakePeer.last.channel.sent.map((message) => "playback" in message && message.playback),
    ["sound-blocked", "playing"],
  );
});

test("sound: at once in the page, told to Python, and our own echo moves nothing", async () => {
  const all = await showLive();
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

test("what another page has muted goes on sounding here; what Python sets then is for all", async () => {
  const all = await showLive({ muted: false });
  const { audio } = all.player.playback;
  all.model.set("_sound_page", "another");
  all.model.set("muted", true);
  assert.deepEqual([audio.muted, all.player.store.get().muted], [false, false]);
  all.model.set("_sound_page", "");
  assert.deepEqual([audio.muted, all.player.store.get().muted], [true, true]);
  all.model.set("_sound_page", "p");
  all.model.set("muted", false);
  assert.equal(audio.muted, false, "its own");
});

test("captions are a trait: switched in the page, saved, and heard from Python", async () => {
  const all = await showLive();
  all.player.setCaptions(false);
  assert.deepEqual([all.model.traits.captions_on, all.model.saved], [false, 1]);
  all.model.set("captions_on", true);
  assert.equal(all.player.store.get().captionsOn, true);
});
