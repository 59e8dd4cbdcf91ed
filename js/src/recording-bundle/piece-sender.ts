// A recording on its way to Python, in numbered pieces: few are under way at a time, each is kept until Python has it, and
// what does not arrive is sent again. Nothing is left out: a page that keeps too much has to end the recording.

import type { Clock } from "../clock";
import { PIECE_BYTES } from "../model/messages";

/** So many pieces are under way at most. */
export const MOST_UNDER_WAY = 6;
/** So many bytes are kept at most: minutes of a kernel that is busy. */
export const MOST_BYTES = 64_000_000;
/** Python is given so long to take a piece, and each time twice as long, before one is sent again. */
export const AGAIN_MS = 4_000;
export const AGAIN_MOST_MS = 32_000;
/** Nothing was taken for so long: nobody is there any more, for a kernel may be as busy as that. */
export const GONE_MS = 300_000;

export interface Piece {
  readonly number: number;
  readonly recordedMs: number;
  readonly bytes: ArrayBuffer;
}

export class PieceSender {
  readonly #clock: Clock;
  readonly #send: (piece: Piece, waiting: number) => void;
  /** What Python does not have, the oldest first. */
  #kept: Piece[] = [];
  #bytes = 0;
  #number = 0;
  /** The newest that was sent, and the one that the next follows. */
  #newest = 0;
  #sent = 0;
  #allowed = MOST_UNDER_WAY;
  #againMs = AGAIN_MS;
  /** Since when Python takes nothing of what is kept. */
  #waitsSince = 0;
  /** Null while nothing is waited for. */
  #cancelAgain: (() => void) | null = null;
  #onEmpty: (() => void) | null = null;
  readonly #onGone: () => void;

  /** `onGone` is called when Python has taken nothing for very long. */
  constructor(clock: Clock, send: (piece: Piece, waiting: number) => void, onGone: () => void) {
    this.#clock = clock;
    this.#send = send;
    this.#onGone = onGone;
  }

  /** More is kept than may be. */
  get full(): boolean {
    return this.#bytes > MOST_BYTES;
  }

  /** Sends it, in pieces; what is empty is one. */
  add(bytes: ArrayBuffer, recordedMs: number): void {
    if (this.#kept.length === 0) this.#waitsSince = this.#clock.now();
    let at = 0;
    do {
      this.#number += 1;
      this.#kept.push({ number: this.#number, recordedMs, bytes: bytes.slice(at, at + PIECE_BYTES) });
      at += PIECE_BYTES;
    } while (at < bytes.byteLength);
    this.#bytes += bytes.byteLength;
    this.#sendOn();
  }

  /** Python has all up to this one. */
  take(number: number): void {
    const taken = this.#kept.filter((piece) => piece.number <= number);
    if (taken.length === 0 || number > this.#newest) return;
    this.#waitsSince = this.#clock.now();
    this.#sent = Math.max(this.#sent, number);
    this.#kept = this.#kept.slice(taken.length);
    for (const { bytes } of taken) this.#bytes -= bytes.byteLength;
    this.#allowed = MOST_UNDER_WAY;
    this.#againMs = AGAIN_MS;
    this.#stopWaiting();
    this.#sendOn();
    if (this.#kept.length === 0) this.#onEmpty?.();
  }

  /** Calls this once, when Python has all. */
  whenEmpty(call: () => void): void {
    this.#onEmpty = () => {
      this.#onEmpty = null;
      call();
    };
    if (this.#kept.length === 0) this.#onEmpty();
  }

  close(): void {
    this.#stopWaiting();
    this.#onEmpty = null;
    this.#kept = [];
  }

  #sendOn(): void {
    for (const piece of this.#kept.slice(0, this.#allowed)) {
      if (piece.number <= this.#sent) continue;
      this.#sent = piece.number;
      this.#newest = Math.max(this.#newest, piece.number);
      this.#send(piece, this.#bytes);
    }
    // Not from the newest on: while it records there is another one before the time is over.
    if (this.#kept.length > 0) this.#cancelAgain ??= this.#clock.after(this.#againMs, () => this.#sendAgain());
  }

  #stopWaiting(): void {
    this.#cancelAgain?.();
    this.#cancelAgain = null;
  }

  /** One alone: all of them may be waiting for a kernel that is busy. */
  #sendAgain(): void {
    this.#cancelAgain = null;
    const [oldest] = this.#kept;
    if (!oldest) return;
    if (this.#clock.now() - this.#waitsSince >= GONE_MS) {
      this.#onGone();
      return;
    }
    this.#againMs = Math.min(AGAIN_MOST_MS, 2 * this.#againMs);
    this.#allowed = 1;
    this.#sent = oldest.number - 1;
    this.#sendOn();
  }
}
