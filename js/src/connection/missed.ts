// For how long a page has heard nothing, since its way to the stream broke, when the stream is here again. Pure: time is
// an argument.

import type { AvatarStream } from "../streams/stream";

/** Less is no more than a change of carriers. */
export const LEAST_MS = 500;

/** One that may have been heard. */
interface Way {
  readonly number: number;
  readonly stream: Pick<AvatarStream, "unheardMs"> | null;
}

export class Missed {
  /** When sound of our host was last heard; null while nobody knows. */
  #heardAt: number | null = null;

  /** This attempt is about to be closed, or has just been interrupted. */
  note(attempt: Way | null, now: number): void {
    const unheardMs = attempt?.stream?.unheardMs ?? null;
    if (unheardMs !== null) this.#heardAt = Math.max(this.#heardAt ?? -Infinity, now - unheardMs);
  }

  /** The attempt with this number has the stream now: how much was missed before it; null if nothing. */
  take(number: number, attempts: readonly Way[], now: number): number | null {
    for (const attempt of attempts) if (attempt.number !== number) this.note(attempt, now);
    const ms = this.#heardAt === null ? 0 : now - this.#heardAt;
    this.#heardAt = null;
    return ms >= LEAST_MS ? Math.round(ms) : null;
  }
}
