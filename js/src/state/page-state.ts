// What the views show: one state per model and page, made of messages, traits and the stream.

import type { ConnectionState } from "../connection/types";
import type { ShownCaption } from "../media/captions";
import type { Measured } from "../media/stats";
import type { Bridge, TraitName } from "../model/bridge";
import { INITIAL_SESSION, type SessionState } from "./session-state";
import type { Sight } from "./sight";

export interface PageState extends SessionState, Sight {
  readonly connection: ConnectionState;
  readonly caption: ShownCaption | null;
  /** The sentence that sounds or sounded last, to be read aloud where the sound is off; new for each. */
  readonly sentence: Sentence | null;
  /** Something that went wrong without ending the session; empty when nothing did. */
  readonly notice: string;
  readonly character: string;
  readonly muted: boolean;
  readonly volume: number;
  readonly captionsOn: boolean;
  readonly width: number;
  readonly badge: boolean;
  /** Whether a small picture follows the reader who scrolls on; `auto`: while it speaks. */
  readonly floating: "auto" | boolean;
  /** The user has closed that picture, until the cell is seen again. */
  readonly floatClosed: boolean;
  /** The picture has, or is to get, a window of its own. */
  readonly ownWindow: boolean;
  /** A responder answers what is typed. */
  readonly talks: boolean;
  /** How far a lesson is, in words; empty where there is none. */
  readonly progress: string;
  readonly playing: boolean;
  /** Something has been playing. */
  readonly hasPlayed: boolean;
  readonly soundBlocked: boolean;
  /** Another tab of this browser sounds in place of this one. */
  readonly soundElsewhere: boolean;
  /** With what it came by, in Python's words. */
  readonly measured: (Measured & { readonly transport: string }) | null;
  readonly speechLatencyMs: number | null;
  readonly firstFrameMs: number | null;
}

export interface Sentence {
  readonly text: string;
}

/** Whether the avatar's voice, if it speaks, comes out of the user's speakers. */
export function isHeard({ playing, soundBlocked, muted, volume }: PageState): boolean {
  return playing && !soundBlocked && !isSilent({ muted, volume });
}

export function isSilent({ muted, volume }: Pick<PageState, "muted" | "volume">): boolean {
  return muted || volume === 0;
}

export type Appearance = Pick<
  PageState,
  "character" | "captionsOn" | "width" | "badge" | "floating" | "talks" | "progress"
>;

export const APPEARANCE_TRAITS: readonly TraitName[] = [
  "character",
  "captions_on",
  "width",
  "badge",
  "floating",
  "talks",
  "progress",
];

/** How the avatar is shown, which only traits tell. */
export function readAppearance(bridge: Bridge): Appearance {
  return {
    character: bridge.get("character"),
    captionsOn: bridge.get("captions_on"),
    width: bridge.get("width"),
    badge: bridge.get("badge"),
    floating: bridge.get("floating"),
    talks: bridge.get("talks"),
    progress: bridge.get("progress"),
  };
}

/** Before anything has happened in this page. */
export function createPageState(bridge: Bridge, connection: ConnectionState): PageState {
  return {
    ...INITIAL_SESSION,
    ...readAppearance(bridge),
    connection,
    seen: false,
    inPlace: false,
    floatClosed: false,
    ownWindow: false,
    muted: bridge.get("muted"),
    volume: bridge.get("volume"),
    caption: null,
    sentence: null,
    notice: "",
    playing: false,
    hasPlayed: false,
    soundBlocked: false,
    soundElsewhere: false,
    measured: null,
    // Of the speech before this page was loaded; those after it say it themselves.
    speechLatencyMs: bridge.get("stats").speech_latency_ms ?? null,
    firstFrameMs: null,
  };
}
