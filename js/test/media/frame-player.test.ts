// Frames that come in messages, decoded and played in time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../support/fakes";
import { BAD, bytes, FakeMedia, GOOD, picture, sound } from "../support/frames";

function createPlayer() {
  const clock = new FakeClock();
  const media = new FakeMedia(clock);
  const broken: unknown[] = [];
  const player = media.player((error) => broken.push(error));
  return { clock, media, player, broken };
}

test("before any sound pictures are shown as they come", () => {
  const { media, player } = createPlayer();
  player.take(picture(1, 0, true), bytes(1), 0);
  player.take(picture(2, 40), bytes(2), 40);
  assert.deepEqual(
    media.shown.map(({ first }) => first),
    [1, 2],
  );
});

test("a picture is shown when its sound is heard", () => {
  const { clock, media, player } = createPlayer();
  player.take(sound(1, 100), GOOD, 100);
  const heardAt = media.played[0]?.inMs ?? 0;
  player.take(picture(2, 120, true), GOOD, 120);
  assert.deepEqual(media.shown, []);
  clock.advance(heardAt + 20);
  assert.deepEqual(media.shown, [{ at: heardAt + 20, first: 1 }]);
});

test("pictures that cannot be decoded wait for one that stands by itself", () => {
  const { media, player } = createPlayer();
  player.take(picture(1, 0), GOOD, 0);
  assert.ok(player.keyNeeded);
  player.take(picture(2, 40, true), bytes(2), 40);
  assert.ok(!player.keyNeeded);
  player.skipToKey();
  player.take(picture(5, 80), GOOD, 80);
  assert.ok(player.keyNeeded);
  player.take(picture(6, 120, true), bytes(6), 120);
  assert.deepEqual(
    media.shown.map(({ first }) => first),
    [2, 6],
  );
  assert.equal(player.counters.dropped, 2);
});

test("one that waits for its time is not asked for again", () => {
  const { player } = createPlayer();
  player.take(sound(1, 0), GOOD, 0);
  player.take(picture(2, 0, true), GOOD, 0);
  assert.ok(!player.keyNeeded);
});

test("garbage costs a decoder, and the next picture that stands by itself is shown", () => {
  const { media, player, broken } = createPlayer();
  player.take(picture(1, 0, true), BAD, 0);
  assert.ok(player.keyNeeded);
  player.take(picture(2, 40, true), GOOD, 40);
  assert.equal(media.shown.length, 1);
  assert.equal(media.decoders, 2);
  assert.deepEqual(broken, []);
});

test("a packet of garbage is one packet of silence", () => {
  const { media, player, broken } = createPlayer();
  for (const [number, data] of [GOOD, BAD, GOOD].entries()) {
    player.take(sound(number + 1, number * 20), data, number * 20);
  }
  assert.equal(media.played.length, 2);
  assert.deepEqual(broken, []);
});

test("a flush is silence, and what comes then is played", () => {
  const { clock, media, player } = createPlayer();
  player.take(sound(1, 0), GOOD, 0);
  player.flush();
  assert.equal(media.silenced, 1);
  clock.advance(500);
  player.take(sound(2, 0), GOOD, 0);
  assert.equal(media.played.length, 2);
  assert.equal(media.played[1]?.inMs, player.soundHeldMs);
});

test("sound that comes ahead of its time is played in its time, and pictures with it", () => {
  const { clock, media, player } = createPlayer();
  for (let index = 0; index < 75; index += 1) player.take(sound(index + 1, index * 20), GOOD, 0);
  const [first] = media.played;
  assert.deepEqual(
    media.played.map(({ inMs }) => inMs - (first?.inMs ?? 0)),
    media.played.map((_, index) => index * 20),
  );
  clock.advance(600);
  player.take(picture(76, 600, true), GOOD, 600);
  assert.equal(media.shown.length, 0);
  clock.advance(player.soundHeldMs);
  assert.equal(media.shown.length, 1);
});

test("how far pictures are behind their sound is measured, while there is sound", () => {
  const { clock, player } = createPlayer();
  player.take(picture(1, 0, true), GOOD, 0);
  assert.equal(player.takeOffsetMs(), null);
  for (let index = 0; index < 50; index += 1) player.take(sound(index + 2, index * 20), GOOD, 0);
  clock.advance(player.soundHeldMs + 100);
  player.take(picture(60, 70), GOOD, 100);
  player.take(picture(61, 90), GOOD, 100);
  assert.equal(player.takeOffsetMs(), 20);
  clock.advance(2_000);
  player.take(picture(62, 1_900), GOOD, 1_900);
  assert.equal(player.takeOffsetMs(), null);
});

test("a stall as long as what is there ahead is not heard", () => {
  const { clock, media, player } = createPlayer();
  const take = (from: number, to: number, clockMs: number): void => {
    for (let index = from; index < to; index += 1) player.take(sound(index + 1, index * 20), GOOD, clockMs);
  };
  take(0, 75, 0);
  clock.advance(1_400);
  take(75, 145, 1_000);
  const ends = media.played.map(({ at, inMs }) => at + inMs + 20);
  const starts = media.played.map(({ at, inMs }) => at + inMs);
  assert.deepEqual(starts.slice(1), ends.slice(0, -1));
});

test("sound that was lost and comes again fills its hole, once, or comes too late", () => {
  const { clock, media, player } = createPlayer();
  for (const index of [0, 1, 5, 6]) player.take(sound(index + 1, index * 20), GOOD, 0);
  for (const again of [2, 3, 4, 4, 1]) player.take(sound(again + 10, again * 20), GOOD, 20);
  const fill = media.played.slice(4);
  assert.deepEqual(
    fill.map(({ inMs, late }) => [inMs - (media.played[0]?.inMs ?? 0), late]),
    [2, 3, 4].map((index) => [index * 20, true]),
  );
  clock.advance(2_000);
  player.take(sound(30, 50), GOOD, 20);
  assert.equal(media.played.length, 7);
});

test("what is heard is counted, as the watchdog wants it", () => {
  const { media, player } = createPlayer();
  for (let index = 0; index < 50; index += 1) {
    player.take(sound(index + 1, index * 20), GOOD, index * 20);
  }
  assert.ok(Math.abs(player.counters.soundSeconds - 1) < 1e-9);
  assert.ok(Math.abs(player.counters.energy - media.level ** 2) < 1e-3);
});

test("closed, it holds nothing and plays nothing", () => {
  const { clock, media, player } = createPlayer();
  player.take(sound(1, 0), GOOD, 0);
  player.take(picture(2, 0, true), GOOD, 0);
  player.close();
  player.take(picture(3, 40, true), GOOD, 40);
  clock.advance(1_000);
  assert.deepEqual([media.shown.length, media.open.size, clock.waiting], [0, 0, 0]);
});

test("silence is left out where sound is held for too long, and no word is", () => {
  const { clock, media, player } = createPlayer();
  let number = 0;
  for (let atMs = 0; atMs < 6_000; atMs += 20) {
    // A stall of half a second as it begins.
    while (clock.now() < atMs + Math.max(20, 500 - atMs)) clock.advance(20);
    number += 1;
    media.level = atMs % 500 < 400 ? 0.3 : 0.001;
    player.take(sound(number, atMs), GOOD, atMs);
  }
  const loud = media.played.filter(({ level }) => level > 0.1);
  assert.equal(loud.length, 240);
  assert.ok(media.played.length < 300);
  for (const [index, { at, inMs }] of loud.slice(1).entries()) {
    const before = loud[index];
    assert.ok(at + inMs >= (before?.at ?? 0) + (before?.inMs ?? 0) + 20);
  }
  assert.ok((loud.at(-1)?.inMs ?? 0) < 300, String(loud.at(-1)?.inMs));
});

test("pictures wait for sound that the audio graph plays late", () => {
  const { clock, media, player } = createPlayer();
  media.behindMs = 80;
  player.take(sound(1, 0), GOOD, 0);
  player.take(picture(2, 0, true), GOOD, 0);
  clock.advance((media.played[0]?.inMs ?? 0) + 70);
  assert.equal(media.shown.length, 0);
  clock.advance(20);
  assert.equal(media.shown.length, 1);
});

test("a picture that stands still is counted, and one that stands still on purpose is not", () => {
  const { clock, player } = createPlayer();
  const show = (afterMs: number): void => {
    clock.advance(afterMs);
    player.take(picture(1, 0, true), GOOD, 0);
  };
  for (const afterMs of [0, 40, 40, 180]) show(afterMs);
  assert.equal(player.counters.freezes, 0);
  show(400);
  assert.equal(player.counters.freezes, 1);
  show(6_000);
  player.rest();
  show(1_000);
  assert.equal(player.counters.freezes, 1);
  // Where few come, few are missed.
  for (let count = 0; count < 90; count += 1) show(250);
  const { freezes } = player.counters;
  show(500);
  assert.equal(player.counters.freezes, freezes);
});
