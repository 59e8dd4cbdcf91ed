// What was said, as a file that the user gets from the page. Python is asked for it: the page need not have heard all.

import type { Clock } from "../clock";
import type { Bridge } from "../model/bridge";
import type { ToPage, TranscriptKind } from "../model/messages";
import type { Notice } from "./notice";

export class TranscriptSaver {
  readonly #bridge: Bridge;
  readonly #clock: Clock;
  readonly #page: string;
  readonly #notice: Notice;
  #asked = false;

  constructor(bridge: Bridge, clock: Clock, page: string, notice: Notice) {
    this.#bridge = bridge;
    this.#clock = clock;
    this.#page = page;
    this.#notice = notice;
  }

  save(kind: TranscriptKind): void {
    this.#asked = true;
    this.#bridge.send({ type: "need-transcript", page: this.#page, kind });
  }

  /** Asked twice, a busy kernel answers twice: one file is enough. */
  take(message: ToPage): void {
    if (message.type !== "saved-transcript" || message.page !== this.#page || !this.#asked) return;
    this.#asked = false;
    if (!message.text) {
      this.#notice.show("Nothing was said yet.");
      return;
    }
    const link = document.createElement("a");
    link.download = `transcript.${message.kind}`;
    link.href = URL.createObjectURL(new Blob([message.text]));
    link.click();
    // Until then the browser has taken it.
    this.#clock.after(60_000, () => URL.revokeObjectURL(link.href));
  }
}
