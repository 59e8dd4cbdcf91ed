// Captions in step with the sound: which word is spoken now, and which words fit on the screen.

import type { Clock } from "../clock";
import type { Caption } from "../model/messages";

export interface ShownCaption {
  readonly words: readonly string[];
  /** Index of the word being spoken; -1 before the first, and where no times are known. */
  readonly active: number;
}

/** How long a caption stays after its last word, should nobody clear it. */
export const LINGER_MS = 1_500;

type Word = Caption["words"][number];

/** Index of the last word that has begun at `seconds`, or -1. */
export function findWordAt(words: readonly Word[], seconds: number): number {
  let index = -1;
  while (index + 1 < words.length && (words[index + 1]?.[1] ?? Infinity) <= seconds) index += 1;
  return index;
}

/**
 * The run of words around `active` that fits `limit` characters: `[from, to)`. Runs do not slide
 * word by word, they turn like pages, so that the eye can rest.
 */
export function findCaptionPage(words: readonly string[], active: number, limit: number): readonly [number, number] {
  let from = 0;
  let length = 0;
  for (let index = 0; index < words.length; index += 1) {
    const more = (words[index]?.length ?? 0) + 1;
    if (index > from && length + more > limit) {
      if (active < index) return [from, index];
      from = index;
      length = 0;
    }
    length += more;
  }
  return [from, words.length];
}

/** Turns caption messages into what is to be shown now. Times count from the message's arrival. */
export class CaptionTrack {
  #cancel: () => void = () => undefined;
  readonly #clock: Clock;
  readonly #onChange: (caption: ShownCaption | null) => void;

  constructor(clock: Clock, onChange: (caption: ShownCaption | null) => void, signal: AbortSignal) {
    this.#clock = clock;
    this.#onChange = onChange;
    signal.addEventListener("abort", () => this.#cancel(), { once: true });
  }

  /** Shows words in their time, in place of those before; an empty text clears. */
  show({ text, words }: Pick<Caption, "text" | "words">): void {
    this.#cancel();
    const texts = words.length > 0 ? words.map(([word]) => word) : text.split(/\s+/).filter(Boolean);
    if (texts.length === 0 || text === "") {
      this.#onChange(null);
      return;
    }
    if (words.length === 0) this.#onChange({ words: texts, active: -1 });
    else this.#advance(texts, words, this.#clock.now());
  }

  #advance(texts: readonly string[], words: readonly Word[], began: number): void {
    const seconds = (this.#clock.now() - began) / 1000;
    const active = findWordAt(words, seconds);
    this.#onChange({ words: texts, active });
    const next = words[active + 1]?.[1];
    const last = words.at(-1)?.[2] ?? 0;
    const ms = next === undefined ? (last - seconds) * 1000 + LINGER_MS : (next - seconds) * 1000;
    this.#cancel = this.#clock.after(Math.max(0, ms), () => {
      if (next === undefined) this.#onChange(null);
      else this.#advance(texts, words, began);
    });
  }
}
