// When sound that comes in messages is played.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PlayoutClock } from "../../src/media/playout-clock";

/** Places sound that was sent in its time. */
function place(clock: PlayoutClock, atMs: number, now: number): number {
  const due = clock.place(atMs, atMs, now);
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

test("after a stall what piled up is caught up with", () => {
  const clock = new PlayoutClock();
  // All of the second second comes a second late, and after it the line is as before.
  play(clock, 50, () => 10);
  play(clock, 50, () => 1_000, 1_000);
  const early = play(clock, 300, () => 10, 2_000);
  assert.ok((early.at(-1) ?? 0) < 240, String(early.at(-1)));
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
