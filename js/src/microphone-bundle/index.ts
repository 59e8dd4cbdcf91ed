// The user's microphone: a bundle of its own, which Python sends once it listens. Nothing is asked of the browser, and
// nothing is sent, before the user has pressed the button.

import type { MicrophonePlace, MicrophonePort } from "../state/hearing";
import { createButton } from "./button";
import { MicrophoneControl } from "./control";
import { createLamp } from "./lamp";
import type { Microphone } from "./types";

export type { Microphone } from "./types";

/** `scope` is the browser's. */
export function createMicrophone(
  port: MicrophonePort,
  signal: AbortSignal,
  scope: typeof globalThis = globalThis,
): Microphone {
  const control = new MicrophoneControl(port, scope, signal);
  const composers = new Set<HTMLElement>();
  return {
    take: (message) => control.take(message),
    attach: ({ kind, element, signal: viewSignal }: MicrophonePlace) => {
      if (kind === "stage") createLamp(element, control.shown, viewSignal);
      else {
        // Several views say the same; one of them is read aloud.
        composers.add(element);
        viewSignal.addEventListener("abort", () => composers.delete(element), { once: true });
        createButton(element, control, () => composers.values().next().value === element, viewSignal);
      }
    },
  };
}
