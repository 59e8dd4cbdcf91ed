// The microphone's sound in pieces, where it goes by widget messages: 16 bit, numbered, and never more under way than
// the line takes. What it cannot take is dropped, the oldest first: late words are of no use.

/** A piece lasts so long. */
export const PIECE_MS = 60;
/** So many pieces may be under way to Python, and so many wait for them. */
export const MOST_UNDER_WAY = 16;
export const MOST_WAITING = 8;
/** A line on which nothing has arrived for so long brings nothing for now: */
export const DEAF_MS = 2_000;
/** it is tried with a piece so often, since the news of what arrived may have got lost. */
export const TRY_EVERY_MS = 1_000;

export interface Piece {
  readonly number: number;
  readonly samples: Int16Array<ArrayBuffer>;
}

/** Cuts blocks of samples of any length into pieces of `samples` each. */
export class PieceCutter {
  readonly #samples: number;
  readonly #onPiece: (samples: Int16Array<ArrayBuffer>) => void;
  #piece: Int16Array<ArrayBuffer>;
  #filled = 0;

  constructor(samples: number, onPiece: (samples: Int16Array<ArrayBuffer>) => void) {
    this.#samples = samples;
    this.#onPiece = onPiece;
    this.#piece = new Int16Array(samples);
  }

  add(block: Float32Array): void {
    for (const sample of block) {
      const clipped = Math.max(-1, Math.min(1, sample));
      this.#piece[this.#filled] = Math.round(clipped * 32_767);
      this.#filled += 1;
      if (this.#filled === this.#samples) this.flush();
    }
  }

  /** Gives what is there, though it is less than a piece. */
  flush(): void {
    const piece = this.#piece.slice(0, this.#filled);
    this.#piece = new Int16Array(this.#samples);
    this.#filled = 0;
    if (piece.length > 0) this.#onPiece(piece);
  }
}

/** Sends pieces, as many as the line takes. */
export class PieceWindow {
  readonly #send: (piece: Piece) => void;
  readonly #now: () => number;
  readonly #waiting: Piece[] = [];
  #number = 0;
  #taken = 0;
  #sent = 0;
  /** Since when pieces are under way, and none has arrived. */
  #since = 0;
  #triedAt = 0;

  constructor(send: (piece: Piece) => void, now: () => number) {
    this.#send = send;
    this.#now = now;
  }

  /** Whether what is sent does not arrive. */
  get deaf(): boolean {
    return this.#sent > this.#taken && this.#now() - this.#since > DEAF_MS;
  }

  add(samples: Int16Array<ArrayBuffer>): void {
    this.#number += 1;
    this.#waiting.push({ number: this.#number, samples });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#sendOn();
  }

  /** Python has this one, and all that arrived of those before. */
  take(number: number): void {
    if (number <= this.#taken || number > this.#sent) return;
    this.#taken = number;
    this.#since = this.#now();
    this.#sendOn();
  }

  #sendOn(): void {
    while (this.#sent - this.#taken < MOST_UNDER_WAY || this.#isTime()) {
      const piece = this.#waiting.shift();
      if (!piece) return;
      if (this.#sent === this.#taken) this.#since = this.#now();
      this.#sent = piece.number;
      this.#send(piece);
    }
  }

  /** Whether a line that brings nothing is to be tried. */
  #isTime(): boolean {
    const due = this.deaf && this.#now() - this.#triedAt >= TRY_EVERY_MS;
    if (due) this.#triedAt = this.#now();
    return due;
  }
}
