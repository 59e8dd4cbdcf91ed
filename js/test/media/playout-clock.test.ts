// When sound that comes in messages is played.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PlayoutClock } from "../../src/media/playout-clock";

const LOUD = { ms: 20, quiet: false };

/** Places sound that was sent in its time. */
function place(clock: PlayoutClock, atMs: number, now: number): number {
  const due = clock.place(atMs, atMs, now, LOUD);
  assert.ok(due !== null);
  return due;
}

/** Sound of 20 ms each that comes `delayMs(index)` after it was sent; how early each was for its time. */
function play(clock: PlayoutClock, count: number, delayMs: (index: number) => number, from = 0): number[] {
  const early: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const now = from + index * 20 + delayMs(index);
    early.push(place(clock, from + index * 20, now) - now);
  }
  return early;
}

test("sound on a steady line is held for one and the same time, 40 to 100 ms", () => {
  const held = new Set(play(new PlayoutClock(), 50, () => 30));
  assert.equal(held.size, 1);
  const [ms = 0] = held;
  assert.ok(ms >= 40 && ms <= 100, String(ms));
});

test("what comes unevenly within that is played evenly", () => {
  const clock = new PlayoutClock();
  const due = Array.from({ length: 40 }, (_, index) => place(clock, index * 20, index * 20 + (index % 3) * 20));
  for (let index = 1; index < due.length; index += 1) assert.equal((due[index] ?? 0) - (due[index - 1] ?? 0), 20);
});

test("sound that is too late makes the buffer longer, and the next such delay is not heard", () => {
  const clock = new PlayoutClock();
  const before = clock.targetMs;
  const late = (index: number) => (index % 25 === 24 ? 105 : 10);
  play(clock, 25, late);
  assert.ok(clock.targetMs > before);
  play(clock, 25, late, 500);
  const early = play(clock, 25, late, 1_000);
  assert.ok(Math.min(...early) >= 0);
});

test("a buffer does not grow for ever", () => {
  const clock = new PlayoutClock();
  play(clock, 400, (index) => (index % 2) * 2_000);
  assert.ok(clock.targetMs <= 240);
});

/** Words of 400 ms with so much silence after each: when each 20 ms of a word are played, and how early for their time. */
function talk(clock: PlayoutClock, words: number, silenceMs: number, delayMs: (atMs: number) => number) {
  const starts: number[] = [];
  let early = 0;
  for (let atMs = 0; atMs < words * (400 + silenceMs); atMs += 20) {
    const quiet = atMs % (400 + silenceMs) >= 400;
    const now = atMs + delayMs(atMs);
    const due = clock.place(atMs, atMs, now, { ms: 20, quiet });
    if (quiet) continue;
    assert.ok(due !== null, `a word lacks what is at ${atMs} ms`);
    starts.push(due);
    early = due - now;
  }
  return { starts, early };
}

for (const [what, mostMs, delayMs] of [
  ["as a speech begins", 300, (atMs: number) => Math.max(20, 600 - atMs)],
  ["in the midst of it", 300, (atMs: number) => (atMs >= 1_000 && atMs < 2_000 ? 2_000 - atMs : 20)],
  ["again and again", 800, (atMs: number) => 20 + (atMs % 3_000 < 500 ? 500 - (atMs % 3_000) : 0)],
] as const) {
  test(`no word is lost to a stall ${what}, and silence makes up for it`, () => {
    const { starts, early } = talk(new PlayoutClock(), 40, 80, delayMs);
    for (const [index, at] of starts.slice(1).entries()) {
      assert.ok(at >= (starts[index] ?? 0) + 20, `cut off at ${index}`);
    }
    assert.ok(early <= mostMs, String(early));
  });
}

test("a phrase that comes quicker than the one before does not cut that off", () => {
  const clock = new PlayoutClock();
  // The first is held up by a second; the next begins 120 ms after its end.
  for (let atMs = 0; atMs < 400; atMs += 20) clock.place(atMs, atMs, 1_000 + atMs, LOUD);
  const last = clock.dueAt(380) ?? 0;
  const due = clock.place(520, 520, 540, LOUD);
  assert.ok((due ?? 0) >= last + 20, String(due));
});

test("what the speaker plays later moves all that follows, pictures too", () => {
  const clock = new PlayoutClock();
  const due = place(clock, 0, 0);
  clock.delay(70);
  assert.equal(place(clock, 20, 20), due + 20 + 70);
  assert.equal(clock.dueAt(0), due + 70);
});

test("pictures follow the sound, also while there is none", () => {
  const clock = new PlayoutClock();
  assert.equal(clock.dueAt(0), null);
  const due = place(clock, 1_000, 5_000);
  assert.equal(clock.dueAt(1_040), due + 40);
  clock.restart();
  assert.equal(clock.dueAt(1_040), due + 40);
});

test("a new speech, or one after a flush, begins anew", () => {
  const clock = new PlayoutClock();
  play(clock, 10, () => 10);
  assert.equal(place(clock, 5_000, 9_000), 9_000 + clock.targetMs);
  clock.restart();
  assert.equal(place(clock, 5_020, 9_500), 9_500 + clock.targetMs);
});
