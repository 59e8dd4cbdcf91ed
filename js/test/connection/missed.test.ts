// What a page has not heard, since its way to the stream broke, is told once it has one again.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attempt } from "../../src/connection/attempts";
import { TAKE_OVER_MS } from "../../src/connection/carrier";
import { LEAST_MS, Missed } from "../../src/connection/missed";
import { FakePeer, settle } from "../support/fakes";
import { batch, FakeMedia, GOOD, picture, sound } from "../support/frames";
import { createStage, showLive } from "../support/player";

type Live = Awaited<ReturnType<typeof showLive>>;

const told = ({ model }: Pick<Live, "model">): number[] => {
  const past = FakePeer.all.flatMap(({ channel }) => channel.sent.filter(({ type }) => type === "missed"));
  return [...model.of("missed"), ...past].map((message) => ("ms" in message ? message.ms : 0));
};

/** A peer whose sound was last heard so long ago. */
const unheard = (peer: FakePeer, ms: number): void => {
  peer.playedAt = performance.timeOrigin + performance.now() - ms;
};

/** WebRTC breaks, and is made anew `awayMs` later. */
async function breaks(live: Live, unheardMs: number, awayMs: number): Promise<void> {
  unheard(FakePeer.last, unheardMs);
  FakePeer.last.become("failed");
  await settle();
  live.clock.advance(awayMs);
  await settle();
  const { peer } = live.model.of("offer").at(-1) ?? assert.fail();
  live.model.tell({ type: "answer", page: "p", peer, sdp: "answer", iceServers: [] });
  await settle();
  FakePeer.last.connect();
  await settle();
}

test("a new connection in place of one that broke tells what was missed", async () => {
  const live = await showLive({ carrier: "webrtc" });
  assert.deepEqual(told(live), [], "nothing before the first");
  await breaks(live, 2_000, 600);
  const [ms = 0] = told(live);
  assert.ok(Math.abs(ms - 2_600) < 100, `${ms}`);
  await breaks(live, 100, 1_100);
  assert.equal(told(live).length, 2);
});

test("what is hardly missed is not told, what is long past is, and nothing is told twice", () => {
  const attempt = (unheardMs: number | null): Attempt => ({ number: 1, stream: { unheardMs } }) as unknown as Attempt;
  const after = (unheardMs: number | null): (number | null)[] => {
    const missed = new Missed();
    missed.note(attempt(unheardMs), 9);
    return [missed.take(2, [], 9), missed.take(2, [], 9)];
  };
  assert.deepEqual(after(LEAST_MS - 1), [null, null]);
  assert.deepEqual(after(LEAST_MS), [LEAST_MS, null]);
  assert.deepEqual(after(3_600_000), [3_600_000, null]);
  assert.deepEqual(after(null), [null, null]);
  assert.equal(new Missed().take(2, [attempt(3_000)], 9), 3_000, "of one that is still open");
  assert.equal(new Missed().take(1, [attempt(3_000)], 9), null, "and not of the one that is here");
});

test("a connection that was interrupted and goes on tells it as well", async () => {
  const live = await showLive({ carrier: "webrtc" });
  unheard(FakePeer.last, 1_000);
  FakePeer.last.become("disconnected");
  live.clock.advance(1_000);
  unheard(FakePeer.last, 0);
  FakePeer.last.become("connected");
  await settle();
  const [ms = 0] = told(live);
  assert.ok(Math.abs(ms - 2_000) < 100, `${ms}`);
});

test("messages that take over from WebRTC that broke tell it; WebRTC that takes over from messages has nothing to tell", async () => {
  const media: FakeMedia[] = [];
  const stage = createStage(
    { carrier: "auto" },
    "live",
    {},
    {
      createFrameParts: () => {
        media.push(new FakeMedia(stage.clock));
        return (media.at(-1) as FakeMedia).parts;
      },
    },
  );
  stage.show();
  await settle();
  stage.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
  await settle();
  FakePeer.last.connect();
  await settle();
  unheard(FakePeer.last, 3_000);
  FakePeer.last.become("disconnected");
  await settle();
  const { peer } = stage.model.of("subscribe").at(-1) ?? assert.fail();
  assert.deepEqual(told(stage), []);
  stage.model.tellAnything(batch([picture(1, 0, true)], { peer }), [GOOD]);
  await settle();
  const [ms = 0, ...more] = told(stage);
  assert.ok(Math.abs(ms - 3_000) < 100 && more.length === 0, `${ms}`);
  FakePeer.last.stats = new Map([["v", { type: "inbound-rtp", kind: "video", framesDecoded: 1 }]]);
  FakePeer.last.become("connected");
  stage.clock.advance(200);
  await settle();
  assert.equal(stage.player.store.get().connection.carrier, "webrtc");
  assert.equal(told(stage).length, 1);
});

const first = picture(1, 0, true);
/** Sent ahead of its time. */
const ahead = [first, ...Array.from({ length: 100 }, (_, index) => sound(index + 2, index * 20))];
for (const [stillMs, frames, missedMs] of [
  [2_000, [first], 2_000],
  [4_000, [first], 4_000],
  [1_900, ahead, null],
  [300, [first], null],
] as const) {
  const what = missedMs === null ? "nothing" : "what they did not bring";
  test(`WebRTC that takes over from messages of ${frames.length} frames that stand still for ${stillMs} ms tells ${what}`, async () => {
    const createFrameParts = () => new FakeMedia(stage.clock).parts;
    const stage = createStage({ carrier: "auto" }, "live", {}, { createFrameParts });
    stage.show();
    await settle();
    stage.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
    await settle();
    stage.clock.advance(TAKE_OVER_MS);
    await settle();
    const { peer } = stage.model.of("subscribe").at(-1) ?? assert.fail();
    stage.model.tellAnything(
      batch([...frames], { peer, clockMs: 0 }),
      frames.map(() => GOOD),
    );
    stage.clock.advance(stillMs);
    FakePeer.last.stats = new Map([["v", { type: "inbound-rtp", kind: "video", framesDecoded: 1 }]]);
    FakePeer.last.become("connected");
    await settle();
    for (let look = 0; look < 8; look += 1) {
      stage.clock.advance(50);
      await settle();
    }
    assert.equal(stage.player.store.get().connection.carrier, "webrtc");
    const [ms = null, ...more] = told(stage);
    assert.ok(missedMs === null ? ms === null : ms !== null && Math.abs(ms - missedMs) < 300, `${ms}`);
    assert.deepEqual(more, []);
  });
}

test("messages that come again after a stall tell nothing: the host knows which were lost", async () => {
  const stage = createStage(
    { carrier: "messages" },
    "live",
    {},
    { createFrameParts: () => new FakeMedia(stage.clock).parts },
  );
  stage.show();
  await settle();
  stage.model.tellAnything(batch([picture(1, 0, true)]), [GOOD]);
  stage.clock.advance(4_000);
  const { stream } = stage.player.store.get().connection;
  assert.ok(stream.phase === "connected" && stream.interrupted);
  stage.model.tellAnything(batch([picture(50, 4_000, true)], { clockMs: 4_000 }), [GOOD]);
  await settle();
  assert.deepEqual(told(stage), []);
  const [hole] = stage.model.of("acknowledge").filter(({ lostFrom = 0 }) => lostFrom > 0);
  assert.deepEqual([hole?.lostFrom, hole?.lostTo], [2, 49]);
});

test("what was closed beside messages says nothing of what they have brought", async () => {
  const media: FakeMedia[] = [];
  const createFrameParts = () => {
    media.push(new FakeMedia(stage.clock));
    return (media.at(-1) as FakeMedia).parts;
  };
  const stage = createStage({ carrier: "auto" }, "live", {}, { createFrameParts });
  stage.show();
  await settle();
  stage.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
  await settle();
  FakePeer.last.connect();
  unheard(FakePeer.last, 3_000);
  FakePeer.last.become("disconnected");
  await settle();
  const { peer } = stage.model.of("subscribe").at(-1) ?? assert.fail();
  for (let at = 0; at < 5; at += 1) {
    stage.model.tellAnything(batch([picture(at + 1, at * 1_000, true)], { peer, clockMs: at * 1_000 }), [GOOD]);
    stage.clock.advance(1_000);
    await settle();
  }
  assert.equal(FakePeer.last.closed, true, "WebRTC was given up");
  stage.clock.advance(4_000); // and messages are late
  await settle();
  stage.model.tellAnything(batch([picture(6, 9_000, true)], { peer, clockMs: 9_000 }), [GOOD]);
  await settle();
  assert.equal(told(stage).length, 1);
});
