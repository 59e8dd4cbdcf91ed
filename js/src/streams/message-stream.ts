// The stream of our own host by widget messages: numbered frames, which the page acknowledges.

import type { Clock } from "../clock";
import { NO_DECODERS } from "../connection/problems";
import type { FramePlayer } from "../media/frame-player";
import type { Frames, FromPage } from "../model/messages";
import { type AvatarStream, type StreamEvents, UNSUPPORTED } from "./stream";

/** Acknowledgements are messages as well: not more often than this. */
export const ACKNOWLEDGE_MS = 100;
/** When nothing comes for so long, and the host has not said that it rests, something is wrong. */
export const SILENT_MS = 3_000;
/** It may come back within this: a kernel that holds its lock passes nothing on. */
export const INTERRUPTION_MS = 12_000;
/** The host has heard of an interrupt by then, or never will. */
export const CUT_MS = 3_000;
/** At rest the last picture is shown again so often, for views that came meanwhile. */
const REPEAT_MS = 500;

export interface MessageStreamOptions {
  readonly clock: Clock;
  readonly page: string;
  readonly peer: string;
  readonly send: (message: FromPage) => void;
  readonly createPlayer: (onBroken: (error: unknown) => void) => FramePlayer;
}

/** Begins to listen; what it is told comes by `takeFrames`. Ends with `signal`. */
export function openMessageStream(
  options: MessageStreamOptions,
  events: StreamEvents,
  signal: AbortSignal,
): AvatarStream {
  return new MessageStream(options, events, signal).stream;
}

class MessageStream {
  readonly stream: AvatarStream;
  readonly #options: MessageStreamOptions;
  readonly #events: StreamEvents;
  readonly #signal: AbortSignal;
  readonly #player: FramePlayer;
  /** Number of the newest frame; null before the first. */
  #newest: number | null = null;
  #lost = 0;
  #bytes = 0;
  #resting = false;
  #connected = false;
  #interrupted = false;
  #acknowledgedAt = -Infinity;
  #cancelAcknowledge: (() => void) | null = null;
  #cancelWatch = (): void => undefined;
  /** The user has cut the sound off, until when; null while it is played. */
  #cutUntil: number | null = null;

  constructor(options: MessageStreamOptions, events: StreamEvents, signal: AbortSignal) {
    this.#options = options;
    this.#events = events;
    this.#signal = signal;
    this.#player = options.createPlayer((error) => {
      console.warn("[ipyavatar] a frame could not be decoded", error);
      events.failed(NO_DECODERS);
    });
    signal.addEventListener("abort", () => this.#close(), { once: true });
    this.stream = this.#describe();
    for (const track of this.#player.tracks) events.track(track);
  }

  #describe(): AvatarStream {
    const isResting = (): boolean => this.#resting;
    const player = this.#player;
    return {
      ...UNSUPPORTED,
      kind: "messages",
      get resting() {
        return isResting();
      },
      get soundHeldMs() {
        return player.soundHeldMs;
      },
      takeFrames: (message, buffers) => this.#take(message, buffers),
      cutSound: (cut) => this.#cut(cut),
      getStats: async () => this.#report(),
    };
  }

  #take({ frames, flush, resting }: Frames, buffers: readonly DataView[]): void {
    if (this.#signal.aborted) return;
    if (flush) {
      this.#cutUntil = null;
      this.#player.flush();
    }
    frames.forEach((frame, index) => {
      const data = buffers[index];
      // Late, or doubled: what stands in its place was shown, or given up.
      if (!data || (this.#newest !== null && frame.number <= this.#newest)) return;
      if (this.#newest !== null && frame.number > this.#newest + 1) {
        this.#lost += frame.number - this.#newest - 1;
        this.#player.skipToKey();
      }
      this.#newest = frame.number;
      this.#bytes += data.byteLength;
      if (frame.kind === "picture" || !this.#isCut()) this.#player.take(frame, data);
    });
    this.#resting = resting;
    if ((!this.#connected && frames.length > 0) || this.#interrupted) {
      this.#connected = true;
      this.#interrupted = false;
      this.#events.connected();
    }
    if (frames.length > 0 || this.#player.keyNeeded) this.#acknowledgeSoon();
    this.#watch();
  }

  #cut(cut: boolean): void {
    this.#cutUntil = cut ? this.#options.clock.now() + CUT_MS : null;
    if (cut) this.#player.flush();
  }

  #isCut(): boolean {
    return this.#cutUntil !== null && this.#options.clock.now() < this.#cutUntil;
  }

  // ---- what the host is told ----------------------------------------------------------------------

  #acknowledgeSoon(): void {
    if (this.#cancelAcknowledge) return;
    const { clock } = this.#options;
    const waitMs = this.#acknowledgedAt + ACKNOWLEDGE_MS - clock.now();
    if (waitMs <= 0) this.#acknowledge();
    else this.#cancelAcknowledge = clock.after(waitMs, () => this.#acknowledge());
  }

  #acknowledge(): void {
    const { clock, page, peer, send } = this.#options;
    this.#cancelAcknowledge = null;
    this.#acknowledgedAt = clock.now();
    send({ type: "acknowledge", page, peer, number: this.#newest ?? 0, gap: this.#player.keyNeeded });
  }

  // ---- whether anything comes ---------------------------------------------------------------------

  #watch(): void {
    this.#cancelWatch();
    const { clock } = this.#options;
    // At rest all is well without a word.
    if (this.#resting) {
      this.#cancelWatch = clock.after(REPEAT_MS, () => {
        this.#player.repeat();
        this.#watch();
      });
      return;
    }
    this.#cancelWatch = clock.after(SILENT_MS, () => {
      this.#interrupted = true;
      this.#events.interrupted(INTERRUPTION_MS);
    });
  }

  #close(): void {
    this.#cancelAcknowledge?.();
    this.#cancelWatch();
    this.#player.close();
  }

  /** As a peer connection's report: the same code reads both. */
  #report(): readonly unknown[] {
    const { counters, size } = this.#player;
    const timestamp = this.#options.clock.now();
    return [
      { id: "codec", type: "codec", mimeType: "video/VP8" },
      {
        id: "video",
        type: "inbound-rtp",
        kind: "video",
        timestamp,
        codecId: "codec",
        frameWidth: size.width,
        frameHeight: size.height,
        framesDecoded: counters.decoded,
        framesDropped: counters.dropped,
        bytesReceived: this.#bytes,
        packetsLost: this.#lost,
      },
      {
        id: "audio",
        type: "inbound-rtp",
        kind: "audio",
        timestamp,
        totalAudioEnergy: counters.energy,
        totalSamplesDuration: counters.soundSeconds,
        jitterBufferDelay: counters.heldSeconds,
        jitterBufferEmittedCount: counters.samples,
      },
    ];
  }
}
