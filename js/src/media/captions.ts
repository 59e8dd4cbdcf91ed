// Captions in step with the sound: which word is spoken now.

import type { Clock } from "../clock";
import type { Caption } from "../model/messages";
import { type CaptionPiece, cutCaption } from "./caption-text";

export interface ShownCaption {
  /** The whole caption. */
  readonly text: string;
  readonly pieces: readonly CaptionPiece[];
  /** Index of the piece being spoken; -1 before the first. */
  readonly active: number;
  /** The times are told, not estimated. */
  readonly timed: boolean;
}

/** How long a caption stays after its last word, should nobody clear it. */
export const LINGER_MS = 1_500;

/** Index of the last piece that has begun at `seconds`, or -1. */
export function findPieceAt(pieces: ReadonlyArray<Pick<CaptionPiece, "start">>, seconds: number): number {
  let index = -1;
  while ((pieces[index + 1]?.start ?? Infinity) <= seconds) index += 1;
  return index;
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

  /** Shows words in their time, in place of those before; an empty text clears. Sound is heard `heldMs` later. */
  show(caption: Pick<Caption, "text" | "words">, heldMs = 0): void {
    this.#cancel();
    const pieces = caption.text === "" ? [] : cutCaption(caption);
    if (pieces.length === 0) this.#onChange(null);
    else this.#advance({ text: caption.text, pieces, timed: caption.words.length > 0 }, this.#clock.now() + heldMs);
  }

  #advance(caption: Omit<ShownCaption, "active">, began: number): void {
    const { pieces, timed } = caption;
    const seconds = (this.#clock.now() - began) / 1000;
    const active = findPieceAt(pieces, seconds);
    this.#onChange({ ...caption, active });
    const next = pieces[active + 1]?.start;
    // Where times are estimated, only Python knows when the last word is said.
    if (next === undefined && !timed) return;
    const last = pieces.at(-1)?.end ?? 0;
    const ms = next === undefined ? (last - seconds) * 1000 + LINGER_MS : (next - seconds) * 1000;
    this.#cancel = this.#clock.after(Math.max(0, ms), () => {
      if (next === undefined) this.#onChange(null);
      else this.#advance(caption, began);
    });
  }
}
