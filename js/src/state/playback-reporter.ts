// Tells Python what became of playing the stream.

import type { Problem } from "../model/bridge";
import type { FromPage, Playback } from "../model/messages";
import type { PageState } from "./page-state";

interface Report {
  readonly playback: Playback;
  /** Nobody sees it, and not even sound is played. */
  readonly silent?: true;
}

export class PlaybackReporter {
  /** What Python was told last of this stream; null when whatever comes is news. */
  #reported: Report | null = null;
  readonly #page: string;
  readonly #send: (message: FromPage) => void;

  constructor(page: string, send: (message: FromPage) => void) {
    this.#page = page;
    this.#send = send;
  }

  /** Forgets what was told: another stream begins. */
  reset(): void {
    this.#reported = null;
  }

  /** Reports what is played now, if that has changed. */
  report(state: PageState): void {
    if (state.connection.stream.phase !== "connected") return;
    const report = this.#describe(state);
    const { playback, silent } = this.#reported ?? {};
    if (report === null || (report.playback === playback && report.silent === silent)) return;
    this.#reported = report;
    this.#send({ type: "media", page: this.#page, ...report });
  }

  /** Reports that the stream brings nothing. */
  reportProblem(problem: Problem): void {
    this.reset();
    this.#send({ type: "media", page: this.#page, playback: "failed", ...problem });
  }

  #describe({ connection, seen, playing, soundBlocked, muted }: PageState): Report | null {
    const blocked = soundBlocked && !muted;
    if (connection.views === 0 || (!seen && blocked)) return { playback: "paused", silent: true };
    // LiveKit and WebRTC try by themselves; Python cannot see it, and the service goes on speaking.
    if (connection.service && "interrupted" in connection.stream && connection.stream.interrupted)
      return { playback: "interrupted" };
    if (!seen) return { playback: "paused" };
    if (playing) return { playback: blocked ? "sound-blocked" : "playing" };
    // Nothing is drawn while no view is seen, so nothing would ever play: say that one is back.
    return this.#reported?.playback === "paused" ? { playback: "waiting" } : null;
  }
}
