// The attempts to get the stream that go on: the one that carries it, or is to, and WebRTC beside messages.

import type { Clock } from "../clock";
import { readCounters } from "../media/stats";
import { parsePeerId } from "../model/page-id";
import type { AvatarStream } from "../streams/stream";
import { Missed } from "./missed";
import type { ConnectionState } from "./types";

/** A picture is looked for so often, and a pause in what is said, */
const LOOK_MS = 50;
/** for so long: words without a pause must not keep the better way from being used. */
export const PAUSE_WITHIN_MS = 6_000;

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
  readonly #missed = new Missed();
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

  /** The connection's state has changed: how much of the sound was missed, where the stream is here again; else null. */
  follow(
    { service, carrier, stream: before }: ConnectionState,
    { stream }: ConnectionState,
    now: number,
  ): number | null {
    if (service || stream.phase !== "connected") return null;
    const played = before.phase === "connected" && !before.interrupted;
    if (stream.interrupted) {
      // Of messages that come again the host knows which were lost.
      if (played && carrier === "webrtc") this.#missed.note(this.get(stream.peer), now);
    } else if (!played || before.peer !== stream.peer) {
      return this.#missed.take(stream.peer, [...this.#all.values()], now);
    }
    return null;
  }

  /** False if there is no such attempt. */
  close(number: number, now: number): boolean {
    const attempt = this.get(number);
    if (attempt === this.#shown) this.#missed.note(attempt, now);
    this.#all.delete(number);
    attempt?.cancelResend();
    attempt?.controller.abort();
    return attempt !== null;
  }
}

/**
 * Tells that the attempt, which is beside another, is connected, once it may take the place of that: it has a picture
 * to show, and nothing is heard of the other. Between the two it has found its path, and is not given up.
 */
export async function whenReady(
  { stream, controller }: Attempt,
  clock: Clock,
  isQuiet: () => boolean,
  tell: (on: "path-found" | "connected") => void,
): Promise<void> {
  let seenAt: number | null = null;
  while (stream && !controller.signal.aborted) {
    const counters = seenAt === null ? readCounters(await stream.getStats().catch(() => [])) : null;
    if (controller.signal.aborted) return;
    if (seenAt === null && (!counters || counters.framesDecoded > 0)) {
      seenAt = clock.now();
      tell("path-found");
    }
    if (seenAt !== null && (isQuiet() || clock.now() - seenAt >= PAUSE_WITHIN_MS)) {
      tell("connected");
      return;
    }
    await new Promise<void>((resolve) => {
      clock.after(LOOK_MS, resolve);
    });
  }
}
