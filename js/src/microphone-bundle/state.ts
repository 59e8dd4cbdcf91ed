// What the user's presses and the browser's answers make of the microphone. Pure: event in, new state and effects out.
//
// Its rule: the browser is asked only because of a press, and what is open is stopped with whatever made it open.

import type { Problem } from "../model/bridge";

export type MicrophoneState =
  | { readonly is: "off" }
  /** The browser asks its user, or opens it. `held`: the button still is. */
  | { readonly is: "asking"; readonly held: boolean }
  /** Allowed while nobody held the button any more: to answer the browser one has to let go of it. */
  | { readonly is: "allowed" }
  /** It is open. `ending`: the button was let go of, and the last of what was said is on its way. */
  | { readonly is: "on"; readonly ending: boolean }
  | { readonly is: "failed"; readonly problem: Problem };

export type MicrophoneEvent =
  /** The button goes down; `toggle`: by who cannot hold it, as some who use a screen reader. */
  | { readonly on: "press"; readonly toggle: boolean }
  | { readonly on: "release" }
  | { readonly on: "opened" }
  | { readonly on: "refused"; readonly problem: Problem }
  /** It was unplugged, the browser has taken it away, or Python has given it up. */
  | { readonly on: "lost"; readonly problem: Problem }
  /** What was said last is on its way. */
  | { readonly on: "sent" }
  /** Nobody listens any more. */
  | { readonly on: "close" };

/** `open`: the browser is asked. `tell`: Python is. `close`: the track is stopped. `wait`: the event `sent` follows. */
export type MicrophoneEffect = "open" | "close" | "tell-on" | "tell-off" | "tell-failed" | "wait";

export type MicrophoneStep = readonly [MicrophoneState, readonly MicrophoneEffect[]];

export const OFF: MicrophoneState = { is: "off" };
const OPEN: MicrophoneState = { is: "on", ending: false };

/** `holds`: it is open while the button is held. */
export function reduce(state: MicrophoneState, event: MicrophoneEvent, holds: boolean): MicrophoneStep {
  switch (event.on) {
    case "press":
      return onPress(state, holds && !event.toggle);
    case "release":
      return holds ? onRelease(state) : [state, []];
    case "opened":
      if (state.is !== "asking") return [state, ["close"]];
      return state.held ? [OPEN, ["tell-on"]] : [{ is: "allowed" }, ["close"]];
    case "refused":
      return state.is === "asking" ? [{ is: "failed", problem: event.problem }, ["tell-failed"]] : [state, []];
    case "lost":
      return state.is === "on" ? [{ is: "failed", problem: event.problem }, ["close", "tell-failed"]] : [state, []];
    case "sent":
      return state.is === "on" && state.ending ? [OFF, ["close", "tell-off"]] : [state, []];
    case "close":
      return close(state);
  }
}

function onPress(state: MicrophoneState, holds: boolean): MicrophoneStep {
  switch (state.is) {
    case "asking":
      return holds ? [{ ...state, held: true }, []] : [OFF, []];
    case "on":
      // Pressed again before the end was sent, it goes on.
      return holds || state.ending ? [OPEN, []] : close(state);
    default:
      return [{ is: "asking", held: true }, ["open"]];
  }
}

function onRelease(state: MicrophoneState): MicrophoneStep {
  if (state.is === "asking") return [{ ...state, held: false }, []];
  return state.is === "on" ? [{ is: "on", ending: true }, ["wait"]] : [state, []];
}

function close(state: MicrophoneState): MicrophoneStep {
  if (state.is === "on") return [OFF, ["close", "tell-off"]];
  return state.is === "asking" || state.is === "allowed" ? [OFF, []] : [state, []];
}
