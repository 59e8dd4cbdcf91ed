// What the user is told for a moment, in the status line.

import type { Clock } from "../clock";
import type { PageState } from "./page-state";
import type { Store } from "./store";

const NOTICE_MS = 6_000;

export class Notice {
  readonly #clock: Clock;
  readonly #store: Store<PageState>;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, store: Store<PageState>, signal: AbortSignal) {
    this.#clock = clock;
    this.#store = store;
    signal.addEventListener("abort", () => this.#cancel(), { once: true });
  }

  show(notice: string): void {
    if (notice === "") return;
    this.#cancel();
    this.#store.update({ notice });
    this.#cancel = this.#clock.after(NOTICE_MS, () => this.#store.update({ notice: "" }));
  }
}
