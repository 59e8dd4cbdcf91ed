// What says over the picture that it is recorded: exactly while it is.

import type { Store } from "../state/store";
import { h } from "../ui/dom";

const LABEL = "What the avatar shows and says is being recorded";

/** What the views show of it. */
export interface ShownRecording {
  readonly recording: boolean;
}

export function createLamp(stage: HTMLElement, shown: Store<ShownRecording>, signal: AbortSignal): void {
  const lamp = h("span", { class: "ipyavatar-recording", role: "img", "aria-label": LABEL, title: LABEL }, "REC");
  stage.append(lamp);
  signal.addEventListener("abort", () => lamp.remove(), { once: true });
  shown.subscribe(({ recording }) => {
    lamp.hidden = !recording;
  }, signal);
}
