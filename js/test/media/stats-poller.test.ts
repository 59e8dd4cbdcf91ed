import assert from "node:assert/strict";
import { test } from "node:test";
import { type PollTarget, StatsPoller } from "../../src/media/stats-poller";
import { type AvatarStream, UNSUPPORTED } from "../../src/streams/stream";
import { FakeClock, settle } from "../support/fakes";

/** A stream that has decoded so many pictures; `answers` false: the browser never says. */
class CountedStream {
  frames = 0;
  answers = true;
  readonly any: AvatarStream = {
    ...UNSUPPORTED,
    kind: "livekit",
    getStats: () =>
      this.answers
        ? Promise.resolve([{ id: "v", type: "inbound-rtp", kind: "video", timestamp: 0, framesDecoded: this.frames }])
        : new Promise(() => undefined),
  };
}

function startPolling() {
  const clock = new FakeClock();
  const target = { watched: false, speaking: false, audible: true, stream: null as AvatarStream | null };
  const troubles: Array<readonly [number, string]> = [];
  const scope = new AbortController();
  const poller = new StatsPoller(
    {
      clock,
      getTarget: (): PollTarget => ({ ...target }),
      onMeasured: () => undefined,
      onTrouble: ({ what }) => troubles.push([clock.now(), what ?? ""]),
    },
    scope.signal,
  );
  /** Lets `ms` pass in steps in which the browser can answer. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50);
      await settle();
    }
  };
  return { clock, target, troubles, poller, pass };
}

test("a server that stops within half a second of the first picture is told within three seconds", async () => {
  for (const beforeStop of [0, 50, 250, 450, 500, 550, 950, 1_450]) {
    const { clock, target, troubles, pass } = startPolling();
    const stream = new CountedStream();
    await pass(300);
    Object.assign(target, { stream: stream.any, watched: true });
    stream.frames = 2;
    for (let passed = 0; passed < beforeStop; passed += 50) {
      await pass(50);
      stream.frames += 1;
    }
    const stoppedAt = clock.now();
    await pass(6_000);
    assert.deepEqual(
      troubles.map(([, what]) => what),
      ["The picture froze; connecting again."],
    );
    const toldMs = (troubles[0]?.[0] ?? 0) - stoppedAt;
    assert.ok(toldMs >= 1_500 && toldMs < 3_000, `${beforeStop} ms of pictures: told after ${toldMs} ms`);
  }
});

test("a stream whose numbers never come does not keep the next from being watched", async () => {
  const { target, troubles, poller, pass } = startPolling();
  const mute = new CountedStream();
  mute.answers = false;
  Object.assign(target, { stream: mute.any, watched: true });
  await pass(2_000);
  const next = new CountedStream();
  next.frames = 5;
  poller.reset();
  target.stream = next.any;
  await pass(4_000);
  assert.equal(troubles.length, 1);
});
