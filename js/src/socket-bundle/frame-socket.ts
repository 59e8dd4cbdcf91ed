// The way past the kernel: a WebSocket to our host, through the ports that a notebook server passes on.

import type { Clock } from "../clock";
import type { Frames, OpenSocket, SocketGranted, ToPage } from "../model/messages";

/** Through a proxy and back it is open by then, or never. */
export const OPEN_MS = 15_000;
/** What the host sent by widget message before may still be under way, for so long at most. */
export const ORDER_MS = 500;
const LOOK_MS = 10;
/** Nobody reads what waits beyond that. */
const MOST_WAITING_BYTES = 1_000_000;

export interface FrameSocket {
  /** False where it cannot be sent. */
  send(text: string): boolean;
  close(): void;
}

export interface SocketEvents {
  /** The host has let us in, and says the first. */
  opened(): void;
  frames(message: Frames, buffers: readonly DataView[]): void;
  text(text: string): void;
  /** It has ended; not told after `signal`. */
  closed(): void;
}

export interface SocketOptions {
  readonly clock: Clock;
  readonly document: Document;
  /** Number of the newest frame that has come, by whatever way; 0 before the first. */
  readonly newest: () => number;
  readonly decode: (text: string) => ToPage | null;
  /** Makes a browser's WebSocket. */
  readonly create?: (url: string) => WebSocket;
}

type Held = readonly [Frames, readonly DataView[]];

/** Opens it. Ends with `signal`. */
export function openSocket(
  { page, peer, port, token }: SocketGranted,
  options: SocketOptions,
  events: SocketEvents,
  signal: AbortSignal,
): FrameSocket {
  const { clock, document, decode, create = (url) => new WebSocket(url) } = options;
  const socket = create(findAddress(document, port));
  socket.binaryType = "arraybuffer";
  let open = false;
  let ended = false;
  const queue = new FrameQueue(options, events);

  const end = (): void => {
    if (ended) return;
    ended = true;
    cancel();
    queue.close();
    socket.close();
    if (!signal.aborted) events.closed();
  };
  const cancel = clock.after(OPEN_MS, () => {
    if (!open) end();
  });

  const first: OpenSocket = { type: "open-socket", page, peer, token };
  const listening = { signal };
  socket.addEventListener("open", () => socket.send(JSON.stringify(first)), listening);
  socket.addEventListener("close", end, listening);
  socket.addEventListener(
    "message",
    ({ data }: MessageEvent<unknown>) => {
      if (ended) return;
      if (!open) {
        open = true;
        queue.open();
        events.opened();
      }
      if (typeof data === "string") events.text(data);
      else if (data instanceof ArrayBuffer) {
        const frames = unpackFrames(data, decode);
        if (frames) queue.add(frames);
      }
    },
    listening,
  );
  signal.addEventListener("abort", end, { once: true });
  return {
    send(text) {
      const takes = open && !ended && socket.readyState === 1 && socket.bufferedAmount < MOST_WAITING_BYTES;
      if (takes) socket.send(text);
      return takes;
    },
    close: end,
  };
}

/** Hands frames on when those before them have come by widget message, or had the time for it. */
class FrameQueue {
  readonly #options: SocketOptions;
  readonly #events: SocketEvents;
  readonly #held: Held[] = [];
  #orderedAt = 0;
  #cancelLook = (): void => undefined;

  constructor(options: SocketOptions, events: SocketEvents) {
    this.#options = options;
    this.#events = events;
  }

  open(): void {
    this.#orderedAt = this.#options.clock.now() + ORDER_MS;
  }

  add(frames: Held): void {
    this.#held.push(frames);
    this.#release();
  }

  close(): void {
    this.#cancelLook();
    this.#held.length = 0;
  }

  #release(): void {
    const { clock, newest } = this.#options;
    this.#cancelLook();
    for (let [next] = this.#held; next; [next] = this.#held) {
      if (clock.now() < this.#orderedAt && (next[0].frames[0]?.number ?? 0) > newest() + 1) {
        this.#cancelLook = clock.after(LOOK_MS, () => this.#release());
        return;
      }
      this.#held.shift();
      try {
        this.#events.frames(...next);
      } catch (error) {
        // It holds up none after it.
        console.warn("[ipyavatar] frames could not be taken", error);
      }
    }
  }
}

/** By what the notebook server leads to a port of the kernel's machine. */
export function findAddress(document: Document, port: number): string {
  const { baseUrl } = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
  const base = new URL(typeof baseUrl === "string" ? baseUrl : "/", document.location.href);
  const url = new URL(`proxy/127.0.0.1:${port}/`, base);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}

/** What Python's `pack_frames` has packed; null where it is something else. */
export function unpackFrames(data: ArrayBuffer, decode: SocketOptions["decode"]): Held | null {
  try {
    const view = new DataView(data);
    let at = 4 + view.getUint32(0, true);
    const message = decode(new TextDecoder().decode(new Uint8Array(data, 4, at - 4)));
    if (message?.type !== "frames") return null;
    const sizes = message.frames.map((_, index) => view.getUint32(at + 4 * index, true));
    at += 4 * sizes.length;
    const buffers = sizes.map((size) => {
      at += size;
      return new DataView(data, at - size, size);
    });
    return [message, buffers];
  } catch {
    return null; // it is shorter than it says
  }
}
