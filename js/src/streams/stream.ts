// What one attempt to get the stream holds: a host's peer connection, a service's room, or a
// service's WHEP viewer. All of them look like this to `connection.ts`.

import type { FromPage } from "../model/messages";
import type { Problem } from "../model/bridge";

export type Kind = "host" | "livekit" | "whep";

/** The service's own word on why there is no stream. */
export type TurnedAway = "ended" | "refused" | "taken";

export interface LineEvents {
  /** A track to play. */
  track(track: MediaStreamTrack): void;
  /** This one will bring nothing any more. */
  untrack(track: MediaStreamTrack): void;
  /** The browser has found a way to be reached. */
  candidate(): void;
  connected(): void;
  /** Interrupted; should it not come back within `ms`, it is lost. */
  wobbling(ms: number): void;
  lost(why: string): void;
  turnedAway(reason: TurnedAway, why: string): void;
  /** Trying again would not help. */
  broken(problem: Problem): void;
  /** The offer that Python is to answer. */
  offer(sdp: string): void;
  /** The way to the host is open. */
  opened(): void;
  /** The host says something over it. */
  text(data: string): void;
  /** A data packet came into the room. */
  data(topic: string, payload: string): void;
}

/** One way to the stream; it ends with the signal it was made with. */
export interface Line {
  readonly kind: Kind;
  /** Null where there may be several, or none yet. */
  readonly pc: RTCPeerConnection | null;
  /** There is a way to the host that does not lead through the kernel. */
  readonly direct: boolean;
  /** Sends that way. */
  send(message: FromPage): void;
  /** Python's answer to the offer. */
  answer(sdp: string): Promise<void>;
  /** Sends a data packet into the room. */
  command(topic: string, payload: string): void;
  /** What the browser measures; see `stats.ts`. */
  stats(): Promise<readonly unknown[]>;
  /** Lets pictures wait for sound that is held for so long. */
  follow(soundHeldMs: number): void;
}

const ignore = (): void => undefined;

/** What a line that is not for it does when asked. */
export const UNABLE = {
  pc: null,
  direct: false,
  send: ignore,
  answer: async () => undefined,
  command: ignore,
  follow: ignore,
} as const;

/** The service's or the browser's own words, short enough for a line on the screen. */
export function words(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}
