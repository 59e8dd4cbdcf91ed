// What we tell Python comes back as a trait, later. Taken at face value, a slider under the user's
// finger would jump back to where it was; so our own words are known again and let pass.

import type { Clock } from "../clock";

/** What has not come back by then got lost, and what comes now is news. */
export const FORGET_MS = 5_000;

export class EchoFilter<T> {
  #sent: T[] = [];
  #sentAt = -Infinity;
  readonly #clock: Clock;
  readonly #same: (one: T, other: T) => boolean;

  constructor(clock: Clock, same: (one: T, other: T) => boolean) {
    this.#clock = clock;
    this.#same = same;
  }

  recordSent(value: T): void {
    this.#sent.push(value);
    this.#sentAt = this.#clock.now();
  }

  /** Whether `value` is, or is older than, something of ours; the newest of ours is taken as news. */
  isEcho(value: T): boolean {
    if (this.#clock.now() - this.#sentAt > FORGET_MS) this.#sent = [];
    if (this.#sent.length === 0) return false;
    const index = this.#sent.findIndex((sent) => this.#same(sent, value));
    if (index >= 0) this.#sent.splice(0, index + 1);
    return this.#sent.length > 0;
  }
}
