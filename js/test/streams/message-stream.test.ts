// The stream of our own host by widget messages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ACKNOWLEDGE_MS, CUT_MS, SILENT_MS } from "../../src/streams/message-stream";
import { FakeClock, FakePeer, settle, speech } from "../support/fakes";
import { batch, FakeMedia, GOOD, picture, sound } from "../support/frames";
import { createPage } from "../support/message-page";
import { createStage, phase } from "../support/player";

const first = [picture(1, 0, true), sound(2, 0)];

test("it asks until frames come, which is being connected, and gives their tracks to the views", async () => {
  const page = await createPage();
  assert.equal(FakePeer.all.length, 0);
  page.clock.advance(5_000);
  assert.ok(page.model.of("subscribe").length > 1);
  assert.equal(phase(page), "offering");
  page.tell(first);
  assert.equal(phase(page), "connected");
  const asked = page.model.of("subscribe").length;
  page.tell([], { resting: true });
  page.clock.advance(60_000);
  assert.equal(page.model.of("subscribe").length, asked);
  assert.deepEqual(
    page.stream.tracks.map(({ kind }) => kind),
    ["video", "audio"],
  );
});

test("what comes is acknowledged, ten times a second at most, and at rest no more", async () => {
  const page = await createPage();
  for (let number = 1; number <= 50; number += 1) {
    page.tell([sound(number, number * 20)]);
    page.clock.advance(20);
  }
  page.clock.advance(ACKNOWLEDGE_MS);
  const acknowledged = page.model.of("acknowledge");
  assert.ok(acknowledged.length >= 9 && acknowledged.length <= 12, String(acknowledged.length));
  assert.equal(acknowledged.at(-1)?.number, 50);
});

test("a hole is told with what has come, until a picture that stands by itself is there", async () => {
  const page = await createPage();
  page.tell(first);
  page.clock.advance(200);
  assert.equal(page.model.of("acknowledge").at(-1)?.gap, false);
  page.tell([picture(5, 200)]);
  page.clock.advance(200);
  assert.deepEqual([page.model.of("acknowledge").at(-1)?.number, page.model.of("acknowledge").at(-1)?.gap], [5, true]);
  page.tell([picture(6, 240, true)]);
  page.clock.advance(200);
  assert.equal(page.model.of("acknowledge").at(-1)?.gap, false);
});

test("doubled, late and foreign frames are nothing", async () => {
  const page = await createPage();
  page.tell(first);
  page.tell(first);
  page.tell([picture(1, 0, true)]);
  page.tell([picture(3, 40)], { peer: "p.9" });
  page.tell([picture(3, 40)], { page: "other" });
  page.model.tellAnything(batch([picture(3, 40)]), []);
  page.clock.advance(1_000);
  assert.equal(page.media[0]?.shown.length, 1);
  assert.equal(page.media[0]?.played.length, 1);
});

test("a stall is an interruption, and one that lasts another subscription; rest is neither", async () => {
  const page = await createPage();
  page.tell(first, { resting: true });
  page.clock.advance(SILENT_MS * 10);
  assert.equal(phase(page), "connected");
  assert.ok((page.media[0]?.repeats ?? 0) > 10, "views that come later see the picture");
  page.tell([sound(3, 20)]);
  page.clock.advance(SILENT_MS);
  const { stream } = page.player.store.get().connection;
  assert.ok(stream.phase === "connected" && stream.interrupted);
  page.tell([sound(4, 40)]);
  const after = page.player.store.get().connection.stream;
  assert.ok(after.phase === "connected" && !after.interrupted);
  page.clock.advance(30_000);
  await settle();
  assert.equal(page.model.of("subscribe").at(-1)?.peer, "p.2");
  assert.deepEqual(page.media[0]?.open.size, 0);
});

test("an interrupt's flush is silence at once, and once; sound from before it is not played", async () => {
  const page = await createPage();
  page.tell(first);
  page.tell([], { flushes: 1 });
  page.tell([picture(3, 40)], { flushes: 1 });
  assert.equal(page.media[0]?.silenced, 1);
  page.tell([sound(4, 40)], { flushes: 0 });
  assert.equal(page.media[0]?.played.length, 1);
  page.tell([sound(5, 60)], { flushes: 1 });
  assert.equal(page.media[0]?.played.length, 2);
});

test("the news of a flush may get lost: what comes next brings it", async () => {
  const page = await createPage();
  page.tell(first);
  page.tell([picture(9, 40, true)], { flushes: 3 });
  assert.equal(page.media[0]?.silenced, 1);
});

test("which frames were lost is told once", async () => {
  const page = await createPage();
  page.tell(first);
  page.clock.advance(200);
  page.tell([sound(5, 80), sound(9, 160)]);
  page.clock.advance(200);
  page.tell([sound(10, 180)]);
  page.clock.advance(200);
  const told = page.model.of("acknowledge").map(({ lostFrom, lostTo }) => [lostFrom, lostTo]);
  assert.deepEqual(told.slice(-2), [
    [3, 8],
    [0, 0],
  ]);
});

test("a proxy that passes things on in bursts delays sound at first, and is not heard any more after that", async () => {
  const page = await createPage();
  page.tell(first);
  let number = 2;
  // What is said in a second comes at its end, each packet up to 1.5 s before its time.
  for (let second = 0; second < 8; second += 1) {
    page.clock.advance(1_000);
    for (let ms = 0; ms < 1_000; ms += 20) {
      number += 1;
      const clockMs = second * 1_000 + ms;
      page.tell([sound(number, clockMs + 1_500)], { clockMs });
    }
  }
  const played = page.media[0]?.played.slice(2) ?? [];
  const starts = played.map(({ at, inMs }) => at + inMs);
  assert.deepEqual(
    starts.slice(51).map((at, index) => at - (starts[index + 50] ?? 0)),
    starts.slice(51).map(() => 20),
  );
});

test("frames in any order, with any number, leave the page playing", async () => {
  const page = await createPage();
  page.tell(first);
  for (const number of [9e15, -1, 7, 7, 3, 0, Number.MAX_SAFE_INTEGER, 8]) {
    page.tell([sound(number, number % 1_000), picture(number, 1e15, true)], { clockMs: -1e15, flushes: number });
    page.clock.advance(50);
  }
  page.tell([], { resting: true });
  page.clock.advance(10_000);
  assert.equal(phase(page), "connected");
  assert.ok(page.clock.waiting < 20, String(page.clock.waiting));
});

test("a page without decoders asks for frames that need none", async () => {
  const media = new FakeMedia(new FakeClock());
  media.plain = true;
  const page = createStage({ carrier: "messages" }, "live", {}, { createFrameParts: () => media.parts });
  page.show();
  await settle();
  assert.equal(page.model.of("subscribe")[0]?.plain, true);
  page.model.tellAnything(batch(first), [GOOD, GOOD]);
  page.clock.advance(1_000);
  await settle();
  page.clock.advance(1_000);
  await settle();
  assert.equal(page.player.store.get().measured?.codec, "JPEG");
});

test("what the user cuts off is not heard any more, however late Python hears of it", async () => {
  const page = await createPage();
  page.tell(first);
  page.model.tell(speech("s", "speaking"));
  page.player.interrupt();
  page.tell([sound(3, 20)]);
  assert.equal(page.media[0]?.played.length, 1);
  page.tell([sound(4, 40)], { flushes: 1 });
  assert.equal(page.media[0]?.played.length, 2);
  page.player.interrupt();
  page.clock.advance(CUT_MS);
  page.tell([sound(5, 60)], { flushes: 1 });
  assert.equal(page.media[0]?.played.length, 3);
  page.player.interrupt();
  page.model.tell(speech("next", "speaking"));
  page.tell([sound(6, 80)], { flushes: 1 });
  assert.equal(page.media[0]?.played.length, 4);
});

/** WebRTC is answered, and does not connect soon. */
async function createBlockedPage() {
  const page = await createPage("auto");
  page.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
  await settle();
  page.clock.advance(400);
  return page;
}

test("WebRTC that does not connect soon is joined by messages, without a word of a problem", async () => {
  const page = await createBlockedPage();
  assert.deepEqual(
    page.model.of("subscribe").map(({ peer }) => peer),
    ["p.2"],
  );
  page.tell(first, { peer: "p.2" });
  assert.equal(phase(page), "connected");
  assert.ok(!FakePeer.last.closed, "it may still come");
  assert.deepEqual(
    page.model.of("media").filter(({ playback }) => playback === "failed"),
    [],
  );
});

test("WebRTC that comes later takes over with its first picture, and the views are never without a track", async () => {
  const page = await createBlockedPage();
  page.tell(first, { peer: "p.2" });
  const before = page.stream.getTracks();
  FakePeer.last.connect();
  await settle();
  page.clock.advance(100);
  await settle();
  assert.deepEqual(page.stream.getTracks(), before, "it has no picture yet");
  FakePeer.last.stats = new Map([["v", { type: "inbound-rtp", kind: "video", framesDecoded: 1 }]]);
  let fewest = Infinity;
  const remove = page.stream.removeTrack.bind(page.stream);
  page.stream.removeTrack = (track) => {
    remove(track);
    fewest = Math.min(fewest, page.stream.getTracks().length);
  };
  page.clock.advance(100);
  await settle();
  assert.equal(page.player.store.get().connection.carrier, "webrtc");
  assert.ok(page.stream.getTracks().every((track) => !before.includes(track)));
  assert.ok(fewest >= 2);
  assert.deepEqual(page.model.of("hangup").at(-1)?.peer, "p.2");
  assert.equal(page.media[0]?.open.size, 0);
});

test("at rest WebRTC is not tried: it would count as activity", async () => {
  const page = await createBlockedPage();
  page.tell(first, { peer: "p.2", resting: true });
  FakePeer.last.become("failed");
  await settle();
  const offers = page.model.of("offer").length;
  page.clock.advance(3_600_000);
  await settle();
  assert.equal(page.model.of("offer").length, offers);
  page.tell([sound(3, 20)], { peer: "p.2" });
  page.clock.advance(2_000);
  page.tell([sound(4, 40)], { peer: "p.2" });
  for (let second = 0; second < 60; second += 1) {
    page.tell([sound(5 + second, 60 + second * 20)], { peer: "p.2" });
    page.clock.advance(1_000);
    await settle();
  }
  assert.ok(page.model.of("offer").length > offers);
});

test("the numbers name what carries the stream", async () => {
  const page = await createPage();
  page.model.tell(speech("s", "speaking"));
  for (let number = 1; number <= 100; number += 1) {
    page.tell([picture(number, number * 40, number === 1)]);
    page.clock.advance(40);
    await settle();
  }
  const { measured } = page.player.store.get();
  assert.equal(page.model.of("stats").at(-1)?.transport, "messages");
  assert.equal(measured?.codec, "VP8");
  assert.ok((measured?.fps ?? 0) > 20, String(measured?.fps));
});

test("a host that had given the page up counts from the start when it is asked again, and is seen and heard", async () => {
  const page = await createPage();
  page.tell(first);
  page.tell([picture(500, 9_000, true), sound(501, 9_000)], { flushes: 3 });
  page.clock.advance(SILENT_MS);
  assert.equal(page.model.of("subscribe").at(-1)?.peer, "p.1");
  const [media] = page.media;
  const [shown, played] = [media?.shown.length ?? 0, media?.played.length ?? 0];
  for (const at of [0, 20, 40]) {
    page.tell([picture(at / 10 + 1, 10_000 + at, at === 0), sound(at / 10 + 2, 10_000 + at)]);
    page.clock.advance(20);
  }
  page.clock.advance(1_000);
  assert.deepEqual([(media?.shown.length ?? 0) - shown, (media?.played.length ?? 0) - played], [3, 3]);
  assert.equal(page.model.of("acknowledge").at(-1)?.number, 6);
});

test("a host that counts from the start without a stall is seen and heard after one", async () => {
  const page = await createPage();
  page.tell(first);
  page.tell([picture(20, 9_000, true), sound(21, 9_000)], { flushes: 3 });
  const before = page.media[0]?.played.length ?? 0;
  // Its numbers are new ones in the end, but it has dropped less.
  for (let at = 20; at <= SILENT_MS + 1_000; at += 20) {
    page.tell([sound(at / 20, 10_000 + at)]);
    page.clock.advance(20);
  }
  assert.ok((page.media[0]?.played.length ?? 0) - before >= 45);
  assert.equal(phase(page), "connected");
});

test("its numbers are those of a peer connection: jitter, round trip, freezes", async () => {
  const page = await createPage();
  const entry = async (type: string): Promise<Record<string, unknown>> => {
    const report = (await page.player.stream?.getStats()) as Array<Record<string, unknown>>;
    return report.find((one) => one.type === type) ?? {};
  };
  page.tell(first);
  assert.equal((await entry("candidate-pair")).currentRoundTripTime, undefined);
  const atMs = page.model.of("acknowledge").at(-1)?.atMs ?? null;
  page.clock.advance(35);
  page.tell([sound(3, 20)], { clockMs: 35, echoMs: atMs });
  assert.equal((await entry("candidate-pair")).currentRoundTripTime, 0.035);
  assert.equal((await entry("inbound-rtp")).jitter, 0);
  page.clock.advance(36);
  page.tell([sound(4, 40)], { clockMs: 55 });
  assert.equal((await entry("inbound-rtp")).jitter, 0.001);
  assert.equal((await entry("inbound-rtp")).freezeCount, 0);
});
