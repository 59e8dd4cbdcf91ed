import assert from "node:assert/strict";
import { test } from "node:test";
import { CaptionTrack, findCaptionPage, findWordAt, LINGER_MS, type ShownCaption } from "../../src/media/captions";
import { FakeClock } from "../support/fakes";

const WORDS: Array<[string, number, number]> = [
  ["Hello", 0.1, 0.4],
  ["big", 0.5, 0.7],
  ["world", 0.8, 1.2],
];

test("a word is active from its start to the next one's start", () => {
  assert.deepEqual(
    [0, 0.1, 0.45, 0.5, 0.79, 0.8, 9].map((at) => findWordAt(WORDS, at)),
    [-1, 0, 0, 1, 1, 2, 2],
  );
  assert.equal(findWordAt([], 1), -1);
});

test("long captions turn pages that hold every word exactly once", () => {
  const words = "the quick brown fox jumps over the lazy dog".split(" ");
  const pages = words.map((_, active) => findCaptionPage(words, active, 20));
  let expected = 0;
  for (const [from, to] of [...new Set(pages.map(String))].map((key) => key.split(",").map(Number))) {
    assert.equal(from, expected);
    assert.ok(words.slice(from, to).join(" ").length <= 20);
    expected = to ?? 0;
  }
  assert.equal(expected, words.length);
  for (const [active, [from, to]] of pages.entries()) assert.ok(from <= active && active < to);
  assert.deepEqual(findCaptionPage(["incomprehensibilities"], 0, 5), [0, 1], "a word longer than a page is a page");
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
  assert.deepEqual(shown[0]?.words, ["Hello", "big", "world"]);
  clock.advance(200 + LINGER_MS - 1);
  assert.equal(shown.length, 4);
  clock.advance(1);
  assert.equal(shown[4], null);
  assert.equal(clock.waiting, 0);
});

test("the next caption replaces the last, an empty one clears, and abort stops the clock", () => {
  const clock = new FakeClock();
  const scope = new AbortController();
  let shown: ShownCaption | null = null;
  const track = new CaptionTrack(
    clock,
    (caption) => {
      shown = caption;
    },
    scope.signal,
  );
  track.show({ text: "Hello big world", words: WORDS });
  track.show({ text: "No times", words: [] });
  assert.deepEqual(shown, { words: ["No", "times"], active: -1 });
  assert.equal(clock.waiting, 0);
  track.show({ text: "", words: [] });
  assert.equal(shown, null);
  track.show({ text: "Hello big world", words: WORDS });
  scope.abort();
  assert.equal(clock.waiting, 0);
});
