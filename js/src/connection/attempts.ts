// The attempts to get the stream that go on: the one that carries it, or is to, and WebRTC beside messages.

import type { Clock } from "../clock";
import { readCounters } from "../media/stats";
import { parsePeerId } from "../model/page-id";
import type { AvatarStream } from "../streams/stream";

/** A picture is looked for so often. */
const LOOK_MS = 50;

export interface Attempt {
  readonly number: number;
  readonly tracks: Set<MediaStreamTrack>;
  /** By the user's ICE servers. */
  readonly relay: boolean;
  readonly controller: AbortController;
  /** Null while a service's session has not told where its stream is. */
  stream: AvatarStream | null;
  /** Ends the sending of what Python is to answer. */
  cancelResend: () => void;
}

export class Attempts {
  readonly #all = new Map<number, Attempt>();
  /** The one whose tracks the views have. */
  #shown: Attempt | null = null;

  get numbers(): number[] {
    return [...this.#all.keys()];
  }

  get(number: number): Attempt | null {
    return this.#all.get(number) ?? null;
  }

  /** By the name that Python knows. */
  find(peer: string): Attempt | null {
    return this.get(parsePeerId(peer));
  }

  /** It is shown at once if there is no other. */
  add(number: number, relay: boolean): Attempt {
    const controller = new AbortController();
    const attempt = { number, tracks: new Set<MediaStreamTrack>(), relay, controller, stream: null, cancelResend() {} };
    if (this.#all.size === 0) this.#shown = attempt;
    this.#all.set(number, attempt);
    return attempt;
  }

  isShown(attempt: Attempt): boolean {
    return attempt === this.#shown;
  }

  /** Shows this one; false if that was so already. */
  show(attempt: Attempt): boolean {
    const changed = attempt !== this.#shown;
    this.#shown = attempt;
    return changed;
  }

  /** False if there is no such attempt. */
  close(number: number): boolean {
    const attempt = this.get(number);
    this.#all.delete(number);
    attempt?.cancelResend();
    attempt?.controller.abort();
    return attempt !== null;
  }
}

/** Calls `then` once the attempt, which is beside another, has a picture to show. */
export async function whenSeen({ stream, controller }: Attempt, clock: Clock, then: () => void): Promise<void> {
  while (stream && !controller.signal.aborted) {
    const counters = readCounters(await stream.getStats().catch(() => []));
    if (controller.signal.aborted) return;
    if (!counters || counters.framesDecoded > 0) {
      then();
      return;
    }
    await new Promise<void>((resolve) => {
      clock.after(LOOK_MS, resolve);
    });
  }
}
