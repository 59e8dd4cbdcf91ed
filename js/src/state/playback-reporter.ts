// Tells Python what became of playing the stream.

import type { Problem } from "../model/bridge";
import type { FromPage, Playback } from "../model/messages";
import type { PageState } from "./page-state";

export class PlaybackReporter {
  /** What Python was told last of this stream; null when whatever comes is news. */
  #reported: Playback | null = null;
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
    const playback = this.#describe(state);
    if (playback === null || playback === this.#reported) return;
    this.#reported = playback;
    this.#send({ type: "media", page: this.#page, playback });
  }

  /** Reports that the stream brings nothing. */
  reportProblem(problem: Problem): void {
    this.reset();
    this.#send({ type: "media", page: this.#page, playback: "failed", ...problem });
  }

  #describe({ seen, playing, soundBlocked, muted }: PageState): Playback | null {
    if (!seen) return "paused";
    if (playing) return soundBlocked && !muted ? "sound-blocked" : "playing";
    // Nothing is drawn while no view is seen, so nothing would ever play: say that one is back.
    return this.#reported === "paused" ? "waiting" : null;
  }
}
