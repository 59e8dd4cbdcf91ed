// What the page plays, recorded by its browser and sent to Python: a bundle of its own, which Python sends once somebody
// records, or reads, a service's session that only this page can watch.

import type { Part, PartPlace, PartPort } from "../state/part-port";
import { RecordingControl } from "./control";
import { createLamp } from "./lamp";

/** `scope` is the browser's. */
export function createPart(port: PartPort, signal: AbortSignal, scope: typeof globalThis = globalThis): Part {
  const control = new RecordingControl(port, scope, signal);
  return {
    take: (message) => control.take(message),
    attach: ({ kind, element, signal: viewSignal }: PartPlace) => {
      if (kind === "stage") createLamp(element, control.shown, viewSignal);
    },
  };
}
