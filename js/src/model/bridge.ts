// A typed bridge to the widget's model: synced traits and custom messages, both ways.
// Every listener ends with a signal.

import type { AnyModel } from "@anywidget/types";
import { decodeMessage } from "./decode";
import type { FromPage, ToPage } from "./messages";

export interface Problem {
  what: string;
  fix: string;
}

/**
 * The synced traits that the page reads, under their Python names.
 *
 * Status, speech and captions are traits as well, but not for the page: it learns of them by
 * messages alone, so that no two sources can say different things (see `state/session-state.ts`).
 */
export interface Traits {
  /** What went wrong last; shown for a while. */
  error: Partial<Problem>;
  stats: { speech_latency_ms?: number | null };
  character: string;
  /** A responder answers what is typed. */
  talks: boolean;
  /** How far a lesson is; empty where there is none. */
  progress: string;
  muted: boolean;
  volume: number;
  /** The page that moved mute or volume last; empty when Python did. */
  _sound_page: string;
  session_id: string;
  captions_on: boolean;
  width: number;
  badge: boolean;
  /** Whether the picture follows the reader; `auto`: while it speaks. */
  floating: "auto" | boolean;
  /** What the stream comes by: a connection to the host, or a paid service's room, address or offer. */
  stream: "host" | "livekit" | "whep" | "webrtc";
  /** What may carry the stream of the host. */
  carrier: "auto" | "webrtc" | "websocket" | "messages";
}

/** Used where Python does not know a trait: an older kernel behind a newer page. */
export const DEFAULTS: Traits = {
  error: {},
  stats: {},
  character: "",
  talks: false,
  progress: "",
  muted: false,
  volume: 1,
  _sound_page: "",
  session_id: "",
  captions_on: true,
  width: 0,
  badge: true,
  floating: "auto",
  stream: "host",
  carrier: "webrtc",
};

export type TraitName = keyof Traits;

/** A widget message. */
export interface Received {
  readonly message: ToPage;
  /** Came with it; most have none. */
  readonly buffers: readonly DataView[];
  /** Its number among all that Python has sent; null from one that does not count. */
  readonly seq: number | null;
}

export interface Bridge {
  get<K extends TraitName>(name: K): Traits[K];
  /** Sets a trait on both sides. Our own change does not come back through `onChange`. */
  set<K extends TraitName>(name: K, value: Traits[K]): void;
  onChange(names: readonly TraitName[], listener: () => void, signal: AbortSignal): void;
  onMessage(listener: (received: Received) => void, signal: AbortSignal): void;
  /** False when the model could not take it, which means that nobody is behind it. */
  send(message: FromPage, buffers?: ArrayBuffer[]): boolean;
}

export function createBridge(model: AnyModel): Bridge {
  let settingOwnValue = false;
  return {
    get(name) {
      const value: unknown = model.get(name);
      return (value ?? DEFAULTS[name]) as never;
    },
    set(name, value) {
      settingOwnValue = true;
      try {
        model.set(name, value);
        model.save_changes();
      } finally {
        settingOwnValue = false;
      }
    },
    onChange(names, listener, signal) {
      const onTrait = (): void => {
        if (!settingOwnValue) listener();
      };
      for (const name of names) listen(model, `change:${name}`, onTrait, signal);
    },
    onMessage(listener, signal) {
      const onContent = (content: unknown, buffers?: unknown): void => {
        const message = decodeMessage(content);
        if (!message) return;
        const seq: unknown = Reflect.get(message, "seq");
        const views = Array.isArray(buffers) ? buffers.filter((one) => one instanceof DataView) : [];
        listener({ message, buffers: views, seq: Number.isSafeInteger(seq) ? (seq as number) : null });
      };
      listen(model, "msg:custom", onContent, signal);
    },
    send(message, buffers) {
      try {
        model.send(message, undefined, buffers);
        return true;
      } catch {
        // The comm is closed: the connection's own timers say what the user should know.
        return false;
      }
    },
  };
}

function listen(
  model: AnyModel,
  event: string,
  listener: (content: unknown, buffers?: unknown) => void,
  signal: AbortSignal,
): void {
  if (signal.aborted) return;
  model.on(event, listener);
  signal.addEventListener("abort", () => model.off(event as never, listener), { once: true });
}
