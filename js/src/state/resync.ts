// Asks where the session is when Python should have said something by now, and has not: what it said
// last may have been lost, and nothing that comes after it shows that. At rest nothing is asked.

import type { Clock } from "../clock";

export const FIRST_MS = 5_000;
const LAST_MS = 60_000;

export class Resync {
  #waitMs = FIRST_MS;
  #cancel = (): void => undefined;
  readonly #clock: Clock;
  readonly #ask: () => void;

  /** `ask` is called after silences, ever longer ones, while something is under way. */
  constructor(clock: Clock, ask: () => void, signal: AbortSignal) {
    this.#clock = clock;
    this.#ask = ask;
    signal.addEventListener("abort", () => this.#cancel(), { once: true });
  }

  /** Python has said something, after which something is under way, or nothing is. */
  heard(underWay: boolean): void {
    this.#waitMs = FIRST_MS;
    this.#cancel();
    if (underWay) this.#wait();
  }

  #wait(): void {
    this.#cancel = this.#clock.after(this.#waitMs, () => {
      this.#waitMs = Math.min(this.#waitMs * 2, LAST_MS);
      this.#ask();
      this.#wait();
    });
  }
}
