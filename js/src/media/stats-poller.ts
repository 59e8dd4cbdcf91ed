// Looks at the stream twice a second: numbers for the status line and Python, and the watchdog.

import type { Clock } from "../clock";
import type { Line } from "../streams/stream";
import type { Problem } from "../model/bridge";
import { type Measured, pulse, read, type Sample } from "./stats";
import { afresh, INITIAL, look, type Scene, type Trouble, type Watch } from "./watchdog";

const LOOK_MS = 500;
/** Numbers need not come with every look; a bit less than a second, since timers are not exact. */
const READ_MS = 950;

/** What Python has not taken notice of by then got lost, or its kernel is busy for long. */
const FORGOTTEN_MS = 10_000;

export const AGAIN: Readonly<Record<Trouble, string>> = {
  frozen: "The picture froze; connecting again.",
  never: "No picture arrives; connecting again.",
  silent: "No sound arrives; connecting again.",
};
export const LEFT: Readonly<Record<Trouble, Problem>> = {
  frozen: { what: "The picture is frozen.", fix: "Stop the session and start it again, or wait." },
  never: { what: "No picture arrives.", fix: "Stop the session and start it again." },
  silent: { what: "No sound arrives.", fix: "Stop the session and start it again." },
};

export interface Watched extends Scene {
  /** Null while there is nothing to look at. */
  readonly line: Line | null;
}

export interface MeterOutlets {
  measured(measured: Measured): void;
  /** Something is wrong with the stream; with `rebuild` it is to be connected anew. */
  trouble(problem: Problem, rebuild: boolean): void;
}

export class Meter {
  #sample: Sample | null = null;
  #watch: Watch = INITIAL;
  #readAt = -Infinity;
  #looking = false;
  /** When numbers went to Python that it has not taken notice of; null when it has of all. */
  #unread: number | null = null;
  #cancel: () => void = () => undefined;
  readonly #clock: Clock;
  readonly #watched: () => Watched;
  readonly #out: MeterOutlets;

  constructor(clock: Clock, watched: () => Watched, out: MeterOutlets, signal: AbortSignal) {
    this.#clock = clock;
    this.#watched = watched;
    this.#out = out;
    this.#tick(signal);
    signal.addEventListener("abort", () => this.#cancel(), { once: true });
  }

  /** Another line: what was counted before means nothing. */
  fresh(): void {
    this.#sample = null;
    this.#watch = afresh(this.#watch);
  }

  /**
   * Whether numbers should go to Python by widget message now. A busy kernel takes them all in the
   * end; so the next goes when the one before has come back as the trait `stats`.
   */
  mayTell(): boolean {
    const now = this.#clock.now();
    if (this.#unread !== null && now - this.#unread < FORGOTTEN_MS) return false;
    this.#unread = now;
    return true;
  }

  /** The trait `stats` has changed. */
  taken(): void {
    this.#unread = null;
  }

  #tick(signal: AbortSignal): void {
    this.#cancel = this.#clock.after(LOOK_MS, () => {
      if (!this.#looking) void this.#look(signal);
      this.#tick(signal);
    });
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { line } = this.#watched();
    if (!line) return;
    this.#looking = true;
    let report: readonly unknown[];
    try {
      report = await line.stats();
    } catch {
      return; // it was closed meanwhile
    } finally {
      this.#looking = false;
    }
    const now = this.#watched();
    if (signal.aborted || now.line !== line) return;
    if (this.#clock.now() - this.#readAt >= READ_MS) this.#read(report, line);
    this.#guard(report, now);
  }

  #read(report: readonly unknown[], line: Line): void {
    this.#readAt = this.#clock.now();
    const { sample, measured, soundHeldMs, inStep } = read(report, this.#sample);
    this.#sample = sample;
    if (soundHeldMs !== null && !inStep) line.follow(soundHeldMs);
    if (measured) this.#out.measured(measured);
  }

  #guard(report: readonly unknown[], scene: Scene): void {
    const seen = pulse(report);
    // A browser that counts no pictures cannot tell us that none come.
    if (!seen) return;
    const [watch, verdict] = look(this.#watch, { ...seen, at: this.#clock.now() }, scene);
    this.#watch = watch;
    if (!verdict) return;
    const problem = verdict.rebuild ? { what: AGAIN[verdict.trouble], fix: "" } : LEFT[verdict.trouble];
    this.#out.trouble(problem, verdict.rebuild);
  }
}
