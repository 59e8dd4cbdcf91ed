// The microphone's sound by messages: cut, numbered, bounded.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DEAF_MS,
  MOST_UNDER_WAY,
  MOST_WAITING,
  type Piece,
  PieceCutter,
  PieceWindow,
  TRY_EVERY_MS,
} from "../../src/microphone-bundle/pieces";
import { FakeClock } from "../support/fakes";

test("blocks of any length become pieces of one, and the rest is not lost", () => {
  const pieces: number[][] = [];
  const cutter = new PieceCutter(4, (samples) => pieces.push([...samples]));
  cutter.add(new Float32Array([0, 0.5, -0.5]));
  cutter.add(new Float32Array([1, -1, 7, -7, 0, 0, 0]));
  cutter.flush();
  cutter.flush();
  assert.deepEqual(pieces, [
    [0, 16_384, -16_383, 32_767],
    [-32_767, 32_767, -32_767, 0],
    [0, 0],
  ]);
});

function createWindow() {
  const clock = new FakeClock();
  const sent: Piece[] = [];
  const line = new PieceWindow(
    (piece) => sent.push(piece),
    () => clock.now(),
  );
  const add = (count: number): void => {
    for (let n = 0; n < count; n += 1) {
      clock.advance(60);
      line.add(new Int16Array(1));
    }
  };
  const numbers = (): number[] => sent.map(({ number }) => number);
  return { clock, line, add, numbers, sent };
}

test("a line that takes everything gets everything at once, numbered from one", () => {
  const { line, add, numbers } = createWindow();
  for (let round = 1; round <= 100; round += 1) {
    add(1);
    line.take(round);
  }
  assert.deepEqual(
    numbers(),
    Array.from({ length: 100 }, (_, index) => index + 1),
  );
  assert.equal(line.deaf, false);
});

test("a line that stands still gets so many and no more, but for a try now and then; what waits is the newest", () => {
  const { line, add, numbers } = createWindow();
  add(MOST_UNDER_WAY);
  assert.equal(numbers().length, MOST_UNDER_WAY);
  assert.equal(line.deaf, false);
  add(600);
  assert.ok(line.deaf);
  const tries = Math.ceil((616 * 60 - DEAF_MS) / TRY_EVERY_MS);
  assert.ok(Math.abs(numbers().length - MOST_UNDER_WAY - tries) <= 2, `${numbers().length}`);
  const before = numbers().length;
  line.take(numbers().at(-1) as number);
  assert.equal(line.deaf, false);
  const after = numbers().slice(before);
  assert.ok(after.length >= MOST_WAITING - 1);
  assert.equal(after.at(-1), 616, "the newest is sent, the oldest was dropped");
});

test("news of what came that is late, doubled or made up changes nothing", () => {
  const { line, add, numbers } = createWindow();
  add(4);
  line.take(3);
  for (const number of [1, 3, 99, -1]) line.take(number);
  add(MOST_UNDER_WAY - 1);
  assert.equal(numbers().at(-1), 3 + MOST_UNDER_WAY);
});
