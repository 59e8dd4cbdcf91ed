// The stream of our own host as numbered frames, which the page acknowledges: by widget messages, or by a WebSocket
// past the kernel where there is a way for one. Either is a pipe; all else is the same for both.

import type { Clock } from "../clock";
import { NO_MESSAGES } from "../connection/problems";
import type { CarrierChoice } from "../connection/types";
import type { FramePlayer } from "../media/frame-player";
import type { decodeText } from "../model/decode";
import type { Frames, FromPage, SocketGranted } from "../model/messages";
import type * as SocketBundle from "../socket-bundle/index";
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
  readonly document: Document;
  readonly page: string;
  readonly peer: string;
  /** By widget message. */
  readonly send: (message: FromPage) => void;
  readonly createPlayer: (onBroken: (error: unknown) => void) => FramePlayer;
  readonly choice: CarrierChoice;
  readonly decode: typeof decodeText;
  /** Has Python send the code for a WebSocket. */
  readonly askForSocket: () => void;
  /** That code; null when it has not come before the stream ended. */
  readonly loadSocket: () => Promise<typeof SocketBundle | null>;
}

/** Numbers of frames that have not come. */
interface Hole {
  readonly from: number;
  readonly to: number;
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
  /** From the first leave to open one on. */
  #socket: SocketBundle.SocketPipe | null = null;
  /** Number of the newest frame; null before the first. */
  #newest: number | null = null;
  #lost = 0;
  /** What the host has not been told of. */
  #hole: Hole | null = null;
  /** How often the host has dropped what was to be played, as far as it has told. */
  #flushes: number | null = null;
  #bytes = 0;
  /** How unevenly batches come, as RFC 3550 counts it. */
  #jitterMs = 0;
  #transitMs: number | null = null;
  #roundTripMs: number | null = null;
  #resting = false;
  #connected = false;
  #interrupted = false;
  #acknowledgedAt = -Infinity;
  /** When a batch came last. */
  #cameAt = -Infinity;
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
      events.failed(NO_MESSAGES);
    });
    signal.addEventListener("abort", () => this.#close(), { once: true });
    this.stream = this.#describe();
    for (const track of this.#player.tracks) events.track(track);
  }

  #describe(): AvatarStream {
    const isResting = (): boolean => this.#resting;
    const player = this.#player;
    const readUnheardMs = (): number | null => this.#readUnheardMs();
    const hasSocket = (): boolean => this.#socket?.isOpen ?? false;
    return {
      ...UNSUPPORTED,
      get kind() {
        return hasSocket() ? "websocket" : "messages";
      },
      get hasChannel() {
        return hasSocket();
      },
      send: (message) => this.#socket?.send(message) ?? false,
      useSocket: (granted) => void this.#useSocket(granted),
      get resting() {
        return isResting();
      },
      get unheardMs() {
        return readUnheardMs();
      },
      get quiet() {
        return player.quiet;
      },
      ask: () => this.#ask(),
      takeFrames: (message, buffers) => this.#take(message, buffers),
      holdCaption: (caption, show) => player.captions.add({ caption, show }),
      cutSound: (cut) => this.#cut(cut),
      getStats: async () => this.#report(),
    };
  }

  #take(message: Frames, buffers: readonly DataView[]): void {
    if (this.#signal.aborted) return;
    const { frames, flushes, clockMs, resting } = message;
    this.#measure(message);
    const late = this.#isLate(message);
    if (late && this.#interrupted) this.#beginAnew();
    const stale = !this.#noteFlushes(flushes, clockMs);
    frames.forEach((frame, index) => {
      const data = buffers[index];
      // Late, or doubled: what stands in its place was shown, or given up.
      if (!data || (this.#newest !== null && frame.number <= this.#newest)) return;
      if (this.#newest !== null && frame.number > this.#newest + 1) {
        this.#noteHole({ from: this.#newest + 1, to: frame.number - 1 });
        this.#player.skipToKey();
      }
      this.#newest = frame.number;
      this.#bytes += data.byteLength;
      if (frame.kind === "picture" || (!stale && !this.#isCut())) this.#player.take(frame, data, clockMs);
    });
    // If nothing else comes, it is asked again.
    if (late && !this.#interrupted) return;
    this.#cameAt = this.#options.clock.now();
    this.#resting = resting;
    if (resting) this.#player.rest();
    if ((!this.#connected && frames.length > 0) || this.#interrupted) {
      this.#connected = true;
      this.#interrupted = false;
      this.#events.connected();
    }
    if (frames.length > 0 || this.#player.keyNeeded) this.#acknowledgeSoon();
    this.#watch();
  }

  /** Nothing of it is new; or the host counts from the start. */
  #isLate({ frames, flushes }: Frames): boolean {
    const last = frames.at(-1);
    return last !== undefined && (flushes < (this.#flushes ?? 0) || last.number <= (this.#newest ?? 0));
  }

  /** The host had given this page up, and counts from the start: it did not know that it is asked again. */
  #beginAnew(): void {
    this.#newest = this.#flushes = this.#hole = null;
    this.#player.skipToKey();
    this.#player.flush();
  }

  #noteHole({ from, to }: Hole): void {
    this.#lost += to - from + 1;
    this.#hole = { from: this.#hole?.from ?? from, to };
  }

  /** False for what was sent before a flush that has come already. */
  #noteFlushes(flushes: number, clockMs: number): boolean {
    const known = this.#flushes ?? flushes;
    this.#flushes = Math.max(known, flushes);
    if (flushes > known) {
      this.#cutUntil = null;
      this.#player.flush();
      this.#player.captions.drop(clockMs);
    }
    return flushes >= known;
  }

  /** What was due when a batch came had come as well, and more; at rest, nothing is due. */
  #readUnheardMs(): number | null {
    if (!this.#connected || this.#resting) return null;
    return Math.max(0, this.#options.clock.now() - Math.max(this.#cameAt, this.#player.soundUntil));
  }

  #cut(cut: boolean): void {
    this.#cutUntil = cut ? this.#options.clock.now() + CUT_MS : null;
    if (!cut) return;
    this.#player.flush();
    this.#player.captions.drop();
  }

  #isCut(): boolean {
    return this.#cutUntil !== null && this.#options.clock.now() < this.#cutUntil;
  }

  // ---- the way past the kernel --------------------------------------------------------------------

  /** Where this page comes from, if a socket is wanted now; else nothing. */
  get #origin(): string {
    const { document, choice } = this.#options;
    if (choice === "messages" || this.#socket?.isWanted === false) return "";
    // What a Jupyter server tells its pages; among it, its extensions.
    const config = document.getElementById("jupyter-config-data")?.textContent ?? "";
    return choice === "websocket" || config.includes("jupyter-server-proxy") ? document.location.origin : "";
  }

  async #useSocket(granted: SocketGranted): Promise<void> {
    try {
      const code = await this.#options.loadSocket();
      if (!code || this.#signal.aborted) return;
      const newest = (): number => this.#newest ?? 0;
      const options = { ...this.#options, newest, stream: this.stream };
      this.#socket ??= new code.SocketPipe(options, this.#events, this.#signal);
      this.#socket.open(granted);
    } catch (error) {
      console.warn("[ipyavatar] the socket's code could not be loaded", error);
    }
  }

  // ---- what the host is told ----------------------------------------------------------------------

  #ask(): void {
    const { page, peer, send, askForSocket } = this.#options;
    const origin = this.#origin;
    if (origin !== "") askForSocket();
    send({ type: "subscribe", page, peer, plain: this.#player.plain, origin });
  }

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
    const { from: lostFrom, to: lostTo } = this.#hole ?? { from: 0, to: 0 };
    this.#hole = null;
    const number = this.#newest ?? 0;
    const gap = this.#player.keyNeeded;
    const told = { type: "acknowledge", page, peer, number, gap, lostFrom, lostTo, atMs: clock.now() } as const;
    if (!this.#socket?.send(told)) send(told);
  }

  #measure({ frames, clockMs, resting, echoMs }: Frames): void {
    const now = this.#options.clock.now();
    if (echoMs !== null) this.#roundTripMs = Math.max(0, now - echoMs);
    if (frames.length === 0) return;
    const transitMs = now - clockMs;
    if (this.#transitMs !== null) this.#jitterMs += (Math.abs(transitMs - this.#transitMs) - this.#jitterMs) / 16;
    // After a rest the page may have slept.
    this.#transitMs = resting ? null : transitMs;
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
      // The news that it rests may have got lost; a socket that has ended asks as well.
      if (!this.#socket?.close()) this.#ask();
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
    const offsetMs = this.#player.takeOffsetMs();
    // What is heard is as far ahead of what is seen.
    const playout = offsetMs === null ? null : { audio: timestamp + offsetMs, video: timestamp };
    const roundTrip = this.#roundTripMs === null ? undefined : this.#roundTripMs / 1000;
    return [
      { id: "pair", type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: roundTrip },
      { id: "codec", type: "codec", mimeType: `video/${this.#player.plain ? "JPEG" : "VP8"}` },
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
        freezeCount: counters.freezes,
        jitter: this.#jitterMs / 1000,
        bytesReceived: this.#bytes,
        packetsLost: this.#lost,
        estimatedPlayoutTimestamp: playout?.video,
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
        estimatedPlayoutTimestamp: playout?.audio,
      },
    ];
  }
}
