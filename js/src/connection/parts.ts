// Puts messages together that were too long for the data channel at once.

import type { Part } from "../model/messages";

/** More than any message has, in characters. */
const LONGEST = 4_000_000;

export class PartAssembler {
  #texts: string[] = [];
  #length = 0;

  /** The whole text with its last part; null before that, and for parts that do not fit together. */
  add({ index, last, text }: Part): string | null {
    if (index === 0) this.#clear();
    this.#length += text.length;
    if (index !== this.#texts.length || this.#length > LONGEST) {
      this.#clear();
      return null;
    }
    this.#texts.push(text);
    if (!last) return null;
    const whole = this.#texts.join("");
    this.#clear();
    return whole;
  }

  #clear(): void {
    this.#texts = [];
    this.#length = 0;
  }
}
