// Frames that come in messages, decoded and played in time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../support/fakes";
import { BAD, FakeMedia, GOOD, picture, sound } from "../support/frames";

function createPlayer() {
  const clock = new FakeClock();
  const media = new FakeMedia(clock);
  const broken: unknown[] = [];
  const player = media.player((error) => broken.push(error));
  return { clock, media, player, broken };
}

test("before any sound pictures are shown as they come", () => {
  const { media, player } = createPlayer();
  player.take(picture(1, 0, true), GOOD);
  player.take(picture(2, 40), GOOD);
  assert.deepEqual(
    media.shown.map(({ atMs }) => atMs),
    [0, 40],
  );
});

test("a picture is shown when its sound is heard", () => {
  const { clock, media, player } = createPlayer();
  player.take(sound(1, 100), GOOD);
  const heardAt = media.played[0]?.inMs ?? 0;
  player.take(picture(2, 120, true), GOOD);
  assert.deepEqual(media.shown, []);
  clock.advance(heardAt + 20);
  assert.deepEqual(media.shown, [{ at: heardAt + 20, atMs: 120 }]);
});

test("pictures that cannot be decoded wait for one that stands by itself", () => {
  const { media, player } = createPlayer();
  player.take(picture(1, 0), GOOD);
  assert.ok(player.keyNeeded);
  player.take(picture(2, 40, true), GOOD);
  assert.ok(!player.keyNeeded);
  player.skipToKey();
  player.take(picture(5, 80), GOOD);
  assert.ok(player.keyNeeded);
  player.take(picture(6, 120, true), GOOD);
  assert.deepEqual(
    media.shown.map(({ atMs }) => atMs),
    [40, 120],
  );
  assert.equal(player.counters.dropped, 2);
});

test("one that waits for its time is not asked for again", () => {
  const { player } = createPlayer();
  player.take(sound(1, 0), GOOD);
  player.take(picture(2, 0, true), GOOD);
  assert.ok(!player.keyNeeded);
});

test("garbage costs a decoder, and the next picture that stands by itself is shown", () => {
  const { media, player, broken } = createPlayer();
  player.take(picture(1, 0, true), BAD);
  assert.ok(player.keyNeeded);
  player.take(picture(2, 40, true), GOOD);
  assert.equal(media.shown.length, 1);
  assert.equal(media.decoders, 2);
  assert.deepEqual(broken, []);
});

test("a packet of garbage is one packet of silence", () => {
  const { media, player, broken } = createPlayer();
  for (const [number, data] of [GOOD, BAD, GOOD].entries()) player.take(sound(number + 1, number * 20), data);
  assert.equal(media.played.length, 2);
  assert.deepEqual(broken, []);
});

test("a flush is silence, and what comes then is played", () => {
  const { clock, media, player } = createPlayer();
  player.take(sound(1, 0), GOOD);
  player.flush();
  assert.equal(media.silenced, 1);
  clock.advance(500);
  player.take(sound(2, 20), GOOD);
  assert.equal(media.played.length, 2);
  assert.equal(media.played[1]?.inMs, player.soundHeldMs);
});

test("what is heard is counted, as the watchdog wants it", () => {
  const { media, player } = createPlayer();
  for (let index = 0; index < 50; index += 1) player.take(sound(index + 1, index * 20), GOOD);
  assert.ok(Math.abs(player.counters.soundSeconds - 1) < 1e-9);
  assert.ok(Math.abs(player.counters.energy - media.level ** 2) < 1e-3);
});

test("closed, it holds nothing and plays nothing", () => {
  const { clock, media, player } = createPlayer();
  player.take(sound(1, 0), GOOD);
  player.take(picture(2, 0, true), GOOD);
  player.close();
  player.take(picture(3, 40, true), GOOD);
  clock.advance(1_000);
  assert.deepEqual([media.shown.length, media.open.size, clock.waiting], [0, 0, 0]);
});
