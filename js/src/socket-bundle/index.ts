// The WebSocket of a message stream, from Python's first leave to open one on: given up where there is no way, and
// tried again where it broke.

import type { CarrierChoice } from "../connection/types";
import type { Problem } from "../model/bridge";
import type { FromPage, SocketGranted } from "../model/messages";
import type { AvatarStream, StreamEvents } from "../streams/stream";
import { type FrameSocket, openSocket, type SocketOptions } from "./frame-socket";

export const NO_SOCKET: Problem = {
  what: "The notebook server lets no WebSocket through to the avatar.",
  fix: 'Install jupyter-server-proxy where the server runs and restart it, or leave out transport="websocket".',
};

/** One that has broken is asked for again after this, */
const AGAIN_MS = 1_000;
/** one that never opened after this; each time in a row it is twice as long, */
const REFUSED_MS = 10_000;
/** up to this. */
const AGAIN_MAX_MS = 600_000;

export interface SocketPipeOptions extends SocketOptions {
  readonly choice: CarrierChoice;
  /** Whose frames it brings; asked for them, the host lets us in, or sends them by widget message. */
  readonly stream: Pick<AvatarStream, "resting" | "ask" | "takeFrames">;
}

type Pipe = "none" | "opening" | "open" | "waiting";

export class SocketPipe {
  readonly #options: SocketPipeOptions;
  readonly #events: StreamEvents;
  readonly #signal: AbortSignal;
  #pipe: Pipe = "none";
  #socket: FrameSocket | null = null;
  #waitMs = 0;
  #wasOpen = false;

  constructor(options: SocketPipeOptions, events: StreamEvents, signal: AbortSignal) {
    this.#options = options;
    this.#events = events;
    this.#signal = signal;
  }

  get isOpen(): boolean {
    return this.#pipe === "open";
  }

  /** Whether another is to be asked for. */
  get isWanted(): boolean {
    return this.#pipe === "none";
  }

  open(granted: SocketGranted): void {
    if (this.#pipe !== "none") return;
    this.#pipe = "opening";
    const events = {
      opened: () => this.#onOpened(),
      frames: this.#options.stream.takeFrames,
      text: (text: string) => this.#events.channelMessage(text),
      closed: () => this.#onClosed(),
    };
    try {
      this.#socket = openSocket(granted, this.#options, events, this.#signal);
    } catch (error) {
      console.warn("[ipyavatar] no WebSocket could be opened", error);
      this.#onClosed();
    }
  }

  send(message: FromPage): boolean {
    return this.isOpen && (this.#socket?.send(JSON.stringify(message)) ?? false);
  }

  /** False if there is none. */
  close(): boolean {
    const open = this.isOpen;
    if (open) this.#socket?.close();
    return open;
  }

  #onOpened(): void {
    this.#pipe = "open";
    this.#wasOpen = true;
    this.#waitMs = 0;
    this.#events.channelOpened();
  }

  #onClosed(): void {
    const { clock, choice, stream } = this.#options;
    const broke = this.isOpen;
    this.#pipe = "waiting";
    if (choice === "websocket" && !this.#wasOpen) {
      // The server may be about to start.
      this.#events.failed(NO_SOCKET, true);
      return;
    }
    this.#waitMs = Math.min(AGAIN_MAX_MS, this.#waitMs * 2 || (broke ? AGAIN_MS : REFUSED_MS));
    // An avatar at rest sends nothing.
    if (broke && !stream.resting) stream.ask();
    const again = (): void => {
      if (this.#signal.aborted) return;
      if (stream.resting) clock.after(this.#waitMs, again);
      else {
        this.#pipe = "none";
        stream.ask();
      }
    };
    clock.after(this.#waitMs, again);
  }
}
