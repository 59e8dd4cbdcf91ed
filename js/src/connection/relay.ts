// What the user's ICE servers are to the connection. It is tried without them first: most pages need
// none, and asking a server takes its time. Pure, as `state.ts` is.

import type { Problem } from "../model/bridge";
import { describeRelayError, NO_INTERFACE, RELAY_FAILED, RELAY_UNREACHABLE, UDP_BLOCKED } from "./problems";
import type { ConnectionState } from "./types";

/** Directly the two sides find each other within this, or need help. */
export const RELAY_AFTER_MS = 300;

/** The page was answered, and told of ICE servers or not. */
export function noteRelay(state: ConnectionState, offered: boolean): ConnectionState {
  if (state.relay === "used") return state;
  return { ...state, relay: offered ? "known" : "none" };
}

/** The browser has an interface that it uses for video. */
export function noteReachability(state: ConnectionState): ConnectionState {
  return state.network === "unknown" ? { ...state, network: "has-interface" } : state;
}

/** The next attempt is by the servers, and so are those after it. */
export function useRelay(state: ConnectionState): ConnectionState {
  return { ...state, relay: "used" };
}

/** Another kernel has other servers. */
export function forgetRelay(state: ConnectionState): ConnectionState {
  return { ...state, relay: "none", relayProblem: null };
}

/** Of several servers, one that refuses us tells more than one that is not reached. */
export function noteRelayError(state: ConnectionState, code: number, text: string): ConnectionState {
  const known = state.relayProblem;
  if (known !== null && known !== RELAY_UNREACHABLE) return state;
  return { ...state, relayProblem: describeRelayError(code, text) };
}

export function explainNoConnection({ network, relay, relayProblem }: ConnectionState): Problem {
  if (relay === "used") return relayProblem ?? RELAY_FAILED;
  // On loopback alone browsers make no candidate at all: another cause, and another remedy.
  return network === "unknown" ? NO_INTERFACE : UDP_BLOCKED;
}
