// biome-ignore-all lint/security/noSecrets: sentences of scripts without spaces look like secrets

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countColumns,
  cutCaption,
  directionMark,
  findCaptionPage,
  languageOf,
  MAX_PIECE_COLUMNS,
} from "../../src/media/caption-text";
import type { Caption } from "../../src/model/messages";

const FAMILY = "👩‍👩‍👧‍👦";
const CHINESE = "今天我们来学习梯度下降，它每次只走一小步，直到脚下的坡度变平为止。（请看下图）".repeat(4);
const JAPANESE = "勾配降下法は一歩ずつ坂を下り、足元の傾きがなくなるまで進みます。".repeat(4);
const THAI = "สวัสดีครับวันนี้เราจะเรียนรู้เรื่องการไล่ระดับความชันทีละน้อย".repeat(4);
const LONG_WORDS = [
  "x".repeat(300),
  FAMILY.repeat(60),
  "e\u0301\u0327\u0323".repeat(120),
  "नमस्ते".repeat(40),
  "🇩🇪".repeat(70),
  `https://example.org/${"a/".repeat(90)}`,
];

/** A word that is said in ten seconds. */
const inTenSeconds = (text: string): Pick<Caption, "text" | "words"> => ({ text, words: [[text, 0, 10]] });
const joined = (pieces: ReturnType<typeof cutCaption>): string =>
  pieces
    .map(({ text, gap }) => text + gap)
    .join("")
    .trimEnd();

/** The pages one after the other, as a caption of `limit` columns shows them. */
function turnPages(caption: Pick<Caption, "text" | "words">, limit: number): string[] {
  const pieces = cutCaption(caption);
  const pages = new Map<number, string>();
  for (const active of pieces.keys()) {
    const [from, to] = findCaptionPage(pieces, active, limit);
    assert.ok(from <= active && active < to);
    pages.set(from, joined(pieces.slice(from, to)));
  }
  return [...pages.values()];
}

test("a letter takes a column, a Chinese character and an emoji two, whatever they are made of", () => {
  for (const [text, columns] of [
    ["Hello", 5],
    ["梯度下降。", 10],
    [FAMILY, 2],
    ["❤️", 2],
    ["e\u0301", 1],
    ["한국어", 6],
    ["сло́во", 5],
    ["", 0],
  ] as const) {
    assert.equal(countColumns(text), columns, text);
  }
});

test("whatever is said, every page is bounded, and together they are the text", () => {
  for (const limit of [44, 76]) {
    for (const text of [CHINESE, JAPANESE, THAI, ...LONG_WORDS]) {
      for (const caption of [inTenSeconds(text), { text, words: [] }]) {
        const pages = turnPages(caption, limit);
        assert.equal(pages.join(""), text);
        assert.ok(pages.length > 1, text);
        for (const page of pages) assert.ok(countColumns(page) <= limit, page);
      }
    }
  }
});

test("nothing is cut within what a reader takes for one character", () => {
  const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  for (const text of LONG_WORDS) {
    const whole = new Set(Array.from(graphemes.segment(text), ({ index }) => index));
    let at = 0;
    for (const piece of cutCaption(inTenSeconds(text))) {
      assert.ok(whole.has(at), `${JSON.stringify(piece.text)} begins within a character`);
      assert.ok(piece.columns <= MAX_PIECE_COLUMNS);
      at += piece.text.length;
    }
  }
});

test("text without spaces is cut between words, and no mark begins a piece", () => {
  for (const text of [CHINESE, JAPANESE, THAI]) {
    const pieces = cutCaption(inTenSeconds(text));
    assert.ok(pieces.length > 20);
    for (const piece of pieces) assert.doesNotMatch(piece.text, /^[，。、）]/u);
    for (const piece of pieces) assert.doesNotMatch(piece.text, /（$/u);
  }
});

test("the pieces of a word share its time, in order, without a hole", () => {
  const pieces = cutCaption({
    text: `Hello ${CHINESE}`,
    words: [
      ["Hello", 1, 2],
      [CHINESE, 2, 12],
    ],
  });
  assert.deepEqual([pieces[0]?.text, pieces[0]?.start, pieces[1]?.start], ["Hello", 1, 2]);
  for (const [index, { start, end }] of pieces.entries()) {
    assert.ok(end > start);
    const next = pieces[index + 1];
    if (next && index > 0) assert.ok(Math.abs(next.start - end) < 1e-9);
  }
  assert.ok(Math.abs((pieces.at(-1)?.end ?? 0) - 12) < 1e-9);
});

test("a caption reads like its text, whatever its words leave out", () => {
  for (const [text, words, pieces] of [
    ["“Hello”, she said (quietly).", ["Hello", "she", "said", "quietly"], ["“Hello”,", "she", "said", "(quietly)."]],
    ["one — two", ["one", "two"], ["one —", "two"]],
    ["今天很好。", ["今天", "很好"], ["今天", "很好。"]],
    ["anders gesagt", ["other", "words"], ["other", "words"]],
    ["a bad cut", ["a", "cut"], ["a", "cut"]],
  ] as const) {
    const caption = { text, words: words.map((word, index) => [word, index, index + 1] as [string, number, number]) };
    const cut = cutCaption(caption);
    assert.deepEqual(
      cut.map((piece) => piece.text),
      pieces,
    );
    if (words[0] !== "other" && words[0] !== "a") assert.equal(joined(cut), text);
  }
});

test("long captions turn pages that hold every word exactly once", () => {
  const text = "the quick brown fox jumps over the lazy dog";
  const pages = turnPages({ text, words: [] }, 20);
  assert.deepEqual(pages, ["the quick brown fox", "jumps over the lazy", "dog"]);
});

test("a page reads in the direction of its sentence, whatever it begins with", () => {
  const arabic = "مرحبا بك في Python.";
  assert.equal(directionMark(arabic, "Python."), "\u200f");
  assert.equal(directionMark(arabic, "... 12"), "\u200f");
  assert.equal(directionMark(arabic, "مرحبا"), "");
  assert.equal(directionMark("Say שלום to all", "שלום to all"), "\u200e");
  assert.equal(directionMark("Say שלום", "Say"), "");
  assert.equal(directionMark("12 + 3", "12"), "");
});

test("a language is named where its script is its own", () => {
  assert.deepEqual(["勾配降下法は", "안녕", "สวัสดี", "שלום", "Γειά", "梯度下降", "مرحبا", "Hello"].map(languageOf), [
    "ja",
    "ko",
    "th",
    "he",
    "el",
    null,
    null,
    null,
  ]);
});
