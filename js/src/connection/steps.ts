// What the parts of the state machine are made of.

import type { StatusName } from "../model/messages";
import { isTrying } from "./carrier";
import { type ConnectionState, type Effect, isOpen, type SideState, type StreamState, type Timer } from "./types";

export type Step = readonly [ConnectionState, readonly Effect[]];

/** What a stream becomes when its connection, if there is one, is closed. */
type ClosedStream = Exclude<StreamState, { phase: "connecting" | "connected" } | { phase: "stuck"; peer: number }>;

/** Of these sessions nothing more comes. */
export const FINISHED: ReadonlySet<StatusName> = new Set(["ended", "failed", "stopping"]);
const NO_SIDE: SideState = { phase: "none" };
const STREAM_TIMERS: readonly Timer[] = [
  "answer",
  "relay",
  "take-over",
  "side",
  "connect",
  "interruption",
  "backoff",
  "steady",
  "ask-again",
  "retry",
];

export function startTimer(timer: Timer, ms: number): Effect {
  return { do: "start-timer", timer, ms };
}

export function cancelTimer(timer: Timer): Effect {
  return { do: "cancel-timer", timer };
}

export function cancelStreamTimers(): Effect[] {
  return STREAM_TIMERS.map(cancelTimer);
}

export function chain([state, effects]: Step, next: (state: ConnectionState) => Step): Step {
  const [last, more] = next(state);
  return [last, [...effects, ...more]];
}

/** Ends the present attempt, if there is one, and what goes on beside it. */
export function close(state: ConnectionState, stream: ClosedStream, hangup: boolean): Step {
  if (state.stream.phase === "unsupported") return [state, []];
  const closed: Effect[] = isOpen(state.stream) ? [{ do: "close", peer: state.stream.peer, hangup }] : [];
  if (isTrying(state.side)) closed.push({ do: "close", peer: state.side.peer, hangup: true });
  return [{ ...state, stream, side: NO_SIDE }, [...closed, ...cancelStreamTimers()]];
}

/** Ends the messages: the WebRTC beside them, which is in this phase, takes their place. */
export function replaceMessages(state: ConnectionState, stream: StreamState): Step {
  const closed: Effect[] = isOpen(state.stream) ? [{ do: "close", peer: state.stream.peer, hangup: true }] : [];
  return [{ ...state, stream, carrier: "webrtc", side: NO_SIDE }, [...closed, ...cancelStreamTimers()]];
}
