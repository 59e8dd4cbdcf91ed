// The user's microphone: a bundle of its own, which Python sends once it listens. Nothing is asked of the browser, and
// nothing is sent, before the user has pressed the button.

import type { Part, PartPlace, PartPort } from "../state/part-port";
import { createButton } from "./button";
import { MicrophoneControl } from "./control";
import { createLamp } from "./lamp";

/** `scope` is the browser's. */
export function createPart(port: PartPort, signal: AbortSignal, scope: typeof globalThis = globalThis): Part {
  const control = new MicrophoneControl(port, scope, signal);
  const composers = new Set<HTMLElement>();
  return {
    take: (message) => control.take(message),
    attach: ({ kind, element, signal: viewSignal }: PartPlace) => {
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
