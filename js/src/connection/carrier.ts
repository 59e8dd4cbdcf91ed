// What carries the stream of our own host: WebRTC, or widget messages where that does not connect, or not
// soon; and in their place a WebSocket, which is `streams/message-stream.ts`. Pure, as `state.ts` is.
//
// What carries it is `state.stream`. While messages do, WebRTC is tried beside them, which is `state.side`, and
// takes over once its picture is there.

import type { Problem } from "../model/bridge";
import { NO_MESSAGES, NO_WAY, NO_WEBRTC } from "./problems";
import type { ConnectionState, SideState, StreamMeans } from "./types";

/** Answered, the two sides find each other within this, or messages begin as well. On one machine they need half. */
export const TAKE_OVER_MS = 200;
/** Beside messages an offer is answered within this: a busy kernel takes its time. */
export const SIDE_ANSWER_MS = 15_000;
/** The two sides have found each other by then, beside messages. */
export const SIDE_CONNECT_MS = 8_000;
/** What has stalled may come back within this, beside messages. */
export const STALLED_MS = 3_000;
/** WebRTC has just been tried. */
export const TRIED: SideState = { phase: "waiting", failures: 1 };
const SIDE_WAIT_MS = 30_000;
const SIDE_WAIT_MAX_MS = 600_000;

/** What attempts go by at first, and whether there is a choice; or why nothing can be played. */
export function chooseCarrier(
  state: ConnectionState,
  { webRtc, messages, choice, likely }: StreamMeans,
): ConnectionState | Problem {
  const wanted = state.service ? "webrtc" : choice;
  if (wanted === "messages" || wanted === "websocket")
    return messages ? { ...state, carrier: "messages", choosing: false } : NO_MESSAGES;
  const usable = wanted === "auto" && messages;
  if (webRtc) return { ...state, carrier: usable ? likely : "webrtc", choosing: usable };
  if (usable) return { ...state, carrier: "messages", choosing: false };
  return wanted === "auto" ? NO_WAY : NO_WEBRTC;
}

/** Whether messages may take the place of the WebRTC that carries the stream, or is to. */
export function canTakeOver({ carrier, choosing, service }: ConnectionState): boolean {
  return choosing && carrier === "webrtc" && !service;
}

/** Whether WebRTC is to be tried beside messages. */
export function canImprove({ carrier, choosing, service }: ConnectionState): boolean {
  return choosing && carrier === "messages" && !service;
}

/** What was tried in vain is tried again after this: networks change. */
export function sideWaitMs(failures: number): number {
  return Math.min(SIDE_WAIT_MAX_MS, SIDE_WAIT_MS * 2 ** (failures - 1));
}

export function isTrying(side: SideState): side is Extract<SideState, { peer: number }> {
  return "peer" in side;
}
