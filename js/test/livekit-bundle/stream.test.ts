// A service's LiveKit room in one model's whole flow: fake kernel, fake room, fake player code.

import assert from "node:assert/strict";
import { test } from "node:test";
import { storeBundle } from "../../src/connection/bundles";
import { FakePeer, settle, speech, WALL_MS } from "../support/fakes";
import {
  CODE,
  createServiceStage,
  isInterrupted,
  media,
  NO_BYTES,
  peerId,
  phase,
  plays,
  room,
  watching,
} from "../support/service-player";

test("joining: no peer is made, the wish is repeated, and only LiveKit's pages want the player", async () => {
  const all = await createServiceStage("livekit", [], "starting");
  assert.equal(FakePeer.all.length, 0);
  assert.deepEqual(all.model.of("join"), [{ type: "join", page: "p", peer: "p.1" }]);
  assert.deepEqual(
    all.model.sent
      .map(({ type }) => type)
      .filter((type) => type !== "hello")
      .slice(0, 2),
    ["need-bundle", "join"],
    "the code travels while the session opens",
  );
  all.clock.advance(60_000);
  assert.equal(all.model.of("join").length, 6);
  assert.equal(phase(all), "offering", "the session may take its time");
  assert.equal(all.model.of("need-bundle").length, 4, "it is large, and may be under way");
  assert.deepEqual((await createServiceStage("whep")).model.of("need-bundle"), []);
});

test("a room: the code comes first, the picture is told once it is there, by widget message", async () => {
  const all = await createServiceStage("livekit");
  storeBundle("livekit", NO_BYTES, async () => CODE);
  const joined = await watching(all);
  assert.equal(phase(all), "connected");
  assert.deepEqual(
    all.stream.tracks.map(({ kind }) => kind),
    ["video", "audio"],
  );
  assert.deepEqual(media(all), ["playing"]);
  assert.equal(all.player.stream?.kind, "livekit");
  assert.equal(joined.url, "ws://service");
  assert.deepEqual((await createServiceStage("livekit")).model.of("need-bundle"), [], "the next model has the code");
});

test("data goes up, commands go down in their order, buttons go by widget message", async () => {
  const all = await createServiceStage("livekit");
  const joined = await watching(all);
  joined.on.dataPacket("agent-response", "{}");
  assert.deepEqual(all.model.of("room-data"), [
    { type: "room-data", page: "p", topic: "agent-response", payload: "{}" },
  ]);
  for (const payload of ["1", "2", "3"]) all.model.tell({ type: "room-data", page: "p", topic: "t", payload });
  all.model.tell({ type: "room-data", page: "other", topic: "t", payload: "4" });
  await settle();
  assert.deepEqual(joined.published, ["t|1", "t|2", "t|3"]);
  all.player.say("Hello");
  assert.deepEqual(all.model.of("say"), [{ type: "say", text: "Hello", page: "p", atMs: WALL_MS }]);
});

test("a room that is answered twice is joined once; one that is left says nothing", async () => {
  const all = await createServiceStage("livekit");
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
  const all = await createServiceStage("livekit");
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

test("LiveKit reconnects by itself: Python is told, once, and that it plays again", async () => {
  const all = await createServiceStage("livekit");
  const joined = await watching(all);
  joined.on.interrupted();
  joined.on.interrupted();
  assert.deepEqual(media(all), ["playing", "interrupted"]);
  joined.on.connected();
  assert.deepEqual(media(all), ["playing", "interrupted", "playing"]);
});

for (const [end, reached] of [
  ["ended", "ended"],
  ["taken", "stuck"],
  ["refused", "backoff"],
  ["lost", "backoff"],
] as const) {
  test(`the room is over, ${end}: Python is told, and the page is ${reached}`, async () => {
    const all = await createServiceStage("livekit");
    const joined = await watching(all);
    joined.on.left(end, "why");
    assert.deepEqual(all.model.of("stream-over"), [
      { type: "stream-over", page: "p", peer: "p.1", reason: end, text: "why" },
    ]);
    assert.equal(phase(all), reached);
    assert.deepEqual(media(all), ["playing"], "nothing failed in this page");
  });
}

test("a rebuilt stream is announced again", async () => {
  const all = await createServiceStage("livekit");
  (await watching(all)).on.left("lost", "");
  all.clock.advance(500);
  await settle();
  assert.equal(peerId(all), "p.2");
  await watching(all);
  assert.deepEqual(media(all), ["playing", "playing"]);
});

test("numbers go to Python when it has taken notice of those before, or after ten seconds", async () => {
  const all = await createServiceStage("livekit");
  const joined = await watching(all);
  let at = 0;
  const second = async (): Promise<void> => {
    at += 1_000;
    joined.stats = [{ id: "v", type: "inbound-rtp", kind: "video", timestamp: at, framesDecoded: at / 40 }];
    all.clock.advance(1_000);
    await settle();
  };
  for (let seconds = 0; seconds < 5; seconds += 1) await second();
  assert.equal(all.model.of("stats").length, 0, "a kernel at rest is left alone");
  all.model.tell(speech("s1", "speaking"));
  for (let seconds = 0; seconds < 5; seconds += 1) await second();
  assert.equal(all.model.of("stats").length, 1, "a busy kernel gets no heap of them");
  all.model.set("stats", { sample: 1 });
  await second();
  assert.equal(all.model.of("stats").length, 2);
  for (let seconds = 0; seconds < 10; seconds += 1) await second();
  assert.equal(all.model.of("stats").length, 3);
});

/** Half a second later so many frames have been decoded. */
function looking(all: Awaited<ReturnType<typeof createServiceStage>>, joined: Awaited<ReturnType<typeof watching>>) {
  return async (frames: number): Promise<void> => {
    joined.stats = [{ id: "v", type: "inbound-rtp", kind: "video", timestamp: all.clock.now(), framesDecoded: frames }];
    all.clock.advance(500);
    await settle();
  };
}

test("a frozen picture is told within three seconds, and the stream is rebuilt", async () => {
  const all = await createServiceStage("livekit");
  const joined = await watching(all);
  const look = looking(all, joined);
  for (let frames = 1; frames < 10; frames += 1) await look(frames * 12);
  for (let looks = 0; looks < 3; looks += 1) await look(9 * 12);
  assert.equal(phase(all), "connected");
  await look(9 * 12);
  assert.equal(phase(all), "backoff");
  assert.deepEqual(all.model.of("media").at(-1), {
    type: "media",
    page: "p",
    playback: "failed",
    what: "The picture froze; connecting again.",
    fix: "",
    number: 2,
  });
  assert.match(all.player.store.get().notice, /froze/);
});

test("a picture that the service mutes for a while is not frozen, and one that stays so afterwards is", async () => {
  const all = await createServiceStage("livekit");
  const joined = await watching(all);
  const look = looking(all, joined);
  for (let frames = 1; frames < 10; frames += 1) await look(frames * 12);
  joined.still = true;
  for (let looks = 0; looks < 60; looks += 1) await look(9 * 12);
  assert.deepEqual([phase(all), media(all)], ["connected", ["playing"]]);
  joined.still = false;
  for (let looks = 0; looks < 3; looks += 1) await look(9 * 12);
  assert.equal(phase(all), "connected", "it may take a moment");
  for (let looks = 0; looks < 3; looks += 1) await look(9 * 12);
  assert.deepEqual(media(all), ["playing", "failed"]);
});

test("the last view gone: paused is told, a minute later the room is left", async () => {
  const all = await createServiceStage("livekit");
  const joined = await watching(all);
  all.view.abort();
  assert.deepEqual(media(all), ["playing", "paused"]);
  assert.equal(joined.signal.aborted, false);
  all.clock.advance(60_000);
  assert.ok(joined.signal.aborted);
});

test("a microphone: its sound goes into the room, one after the other; what the room refuses is told, unless it is left", async () => {
  const all = await createServiceStage("livekit");
  const joined = await watching(all);
  const refused: string[] = [];
  const sound = { kind: "audio" } as MediaStreamTrack;
  assert.equal(
    all.player.stream?.sendSound(sound, (why) => refused.push(why)),
    true,
  );
  all.player.stream?.sendSound(null);
  await settle();
  assert.deepEqual([joined.sounds, refused], [[sound, null], []]);
  joined.refuses = "may not publish";
  all.player.stream?.sendSound(sound, (why) => refused.push(why));
  all.player.stream?.sendSound(null, (why) => refused.push(why));
  await settle();
  assert.deepEqual(refused, ["may not publish"]);
  all.player.stream?.sendSound(sound, (why) => refused.push(why));
  all.player.retry();
  await settle();
  assert.deepEqual(refused, ["may not publish"]);
});

test("a service without a room takes no microphone", async () => {
  const all = await createServiceStage("whep");
  assert.notEqual(all.player.stream?.sendSound({ kind: "audio" } as MediaStreamTrack), true);
});
