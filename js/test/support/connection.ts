// Runs the connection's state machine, and looks at where it ends.

import { reduce } from "../../src/connection/state";
import { type ConnectionEvent, type ConnectionState, type Effect, INITIAL } from "../../src/connection/types";
import type { Problem } from "../../src/model/bridge";
import { PROTOCOL, type StatusName } from "../../src/model/messages";

export const loaded: ConnectionEvent = {
  on: "loaded",
  webRtc: true,
  messages: false,
  choice: "webrtc",
  likely: "webrtc",
};
export const unable: ConnectionEvent = {
  on: "loaded",
  webRtc: false,
  messages: false,
  choice: "webrtc",
  likely: "webrtc",
};
export const welcome: ConnectionEvent = { on: "welcome", epoch: "e", protocol: PROTOCOL };
export const view: ConnectionEvent = { on: "view-attached" };
export const timer = (name: Extract<ConnectionEvent, { on: "timer" }>["timer"]): ConnectionEvent => ({
  on: "timer",
  timer: name,
});

export function run(
  events: ConnectionEvent[],
  session: StatusName = "live",
): { state: ConnectionState; effects: Effect[] } {
  let state: ConnectionState = { ...INITIAL, session };
  let last: readonly Effect[] = [];
  for (const event of events) [state, last] = reduce(state, event);
  return { state, effects: [...last] };
}

export const problemOf = ({ stream }: ConnectionState): Problem | null => ("problem" in stream ? stream.problem : null);
export const answerOf = ({ stream }: ConnectionState): unknown => ("answer" in stream ? stream.answer : undefined);
export const up: ConnectionEvent[] = [loaded, welcome, view, { on: "answered", peer: 1 }, { on: "connected", peer: 1 }];
export const does = (effects: Effect[], name: Effect["do"]): Effect[] => effects.filter((effect) => effect.do === name);
export const waits = (effects: Effect[], name: string): number | undefined =>
  effects.flatMap((effect) => (effect.do === "start-timer" && effect.timer === name ? [effect.ms] : []))[0];
