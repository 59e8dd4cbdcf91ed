// WebRTC beside the messages that carry the stream: tried, given up, tried again. That it takes over is `state.ts`.

import { isTrying, SIDE_ANSWER_MS, SIDE_CONNECT_MS, sideWaitMs } from "./carrier";
import { noteReachability, noteRelay, noteRelayError, RELAY_AFTER_MS, useRelay } from "./relay";
import { chain, type Step, startTimer } from "./steps";
import type { ConnectionEvent, ConnectionState, SideState } from "./types";

export function openSide(state: ConnectionState, failures = 0): Step {
  const peer = state.attempts + 1;
  return [
    { ...state, attempts: peer, side: { phase: "offering", peer, failures } },
    [{ do: "open", peer, carrier: "webrtc" }, startTimer("side", SIDE_ANSWER_MS)],
  ];
}

/** It has led to nothing: by the user's servers now, or later. */
export function dropSide(state: ConnectionState): Step {
  const { side } = state;
  if (!isTrying(side)) return [state, []];
  const closed = { do: "close", peer: side.peer, hangup: true } as const;
  if (side.phase === "connecting" && state.relay === "known") {
    return chain([useRelay(state), [closed]], (next) => openSide(next, side.failures));
  }
  return chain([state, [closed]], (next) => waitForSide(next, side.failures + 1));
}

export function waitForSide(state: ConnectionState, failures: number): Step {
  return [{ ...state, side: { phase: "waiting", failures } }, [startTimer("side", sideWaitMs(failures))]];
}

export function onSideTimer(state: ConnectionState): Step {
  const { side, stream } = state;
  if (isTrying(side)) return dropSide(state);
  if (side.phase === "none") return [state, []];
  const wanted = stream.phase === "connected" && state.views > 0;
  return wanted ? openSide(state, side.failures) : waitForSide(state, side.failures);
}

/** In another network it may work. */
export function onNetworkChanged(state: ConnectionState): Step {
  return state.side.phase === "waiting"
    ? onSideTimer({ ...state, side: { phase: "waiting", failures: 0 } })
    : [state, []];
}

/** What it says, but for that it is connected. */
export function reduceSide(
  state: ConnectionState,
  side: Extract<SideState, { peer: number }>,
  event: Extract<ConnectionEvent, { peer: number }>,
): Step {
  switch (event.on) {
    case "answered": {
      if (side.phase !== "offering") return [state, []];
      const next = noteRelay({ ...state, side: { ...side, phase: "connecting" } }, event.relay ?? false);
      return [next, [startTimer("side", next.relay === "known" ? RELAY_AFTER_MS : SIDE_CONNECT_MS)]];
    }
    case "path-found":
      return [state, [startTimer("side", SIDE_CONNECT_MS)]];
    case "candidate-found":
      return [noteReachability(state), []];
    case "relay-error":
      return [noteRelayError(state, event.code, event.text), []];
    case "lost":
    case "refused":
    case "token-refused":
    case "session-over":
      return dropSide(state);
    default:
      return [state, []];
  }
}
