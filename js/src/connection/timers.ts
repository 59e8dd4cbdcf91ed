// Timers by name: started again, one begins anew.

import type { Clock } from "../clock";

export class Timers<Name> {
  readonly #running = new Map<Name, () => void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(name: Name, ms: number, run: () => void): void {
    this.cancel(name);
    const cancel = this.#clock.after(ms, () => {
      this.#running.delete(name);
      run();
    });
    this.#running.set(name, cancel);
  }

  cancel(name: Name): void {
    this.#running.get(name)?.();
    this.#running.delete(name);
  }

  cancelAll(): void {
    for (const name of [...this.#running.keys()]) this.cancel(name);
  }
}
