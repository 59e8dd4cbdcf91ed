import assert from "node:assert/strict";
import { test } from "node:test";
import { CaptionTrack, findPieceAt, LINGER_MS, type ShownCaption } from "../../src/media/captions";
import { FakeClock } from "../support/fakes";

const WORDS: Array<[string, number, number]> = [
  ["Hello", 0.1, 0.4],
  ["big", 0.5, 0.7],
  ["world", 0.8, 1.2],
];

test("a word is active from its start to the next one's start", () => {
  assert.deepEqual(
    [0, 0.1, 0.45, 0.5, 0.79, 0.8, 9].map((at) =>
      findPieceAt(
        WORDS.map(([, start]) => ({ start })),
        at,
      ),
    ),
    [-1, 0, 0, 1, 1, 2, 2],
  );
  assert.equal(findPieceAt([], 1), -1);
});

test("captions follow the clock, and clear after the last word", () => {
  const clock = new FakeClock();
  const shown: Array<ShownCaption | null> = [];
  const track = new CaptionTrack(clock, (caption) => shown.push(caption), new AbortController().signal);
  track.show({ text: "Hello big world", words: WORDS });
  clock.advance(1_000);
  assert.deepEqual(
    shown.map((caption) => caption?.active),
    [-1, 0, 1, 2],
  );
  assert.deepEqual(
    shown[0]?.pieces.map(({ text }) => text),
    ["Hello", "big", "world"],
  );
  clock.advance(200 + LINGER_MS - 1);
  assert.equal(shown.length, 4);
  clock.advance(1);
  assert.equal(shown[4], null);
  assert.equal(clock.waiting, 0);
});

test("the next caption replaces the last, an empty one clears, and abort stops the clock", () => {
  const clock = new FakeClock();
  const scope = new AbortController();
  const all: Array<ShownCaption | null> = [];
  const track = new CaptionTrack(clock, (caption) => all.push(caption), scope.signal);
  track.show({ text: "Hello big world", words: WORDS });
  track.show({ text: "No times", words: [] });
  assert.deepEqual([all.at(-1)?.text, all.at(-1)?.timed], ["No times", false]);
  track.show({ text: "", words: [] });
  assert.equal(all.at(-1), null);
  assert.equal(clock.waiting, 0);
  track.show({ text: "Hello big world", words: WORDS });
  scope.abort();
  assert.equal(clock.waiting, 0);
});

test("where no times are told the pages turn by themselves, and the last one stays", () => {
  const clock = new FakeClock();
  const all: Array<ShownCaption | null> = [];
  const track = new CaptionTrack(clock, (caption) => all.push(caption), new AbortController().signal);
  const text = "one two three four five six seven eight nine ten eleven twelve";
  track.show({ text, words: [] });
  assert.equal(all[0]?.active, 0);
  clock.advance(60_000);
  assert.equal(all.at(-1)?.active, 11);
  assert.deepEqual([...new Set(all.map((caption) => caption?.text))], [text]);
  assert.equal(clock.waiting, 0);
});
