// What one attempt to get the avatar's media holds: a host's peer connection, a service's LiveKit
// room, a service's WHEP viewer, or the peer connection it offers. All of them look like this to `connection.ts`.

import type { Problem } from "../model/bridge";
import type { Caption, Frames, FromPage, SocketGranted, StreamEnd } from "../model/messages";

export type StreamKind = "host" | "messages" | "websocket" | "livekit" | "whep" | "webrtc";

/** The service's own word on why there is no stream. */
export type Rejection = Exclude<StreamEnd, "lost">;

export interface StreamEvents {
  /** A track to play. */
  track(track: MediaStreamTrack): void;
  /** A track will bring nothing any more, while the stream goes on. */
  trackEnded(track: MediaStreamTrack): void;
  /** The browser has found a way to be reached. */
  candidateFound(): void;
  /** Packets go to and fro; what is left is to agree on keys. */
  pathFound(): void;
  /** A STUN or TURN server does not serve this page: the server's error code, 701 where it is not reached. */
  relayError(code: number, text: string): void;
  connected(): void;
  /** Nothing arrives; should it not come back within `ms`, the stream is lost. */
  interrupted(ms: number): void;
  lost(why: string): void;
  rejected(reason: Rejection, why: string): void;
  /** The stream cannot work, and trying again would not help, unless it may `later`. */
  failed(problem: Problem, later?: boolean): void;
  /** The offer that Python is to answer. */
  offerReady(sdp: string): void;
  /** Our answer to the service's offer. */
  answerReady(sdp: string): void;
  /** A way in which we can be reached, for the service whose offer was answered. */
  candidate(candidate: RTCIceCandidate): void;
  /** The data channel to the host is open. */
  channelOpened(): void;
  /** The host says something over the data channel. */
  channelMessage(data: string): void;
  /** A data packet came into the room, or over the service's data channel. */
  dataPacket(topic: string, payload: string): void;
}

/** One way to the avatar's media; it ends with the signal it was made with. */
export interface AvatarStream {
  readonly kind: StreamKind;
  /** Null where there may be several, or none yet. */
  readonly pc: RTCPeerConnection | null;
  /** There is a way to the host that does not lead through the kernel. */
  readonly hasChannel: boolean;
  /** Nothing comes for now, on purpose: the picture stands still. */
  readonly resting: boolean;
  /** For so long none of its sound has been played; null where that is not known. */
  readonly unheardMs: number | null;
  /** Another stream may take its place without a word lost or heard twice. */
  readonly quiet: boolean;
  /** Asks for it; it is sent again until it is there. Others make an offer. */
  ask(): void;
  /** Takes frames that came by widget message, and the bytes of each. */
  takeFrames(message: Frames, buffers: readonly DataView[]): void;
  /** Has the caption shown with its sound, in so many milliseconds; at once where the browser decides when that is heard. */
  holdCaption(caption: Caption, show: (heldMs: number) => void): void;
  /** Python lets us open a WebSocket to the host. */
  useSocket(granted: SocketGranted): void;
  /** The user has cut off what sounds: nothing of it is played until the host has heard of that, or another speech begins. */
  cutSound(cut: boolean): void;
  /** Sends the microphone's sound in place of what was sent, or none; false where that cannot be. `onRefused`: it turns out later. */
  sendSound(track: MediaStreamTrack | null, onRefused?: (why: string) => void): boolean;
  /** Sends over the data channel; false where that cannot be. */
  send(message: FromPage): boolean;
  /** Takes Python's answer to the offer. */
  acceptAnswer(sdp: string): Promise<void>;
  /** Sends a data packet into the room. */
  sendDataPacket(topic: string, payload: string): void;
  /** What the browser measures; see `stats.ts`. */
  getStats(): Promise<readonly unknown[]>;
  /** Lets pictures wait for sound that is held for so long. */
  delayVideo(audioHeldMs: number): void;
}

/** What a stream comes by, in Python's words. */
export function nameTransport(stream: AvatarStream | null): string {
  return stream?.kind === "host" ? "webrtc" : (stream?.kind ?? "");
}

const ignore = (): void => undefined;

/** What a stream does when asked for something that its kind has not. */
export const UNSUPPORTED = {
  pc: null,
  hasChannel: false,
  resting: false,
  unheardMs: null,
  quiet: true,
  ask: ignore,
  takeFrames: ignore,
  holdCaption: (_caption: Caption, show: (heldMs: number) => void): void => show(0),
  useSocket: ignore,
  cutSound: ignore,
  sendSound: (): boolean => false,
  send: (): boolean => false,
  acceptAnswer: async () => undefined,
  sendDataPacket: ignore,
  delayVideo: ignore,
} as const;

/** The service's or the browser's own words, short enough for a line on the screen. */
export function shortMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}
