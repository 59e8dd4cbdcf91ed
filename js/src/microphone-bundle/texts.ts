// What the user is told of the microphone.

import type { ShownMicrophone } from "./types";

export type MicrophoneTone = "calm" | "open" | "warn";

export interface MicrophoneLine {
  readonly tone: MicrophoneTone;
  readonly text: string;
  /** What to do about it; empty where nothing is to be done. */
  readonly fix: string;
}

const SPOKEN_PROBLEMS = {
  muted: { tone: "warn", text: "The microphone is muted.", fix: "Switch it on, at the device or in your system." },
  deaf: {
    tone: "warn",
    text: "The kernel is busy and does not hear you.",
    fix: "Wait for the cell, or stop it.",
  },
} as const;

/** The button's name: what it does, and by which keys. It says nothing of its state, which is told apart. */
export function describeButton({ mode, name }: ShownMicrophone): string {
  const who = name || "the avatar";
  return mode === "push_to_talk" ? `Talk to ${who}: hold this button, or the Space key on it` : `Talk to ${who}`;
}

/** The line below the text box; null where there is nothing to say. */
export function describeMicrophone({ mode, microphone, muted, deaf }: ShownMicrophone): MicrophoneLine | null {
  switch (microphone.is) {
    case "off":
      return null;
    case "asking":
      return { tone: "calm", text: "Waiting for the microphone…", fix: "Allow it if your browser asks." };
    case "allowed":
      return { tone: "calm", text: "The microphone is allowed.", fix: "Hold the button and talk." };
    case "failed":
      return { tone: "warn", text: microphone.problem.what, fix: microphone.problem.fix };
    case "on":
      if (muted) return SPOKEN_PROBLEMS.muted;
      if (deaf) return SPOKEN_PROBLEMS.deaf;
      return { tone: "open", text: "Listening", fix: mode === "push_to_talk" ? "Let go when you have said it." : "" };
  }
}
