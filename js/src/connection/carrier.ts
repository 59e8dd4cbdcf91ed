// What carries the stream of our own host: WebRTC, or widget messages where that does not connect. Pure,
// as `state.ts` is.

import type { Problem } from "../model/bridge";
import { NO_DECODERS, NO_WAY, NO_WEBRTC, NOT_SECURE } from "./problems";
import type { ConnectionState, StreamMeans } from "./types";

export type Carrier = "webrtc" | "messages";

/** What the user allows: `transport=` in Python. */
export type CarrierChoice = "auto" | Carrier;

/** Answered, the two sides find each other within this, or messages take over. */
export const TAKE_OVER_MS = 2_000;

const MISSING = { "secure-context": NOT_SECURE, decoders: NO_DECODERS } as const;

/** What attempts go by at first, and whether messages may take over; or why nothing can be played. */
export function chooseCarrier(
  state: ConnectionState,
  { webRtc, messages, choice }: StreamMeans,
): ConnectionState | Problem {
  const wanted = state.service ? "webrtc" : choice;
  const problem = messages === null ? null : MISSING[messages];
  if (wanted === "messages") return problem ?? { ...state, carrier: "messages", takeOver: false };
  const takeOver = wanted === "auto" && problem === null;
  const insecure = wanted === "auto" && messages === "secure-context";
  if (webRtc) return { ...state, carrier: "webrtc", takeOver, insecure };
  if (takeOver) return { ...state, carrier: "messages", takeOver: false };
  return wanted === "auto" ? NO_WAY : NO_WEBRTC;
}

/** Whether an attempt by WebRTC that leads to nothing is to be followed by one by messages. */
export function canTakeOver({ carrier, takeOver, service }: ConnectionState): boolean {
  return takeOver && carrier === "webrtc" && !service;
}

/** From now on by messages: what has not worked would only take time again. */
export function useMessages(state: ConnectionState): ConnectionState {
  return { ...state, carrier: "messages", takeOver: false };
}
