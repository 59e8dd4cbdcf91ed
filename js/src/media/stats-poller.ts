// Looks at the stream twice a second: numbers for the status line and Python, and the watchdog.

import type { Clock } from "../clock";
import type { Problem } from "../model/bridge";
import type { AvatarStream } from "../streams/stream";
import { type Measured, readCounters, readStats, type Sample } from "./stats";
import {
  checkMedia,
  INITIAL,
  resetForNewStream,
  type Trouble,
  type WatchContext,
  type WatchdogState,
} from "./watchdog";

const POLL_MS = 500;
/** Numbers need not come with every poll; a bit less than a second, since timers are not exact. */
const MEASURE_MS = 950;
/** What Python has not acknowledged by then got lost, or its kernel is busy for long. */
const ACKNOWLEDGE_MS = 10_000;

export const RECONNECT_NOTICE: Readonly<Record<Trouble, string>> = {
  frozen: "The picture froze; connecting again.",
  never: "No picture arrives; connecting again.",
  silent: "No sound arrives; connecting again.",
};
export const LASTING_PROBLEM: Readonly<Record<Trouble, Problem>> = {
  frozen: { what: "The picture is frozen.", fix: "Stop the session and start it again, or wait." },
  never: { what: "No picture arrives.", fix: "Stop the session and start it again." },
  silent: { what: "No sound arrives.", fix: "Stop the session and start it again." },
};

export interface PollTarget extends WatchContext {
  /** Null while there is nothing to look at. */
  readonly stream: AvatarStream | null;
}

export interface StatsPollerOptions {
  clock: Clock;
  getTarget: () => PollTarget;
  onMeasured: (measured: Measured) => void;
  /** Something is wrong with the stream; with `rebuild` it is to be connected anew. */
  onTrouble: (problem: Problem, rebuild: boolean) => void;
}

export class StatsPoller {
  #sample: Sample | null = null;
  #watchdog: WatchdogState = INITIAL;
  #measuredAt = -Infinity;
  /** The stream of which the browser has not answered the poll before. */
  #pending: AvatarStream | null = null;
  /** When numbers went to Python that it has not acknowledged; null when it has all. */
  #unacknowledgedSince: number | null = null;
  #cancelTimer: () => void = () => undefined;
  readonly #options: StatsPollerOptions;
  readonly #signal: AbortSignal;

  constructor(options: StatsPollerOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#schedule();
    signal.addEventListener("abort", () => this.#cancelTimer(), { once: true });
  }

  /** Begins anew with another stream: what was counted before means nothing. */
  reset(): void {
    this.#sample = null;
    this.#watchdog = resetForNewStream(this.#watchdog);
  }

  /**
   * Whether numbers may go to Python by widget message now; if so, they count as sent. A busy kernel
   * takes them all in the end, so the next go when those before have come back as the trait `stats`.
   */
  claimKernelReport(): boolean {
    const now = this.#options.clock.now();
    if (this.#unacknowledgedSince !== null && now - this.#unacknowledgedSince < ACKNOWLEDGE_MS) return false;
    this.#unacknowledgedSince = now;
    return true;
  }

  /** Notes that Python has taken the numbers: the trait `stats` has changed. */
  acknowledge(): void {
    this.#unacknowledgedSince = null;
  }

  #schedule(): void {
    this.#cancelTimer = this.#options.clock.after(POLL_MS, () => {
      void this.#poll();
      this.#schedule();
    });
  }

  async #poll(): Promise<void> {
    const { stream } = this.#options.getTarget();
    // Rates are of the time that somebody looked.
    if (!stream) this.#sample = null;
    // One that never answers must not keep us from looking at the next.
    if (!stream || this.#pending === stream) return;
    this.#pending = stream;
    let report: readonly unknown[];
    try {
      report = await stream.getStats();
    } catch {
      return; // The stream was closed meanwhile.
    } finally {
      if (this.#pending === stream) this.#pending = null;
    }
    const target = this.#options.getTarget();
    if (this.#signal.aborted || target.stream !== stream) return;
    if (this.#options.clock.now() - this.#measuredAt >= MEASURE_MS) this.#measure(report, stream);
    this.#watch(report, target);
  }

  #measure(report: readonly unknown[], stream: AvatarStream): void {
    this.#measuredAt = this.#options.clock.now();
    const { sample, measured, audioHeldMs, syncedByBrowser } = readStats(report, this.#sample);
    this.#sample = sample;
    if (audioHeldMs !== null && !syncedByBrowser) stream.delayVideo(audioHeldMs);
    if (measured) this.#options.onMeasured(measured);
  }

  #watch(report: readonly unknown[], context: WatchContext): void {
    const counters = readCounters(report);
    // A browser that counts no pictures cannot tell us that none come.
    if (!counters) return;
    const [state, verdict] = checkMedia(this.#watchdog, { ...counters, at: this.#options.clock.now() }, context);
    this.#watchdog = state;
    if (!verdict) return;
    const { trouble, rebuild } = verdict;
    this.#options.onTrouble(rebuild ? { what: RECONNECT_NOTICE[trouble], fix: "" } : LASTING_PROBLEM[trouble], rebuild);
  }
}
