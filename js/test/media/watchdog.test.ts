import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkMedia,
  INITIAL,
  type MediaCounters,
  resetForNewStream,
  type Trouble,
  type Verdict,
  type WatchContext,
  type WatchdogState,
} from "../../src/media/watchdog";

const WATCHED: WatchContext = { watched: true, speaking: false, audible: true };

interface Moment extends Partial<WatchContext> {
  /** New pictures since the look before. */
  readonly frames?: number;
  readonly energy?: number;
  readonly sounded?: number;
}

/** A stream looked at twice a second. */
class StreamUnderWatch {
  state: WatchdogState = INITIAL;
  readonly reports: Array<readonly [number, Trouble, boolean]> = [];
  at = 0;
  frames = 0;
  energy = 0;
  sounded = 0;

  see(moment: Moment = {}): Verdict | null {
    this.at += 500;
    this.frames += moment.frames ?? 12;
    this.energy += moment.energy ?? 0;
    this.sounded += moment.sounded ?? 0.5;
    const counters: MediaCounters = {
      at: this.at,
      framesDecoded: this.frames,
      audioEnergy: this.energy,
      audioSeconds: this.sounded,
    };
    const [state, verdict] = checkMedia(this.state, counters, { ...WATCHED, ...moment });
    this.state = state;
    if (verdict) this.reports.push([this.at, verdict.trouble, verdict.rebuild]);
    return verdict;
  }

  for(seconds: number, moment: Moment = {}): void {
    for (let looks = 0; looks < seconds * 2; looks += 1) this.see(moment);
  }

  rebuilt(): void {
    this.state = resetForNewStream(this.state);
    this.frames = 0;
    this.see({ watched: false, frames: 0 });
  }
}

test("a picture that stands still is told within three seconds, once", () => {
  const stream = new StreamUnderWatch();
  stream.for(5);
  const from = stream.at;
  stream.for(20, { frames: 0 });
  assert.deepEqual(
    stream.reports.map(([, trouble, rebuild]) => [trouble, rebuild]),
    [["frozen", true]],
  );
  const after = (stream.reports.map(([at]) => at)[0] ?? 0) - from;
  assert.ok(after >= 2_000 && after <= 3_000, `${after} ms`);
});

test("two pictures a second are a picture", () => {
  const stream = new StreamUnderWatch();
  for (let second = 0; second < 60; second += 1) stream.for(1, { frames: second % 2 });
  assert.equal(stream.reports.length, 0);
});

test("the first picture may take longer, but not for ever", () => {
  const stream = new StreamUnderWatch();
  stream.for(7.5, { frames: 0 });
  assert.equal(stream.reports.length, 0);
  stream.for(2, { frames: 0 });
  assert.deepEqual(
    stream.reports.map(([, trouble]) => trouble),
    ["never"],
  );
});

test("a picture that froze before the first look at it is a frozen picture, not an awaited one", () => {
  for (const [pictures, trouble] of [
    [1, "frozen"],
    [40, "frozen"],
    [0, undefined],
  ] as const) {
    const stream = new StreamUnderWatch();
    stream.see({ frames: pictures });
    const from = stream.at;
    stream.for(3, { frames: 0 });
    assert.equal(stream.reports[0]?.[1], trouble, `${pictures} pictures before the first look`);
    if (trouble) assert.ok((stream.reports[0]?.[0] ?? 0) - from <= 2_500);
  }
});

test("a picture that froze while nobody looked is told once somebody does", () => {
  const stream = new StreamUnderWatch();
  stream.for(0.5, { watched: false, frames: 30 });
  stream.for(60, { watched: false, frames: 0 });
  stream.for(3, { frames: 0 });
  assert.deepEqual(
    stream.reports.map(([, trouble]) => trouble),
    ["frozen"],
  );
});

test("a page so busy that every look is late notices all the same", () => {
  const stream = new StreamUnderWatch();
  stream.for(5);
  for (let looks = 0; looks < 12; looks += 1) {
    stream.at += 2_000;
    stream.see({ frames: 0 });
  }
  assert.deepEqual(
    stream.reports.map(([, trouble]) => trouble),
    ["frozen"],
  );
});

test("nobody looks: nothing is said, and the time does not count afterwards", () => {
  const stream = new StreamUnderWatch();
  stream.for(5);
  stream.for(60, { frames: 0, watched: false });
  stream.for(2, { frames: 0 });
  assert.equal(stream.reports.length, 0);
});

test("a page that slept has not seen what happened", () => {
  const stream = new StreamUnderWatch();
  stream.for(5);
  stream.at += 60_000;
  stream.for(2, { frames: 0 });
  assert.equal(stream.reports.length, 0);
});

test("rebuilt twice in a row at most, then only told; a success forgives", () => {
  const stream = new StreamUnderWatch();
  for (let times = 0; times < 4; times += 1) {
    stream.for(3);
    stream.for(4, { frames: 0 });
    stream.rebuilt();
  }
  assert.deepEqual(
    stream.reports.map(([, , rebuild]) => rebuild),
    [true, true, false, false],
  );
  stream.for(10);
  stream.for(4, { frames: 0 });
  assert.deepEqual(stream.reports.at(-1)?.slice(1), ["frozen", true]);
});

test("a picture that comes back by itself can freeze again", () => {
  const stream = new StreamUnderWatch();
  stream.for(3);
  stream.for(10, { frames: 0 });
  stream.for(3);
  stream.for(4, { frames: 0 });
  assert.equal(stream.reports.length, 2);
});

test("speech without sound is told within three seconds, once per speech", () => {
  const stream = new StreamUnderWatch();
  stream.for(5);
  const from = stream.at;
  stream.for(10, { speaking: true });
  assert.deepEqual(
    stream.reports.map(([at, trouble, rebuild]) => [at - from, trouble, rebuild]),
    [[2_500, "silent", true]],
  );
  stream.rebuilt();
  stream.for(10, { speaking: true });
  assert.equal(stream.reports.length, 1, "one rebuild per speech");
});

test("a speech that was heard may pause", () => {
  const stream = new StreamUnderWatch();
  stream.for(2);
  stream.for(2, { speaking: true });
  stream.for(0.5, { speaking: true, energy: 1e-3 });
  stream.for(20, { speaking: true });
  assert.equal(stream.reports.length, 0);
});

test("hiss is no speech", () => {
  const stream = new StreamUnderWatch();
  stream.for(2);
  stream.for(5, { speaking: true, energy: 1e-9 });
  assert.equal(stream.reports.length, 1);
});

test("sound that the browser or the user holds back is not missed", () => {
  for (const moment of [{ audible: false }, { sounded: 0 }]) {
    const stream = new StreamUnderWatch();
    stream.for(5);
    stream.for(10, { speaking: true, ...moment });
    assert.equal(stream.reports.length, 0);
  }
});

test("a browser that does not tell of energy is not judged", () => {
  let watch = INITIAL;
  for (let at = 0; at < 20_000; at += 500) {
    const [next, verdict] = checkMedia(
      watch,
      { at, framesDecoded: at, audioEnergy: null, audioSeconds: null },
      { ...WATCHED, speaking: at > 2_000 },
    );
    watch = next;
    assert.equal(verdict, null);
  }
});

test("silent speeches are rebuilt for twice in a row, then only told; a heard one forgives", () => {
  const stream = new StreamUnderWatch();
  const speech = (energy: number): void => {
    stream.for(1);
    stream.for(4, { speaking: true, energy });
  };
  for (let times = 0; times < 3; times += 1) speech(0);
  assert.deepEqual(
    stream.reports.map(([, , rebuild]) => rebuild),
    [true, true, false],
  );
  speech(1e-3);
  speech(0);
  assert.equal(stream.reports.at(-1)?.[2], true);
});
