// A recording on its way: bounded, whole and in order, whatever gets lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PIECE_BYTES } from "../../src/model/messages";
import {
  AGAIN_MS,
  GONE_MS,
  MOST_BYTES,
  MOST_UNDER_WAY,
  type Piece,
  PieceSender,
} from "../../src/recording-bundle/piece-sender";
import { FakeClock } from "../support/fakes";

function createSender() {
  const clock = new FakeClock();
  const sent: number[] = [];
  const waiting: number[] = [];
  const bytes = new Map<number, ArrayBuffer>();
  const gone: number[] = [];
  const send = (piece: Piece, left: number): void => {
    sent.push(piece.number);
    waiting.push(left);
    bytes.set(piece.number, piece.bytes);
  };
  const sender = new PieceSender(clock, send, () => gone.push(clock.now()));
  return { clock, sent, waiting, bytes, sender, gone };
}

test("pieces have a bounded size, and together all the bytes", () => {
  const { sent, bytes, sender } = createSender();
  const data = Uint8Array.from({ length: 2 * PIECE_BYTES + 5 }, (_, index) => index % 251);
  sender.add(data.buffer, 0);
  assert.deepEqual(sent, [1, 2, 3]);
  assert.ok([...bytes.values()].every(({ byteLength }) => byteLength <= PIECE_BYTES));
  const joined = [...bytes.values()].flatMap((part) => [...new Uint8Array(part)]);
  assert.deepEqual(joined, [...data]);
});

test("so many are under way at most; what Python has taken makes room for more", () => {
  const { sent, waiting, sender } = createSender();
  for (let index = 0; index < 20; index += 1) sender.add(new ArrayBuffer(10), index);
  assert.equal(sent.length, MOST_UNDER_WAY);
  assert.deepEqual(waiting.slice(0, 3), [10, 20, 30]);
  sender.take(2);
  assert.deepEqual(sent.slice(MOST_UNDER_WAY), [MOST_UNDER_WAY + 1, MOST_UNDER_WAY + 2]);
  sender.take(2);
  sender.take(99);
  assert.equal(sent.length, MOST_UNDER_WAY + 2, "what was not sent cannot have come");
});

test("what is not taken is sent again, one alone and ever more seldom, and nothing is left out", () => {
  const { clock, sent, sender } = createSender();
  const arrived: number[] = [];
  for (let index = 0; index < 10; index += 1) sender.add(new ArrayBuffer(1), index);
  sent.length = 0; // all of them got lost
  clock.advance(AGAIN_MS + 2 * AGAIN_MS);
  assert.deepEqual(sent, [1, 1]);
  arrived.push(...sent.splice(0).slice(0, 1));
  while (arrived.length < 10) {
    sender.take(arrived.length);
    arrived.push(...sent.splice(0).filter((number) => number === arrived.length + 1));
    while (sent.length > 0) sent.shift();
    clock.advance(AGAIN_MS);
  }
  assert.deepEqual(arrived, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("a kernel that was only busy gets nothing twice but the one that was tried", () => {
  const { clock, sent, sender } = createSender();
  for (let index = 0; index < 8; index += 1) sender.add(new ArrayBuffer(1), index);
  clock.advance(AGAIN_MS);
  sender.take(MOST_UNDER_WAY); // it comes to all of them at once
  assert.deepEqual(sent, [1, 2, 3, 4, 5, 6, 1, 7, 8]);
});

test("more than may be kept is told, and that all was taken as well", () => {
  const { sender } = createSender();
  let empty = 0;
  sender.add(new ArrayBuffer(MOST_BYTES), 0);
  assert.equal(sender.full, false);
  sender.add(new ArrayBuffer(1), 0);
  assert.equal(sender.full, true);
  sender.whenEmpty(() => {
    empty += 1;
  });
  for (let number = 1; number <= MOST_BYTES / PIECE_BYTES + 2; number += 1) sender.take(number);
  assert.deepEqual([sender.full, empty], [false, 1]);
});

test("what got lost is sent again also while more is recorded", () => {
  const { clock, sent, sender } = createSender();
  for (let at = 0; at <= AGAIN_MS; at += 250) {
    sender.add(new ArrayBuffer(1), at);
    clock.advance(250);
  }
  assert.deepEqual(sent, [1, 2, 3, 4, 5, 6, 1]);
});

test("who takes nothing for very long is given up, and who takes a little now and then is not", () => {
  const { clock, sender, gone } = createSender();
  for (let number = 1; number <= 5; number += 1) {
    for (let at = 0; at < GONE_MS - AGAIN_MS; at += 1_000) {
      sender.add(new ArrayBuffer(1), at);
      clock.advance(1_000);
    }
    sender.take(number);
  }
  assert.deepEqual(gone, []);
  clock.advance(2 * GONE_MS);
  assert.equal(gone.length, 1);
  assert.equal(clock.waiting, 0);
});

test("nothing to send is nobody's fault", () => {
  const { clock, sender, gone } = createSender();
  clock.advance(2 * GONE_MS);
  sender.add(new ArrayBuffer(1), 0);
  clock.advance(2 * AGAIN_MS);
  assert.deepEqual(gone, []);
});
