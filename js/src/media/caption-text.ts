// What a caption is cut into: pieces that are said one after the other, and pages of pieces. Pure.
//
// A piece is a word. Scripts that put no spaces between words are cut by the browser's dictionary,
// and a word too long for a line between graphemes: an emoji of several people, or a letter and its
// marks, stays whole. Room is counted in columns, of which a Chinese character takes two.

import type { Caption } from "../model/messages";

export interface CaptionPiece {
  readonly text: string;
  /** What stands between it and the next: a space, or nothing. */
  readonly gap: string;
  /** The room it takes, without the gap. */
  readonly columns: number;
  /** Seconds from when the caption came. */
  readonly start: number;
  readonly end: number;
}

type Word = Caption["words"][number];
/** A piece that may still be too long. */
type Phrase = Omit<CaptionPiece, "columns">;

/** Longer words are cut. Less than the shortest page, so that pages are full. */
export const MAX_PIECE_COLUMNS = 40;

/** How long a column takes to be said, where nobody tells; a bit less than it does as a rule. */
const NARROW_COLUMN_S = 1 / 18;
const WIDE_COLUMN_S = 1 / 12;

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u;
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u;
/** Opening brackets and quotes belong to what follows them. */
const OPENING = /^[\p{Ps}\p{Pi}]+$/u;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const RLM = "\u200f";
const LRM = "\u200e";

/** Null in browsers that cannot cut text; there, words stay whole. */
const segmenters =
  typeof Intl !== "undefined" && "Segmenter" in Intl
    ? {
        graphemes: new Intl.Segmenter(undefined, { granularity: "grapheme" }),
        words: new Intl.Segmenter(undefined, { granularity: "word" }),
      }
    : null;

function splitGraphemes(text: string): string[] {
  return segmenters ? Array.from(segmenters.graphemes.segment(text), ({ segment }) => segment) : Array.from(text);
}

/** How much room a text takes: a Latin letter one column, a Chinese character or an emoji two. */
export function countColumns(text: string): number {
  return splitGraphemes(text).reduce((sum, grapheme) => sum + (WIDE.test(grapheme) ? 2 : 1), 0);
}

/** The pieces of a caption, in order; those of one without times get estimated ones. */
export function cutCaption({ text, words }: Pick<Caption, "text" | "words">): CaptionPiece[] {
  const phrases = words.length > 0 ? (alignWords(text, words) ?? joinWords(words)) : estimateTimes(text);
  return phrases.flatMap(cutPhrase);
}

/** The words where they stand in the text; null where the text does not read like them. */
function alignWords(text: string, words: readonly Word[]): Phrase[] | null {
  const phrases: Phrase[] = [];
  let end = 0;
  for (const word of words) {
    const at = text.indexOf(word[0], end);
    if (at < 0) return null;
    const between = text.slice(end, at);
    if (/[\p{L}\p{N}]/u.test(between)) return null;
    const [suffix, gap, prefix] = shareOut(between);
    const before = phrases.pop();
    if (before) phrases.push({ ...before, text: before.text + suffix, gap });
    phrases.push({ text: (before ? prefix : between.trim()) + word[0], gap: "", start: word[1], end: word[2] });
    end = at + word[0].length;
  }
  const last = phrases.pop();
  return last ? [...phrases, { ...last, text: last.text + text.slice(end).trimEnd() }] : null;
}

/** What stands between two words: the end of the one, a gap, the begin of the other. */
function shareOut(between: string): readonly [string, string, string] {
  const [first = "", ...others] = between.split(/\s+/u);
  if (others.length === 0) return OPENING.test(first) ? ["", "", first] : [first, "", ""];
  const prefix = others.pop() ?? "";
  return [[first, ...others].join(" "), " ", prefix];
}

function joinWords(words: readonly Word[]): Phrase[] {
  return words.map(([text, start, end]) => ({ text, gap: " ", start, end }));
}

function estimateTimes(text: string): Phrase[] {
  let at = 0;
  return text
    .split(/\s+/u)
    .filter(Boolean)
    .map((word) => {
      const start = at;
      at += (countColumns(word) + 1) * (WIDE.test(word) ? WIDE_COLUMN_S : NARROW_COLUMN_S);
      return { text: word, gap: " ", start, end: at };
    });
}

/** The pieces of a phrase, each with its share of the time. */
function cutPhrase(phrase: Phrase): CaptionPiece[] {
  const texts = cutWord(phrase.text);
  const whole = Math.max(1, countColumns(phrase.text));
  const timeAt = (column: number): number => phrase.start + ((phrase.end - phrase.start) * column) / whole;
  let from = 0;
  return texts.map((text, index) => {
    const start = timeAt(from);
    const columns = countColumns(text);
    from += columns;
    return { text, gap: index === texts.length - 1 ? phrase.gap : "", columns, start, end: timeAt(from) };
  });
}

function cutWord(text: string): string[] {
  if (!segmenters) return [text];
  const words = WITHOUT_SPACES.test(text) ? splitByDictionary(text, segmenters.words) : [text];
  return words.flatMap((word) => (countColumns(word) > MAX_PIECE_COLUMNS ? cutBetweenGraphemes(word) : [word]));
}

/** Words, with the marks behind and the brackets before them. */
function splitByDictionary(text: string, segmenter: Intl.Segmenter): string[] {
  const words: string[] = [];
  let opening = "";
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (OPENING.test(segment)) opening += segment;
    else if (isWordLike || words.length === 0 || opening !== "") {
      words.push(opening + segment);
      opening = "";
    } else words.push(`${words.pop() ?? ""}${segment}`);
  }
  if (opening !== "") words.push(opening);
  return words;
}

function cutBetweenGraphemes(word: string): string[] {
  const parts: string[] = [];
  let part = "";
  let columns = 0;
  for (const grapheme of splitGraphemes(word)) {
    const more = countColumns(grapheme);
    if (columns + more > MAX_PIECE_COLUMNS) {
      parts.push(part);
      part = "";
      columns = 0;
    }
    part += grapheme;
    columns += more;
  }
  return [...parts, part];
}

/**
 * The run of pieces around `active` that fits `limit` columns: `[from, to)`. Runs do not slide word
 * by word, they turn like pages, so that the eye can rest.
 */
export function findCaptionPage(
  pieces: ReadonlyArray<Pick<CaptionPiece, "columns" | "gap">>,
  active: number,
  limit: number,
): readonly [number, number] {
  let from = 0;
  let used = 0;
  for (const [index, { columns, gap }] of pieces.entries()) {
    if (index > from && used + columns > limit) {
      if (active < index) return [from, index];
      from = index;
      used = 0;
    }
    used += columns + gap.length;
  }
  return [from, pieces.length];
}

/**
 * An invisible mark for the begin of `shown`, a part of `whole`, where it would else be read in the
 * other direction: a page of a Hebrew sentence may begin with a Latin name.
 */
export function directionMark(whole: string, shown: string): string {
  const direction = isRightToLeft(whole);
  if (direction === null || isRightToLeft(shown) === direction) return "";
  return direction ? RLM : LRM;
}

/** By the first letter; null without one. */
function isRightToLeft(text: string): boolean | null {
  const letter = text.match(/\p{L}/u)?.[0];
  return letter === undefined ? null : RIGHT_TO_LEFT.test(letter);
}

const LANGUAGES: ReadonlyArray<readonly [RegExp, string]> = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, "ja"],
  [/\p{Script=Hangul}/u, "ko"],
  [/\p{Script=Thai}/u, "th"],
  [/\p{Script=Hebrew}/u, "he"],
  [/\p{Script=Greek}/u, "el"],
];

/** The language, where the script alone tells; else null. */
export function languageOf(text: string): string | null {
  return LANGUAGES.find(([script]) => script.test(text))?.[1] ?? null;
}
