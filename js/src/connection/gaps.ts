// Whether widget messages got lost: a notebook server drops them while a cell prints a lot.

export class GapDetector {
  #newest: number | null = null;

  /** Takes in the number of a message; true when some before it have not come. A greeting is a new beginning. */
  note(seq: number, greeting: boolean): boolean {
    const missed = !greeting && (this.#newest === null || seq > this.#newest + 1);
    this.#newest = Math.max(seq, this.#newest ?? seq);
    return missed;
  }

  /** Forgets what came: another kernel counts from the beginning. */
  reset(): void {
    this.#newest = null;
  }
}
