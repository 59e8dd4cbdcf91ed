// The lamp over the picture, in its cell and where it floats: it is lit exactly while the microphone is open.

import type { Store } from "../state/store";
import { h } from "../ui/dom";
import { microphoneIcon } from "./icon";
import type { ShownMicrophone } from "./types";

const LABEL = "The microphone is on";

export function createLamp(stage: HTMLElement, shown: Store<ShownMicrophone>, signal: AbortSignal): void {
  const lamp = h(
    "span",
    { class: "ipyavatar-lamp", role: "img", "aria-label": LABEL, title: LABEL },
    microphoneIcon(false),
  );
  stage.append(lamp);
  signal.addEventListener("abort", () => lamp.remove(), { once: true });
  shown.subscribe(({ microphone, hearing }) => {
    lamp.hidden = microphone.is !== "on";
    lamp.dataset.hearing = String(hearing);
  }, signal);
}
