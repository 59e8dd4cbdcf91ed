// Holds captions back until the sound is heard that they belong to, for however long that is held.

import type { Clock } from "../clock";
import type { Caption } from "../model/messages";

/** Words are told anew when their sound has moved by more than this. */
const MOVED_MS = 40;
/** Nothing is held for longer: the clocks of the two would not belong together. */
const MOST_MS = 15_000;

/** Shows the caption; its first word is heard in so many milliseconds. */
export type ShowCaption = (heldMs: number) => void;

interface Held {
  readonly caption: Caption;
  readonly show: ShowCaption;
}

export class HeldCaptions {
  /** In the order of their times. */
  #waiting: Held[] = [];
  #shown: Held | null = null;
  /** When the shown one begins, as it was told. */
  #beginsAt = 0;
  #cancel = (): void => undefined;
  readonly #clock: Clock;
  readonly #dueAt: (atMs: number) => number | null;

  /** `dueAt`: when sound of a media time is heard; null where that is not known. */
  constructor(clock: Clock, dueAt: (atMs: number) => number | null) {
    this.#clock = clock;
    this.#dueAt = dueAt;
  }

  add(held: Held): void {
    // One without a time is for now, whatever waits.
    if (held.caption.clockMs === null) this.#waiting = [];
    this.#waiting.push(held);
    this.look();
  }

  /** Drops those of what was cut off at this media time. */
  drop(clockMs = Infinity): void {
    this.#waiting = this.#waiting.filter(({ caption }) => (caption.clockMs ?? 0) >= clockMs);
  }

  /** The sound may be heard at another time than it was to be. */
  look(): void {
    this.#cancel();
    const now = this.#clock.now();
    let [next] = this.#waiting;
    while (next && this.#readBegin(next) <= now) {
      this.#shown = next;
      this.#beginsAt = Number.NaN;
      this.#waiting.shift();
      [next] = this.#waiting;
    }
    if (this.#shown) this.#follow(this.#shown, now);
    if (next) this.#cancel = this.#clock.after(this.#readBegin(next) - now, () => this.look());
  }

  /** What still waits is somebody else's to show. */
  close(): void {
    this.#cancel();
    const last = this.#waiting.at(-1);
    last?.show(this.#readBegin(last) - this.#clock.now());
    this.#waiting = [];
  }

  #follow({ caption, show }: Held, now: number): void {
    const told = Number.isFinite(this.#beginsAt);
    const dueAt = this.#readDue(caption);
    if (told && dueAt === null) return; // nothing new is known of it
    const beginsAt = dueAt ?? now;
    if (told && Math.abs(beginsAt - this.#beginsAt) <= MOVED_MS) return;
    // One that was over is not shown again.
    const endsAt = beginsAt + (caption.words.at(-1)?.[2] ?? 0) * 1000;
    if (told && endsAt <= now) return;
    this.#beginsAt = beginsAt;
    show(beginsAt - now);
  }

  #readBegin({ caption }: Held): number {
    return this.#readDue(caption) ?? this.#clock.now();
  }

  /** When it is heard; null where that is not known. */
  #readDue({ clockMs }: Caption): number | null {
    const dueAt = clockMs === null ? null : this.#dueAt(clockMs);
    return dueAt === null || Math.abs(dueAt - this.#clock.now()) > MOST_MS ? null : dueAt;
  }
}
