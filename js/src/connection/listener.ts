// What a connection tells the player.

import type { ToPage } from "../model/messages";
import type { ConnectionState } from "./types";

export interface ConnectionListener {
  stateChanged(state: ConnectionState): void;
  /** Python has said something that is not about the connection. */
  messageReceived(message: ToPage): void;
  /** A track of the present stream has come; all tracks of former streams are over. */
  trackAdded(track: MediaStreamTrack): void;
  /** A track has ended before its stream. */
  trackEnded(track: MediaStreamTrack): void;
  /** A new attempt begins, and nothing else is there: the former tracks are over. */
  attemptStarted(): void;
  /** Another stream takes the place of the one before, without a break: it has these tracks. */
  streamReplaced(tracks: readonly MediaStreamTrack[]): void;
  channelOpened(): void;
}
