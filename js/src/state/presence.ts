// Whether somebody is at this page and has the avatar on the screen. A free session ends when nobody
// has been for a while, and goes on when somebody is again.

import type { Clock } from "../clock";

/** What somebody does who is there. A scroll may bring the avatar to the screen. */
const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel", "scroll", "touchstart"];
/** After a sign it is looked this much later where the avatar is, and not for each one. */
export const LOOK_MS = 200;
/** So often the host is told of it. */
export const TELL_EVERY_MS = 60_000;
/** A page that shows the avatar anew is looked at for so long, */
export const NEWLY_SHOWN_MS = 30_000;
/** so often: its layout, the session's state and the kernel may all come late. */
export const LOOK_AGAIN_MS = 1_000;
/** Asked for, it is not asked for again for so long. */
export const RESUME_AGAIN_MS = 5_000;

export interface PresenceOptions {
  readonly document: Document;
  readonly clock: Clock;
  /** Whether the avatar is on the screen. */
  readonly onScreen: () => boolean;
  /** Whether the session has ended because nobody was there. */
  readonly resumes: () => boolean;
  /** Opens it again. */
  readonly resume: () => void;
  /** Tells the host that somebody is there; false where that cannot be now. */
  readonly tell: () => boolean;
}

export class Presence {
  #views = 0;
  #looking = false;
  #toldAt = -Infinity;
  #shownAt = -Infinity;
  #resumedAt = -Infinity;
  #cancelLook = (): void => {};
  readonly #options: PresenceOptions;

  constructor(options: PresenceOptions, signal: AbortSignal) {
    this.#options = options;
    const { document } = options;
    const listening = { signal, capture: true, passive: true };
    for (const sign of SIGNS) document.addEventListener(sign, () => this.#lookSoon(), listening);
    document.addEventListener("visibilitychange", () => this.#lookSoon(), { signal });
    signal.addEventListener("abort", () => this.#cancelLook(), { once: true });
  }

  /** A view is shown, until `signal`. */
  attach(signal: AbortSignal): void {
    this.#views += 1;
    signal.addEventListener("abort", () => this.#detach(), { once: true });
    this.#shownAt = this.#options.clock.now();
    this.#cancelLook();
    this.#lookWhileNew();
  }

  /** Python has told where the session is: a view that has just been shown may wait for it. */
  sessionChanged(): void {
    if (this.#options.resumes()) this.#lookIfNew();
    // It goes on: when it ends by itself later, showing it was no sign of somebody.
    else this.#shownAt = -Infinity;
  }

  #detach(): void {
    this.#views -= 1;
    if (this.#views === 0) this.#cancelLook();
  }

  #lookWhileNew(): void {
    if (!this.#isNew()) return;
    this.#lookIfNew();
    this.#cancelLook = this.#options.clock.after(LOOK_AGAIN_MS, () => this.#lookWhileNew());
  }

  #isNew(): boolean {
    return this.#options.clock.now() - this.#shownAt < NEWLY_SHOWN_MS;
  }

  #lookIfNew(): void {
    if (this.#isNew() && this.#options.resumes()) this.#look();
  }

  #lookSoon(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#options.clock.after(LOOK_MS, () => {
      this.#looking = false;
      this.#look();
    });
  }

  #look(): void {
    const { clock, onScreen, resumes, resume, tell } = this.#options;
    if (!onScreen()) return;
    const now = clock.now();
    if (resumes()) {
      if (now - this.#resumedAt < RESUME_AGAIN_MS) return;
      this.#resumedAt = now;
      resume();
    } else if (now - this.#toldAt >= TELL_EVERY_MS && tell()) this.#toldAt = now;
  }
}
