// What the views show: one state per model and page, made of traits, messages and the stream.

import type { ShownCaption } from "../media/captions";
import type { Link } from "../connection/types";
import type { Bridge, Problem } from "../model/bridge";
import type { StatusName } from "../model/messages";
import type { Measured } from "../media/stats";

export interface PageState {
  readonly link: Link;
  readonly status: StatusName;
  readonly statusText: string;
  readonly speaking: boolean;
  readonly error: Partial<Problem>;
  readonly caption: ShownCaption | null;
  /** The text being spoken, once per speech, for those who cannot see the captions. */
  readonly spoken: string;
  readonly notice: string;
  readonly character: string;
  readonly muted: boolean;
  readonly volume: number;
  readonly captionsOn: boolean;
  readonly width: number;
  readonly badge: boolean;
  readonly playing: boolean;
  /** Something has been playing. */
  readonly seen: boolean;
  readonly soundBlocked: boolean;
  readonly measured: Measured | null;
  readonly speechLatencyMs: number | null;
  readonly firstFrameMs: number | null;
}

/** What only traits tell. */
export function looks(
  bridge: Bridge,
): Pick<PageState, "character" | "captionsOn" | "width" | "badge" | "error" | "speechLatencyMs"> {
  return {
    character: bridge.get("character"),
    captionsOn: bridge.get("captions_on"),
    width: bridge.get("width"),
    badge: bridge.get("badge"),
    error: bridge.get("error"),
    speechLatencyMs: bridge.get("stats").speech_latency_ms ?? null,
  };
}

/** What a host also tells over its channel, in step with the media. */
export function inStepTraits(bridge: Bridge): Pick<PageState, "status" | "statusText" | "speaking"> {
  return { status: bridge.get("status"), statusText: bridge.get("status_text"), speaking: bridge.get("speaking") };
}

/** Before anything has happened in this page. */
export function initialState(bridge: Bridge, link: Link): PageState {
  return {
    ...looks(bridge),
    ...inStepTraits(bridge),
    link,
    muted: bridge.get("muted"),
    volume: bridge.get("volume"),
    caption: null,
    spoken: "",
    notice: "",
    playing: false,
    seen: false,
    soundBlocked: false,
    measured: null,
    firstFrameMs: null,
  };
}
