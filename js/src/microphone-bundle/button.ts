// The button in the text box, and the line below it: what the microphone does, and what was understood.

import { h, setAttribute, setText } from "../ui/dom";
import type { MicrophoneControl } from "./control";
import { microphoneIcon } from "./icon";
import { listenToPresses } from "./presses";
import { describeButton, describeMicrophone } from "./texts";
import type { ShownMicrophone } from "./types";

/** `reads`: of all views of this model, this is the one that screen readers read aloud. */
export function createButton(
  composer: HTMLElement,
  control: MicrophoneControl,
  reads: () => boolean,
  signal: AbortSignal,
): void {
  const button = h("button", { type: "button", class: "ipyavatar-button ipyavatar-microphone" });
  const line = createLine();
  composer.lastElementChild?.before(button);
  composer.after(line.element);
  signal.addEventListener(
    "abort",
    () => {
      button.remove();
      line.element.remove();
      // Held by a key in a view that goes away, nobody lets go of it.
      control.dispatch({ on: "release" });
    },
    { once: true },
  );
  listenToPresses(button, control, signal);
  control.shown.subscribe((shown) => {
    updateButton(button, shown);
    line.update(shown, reads());
  }, signal);
}

function updateButton(button: HTMLButtonElement, shown: ShownMicrophone): void {
  const { mode, microphone, usable, hearing } = shown;
  button.hidden = mode === "off";
  const label = describeButton(shown);
  button.title = label;
  setAttribute(button, "aria-label", label);
  setAttribute(button, "aria-pressed", String(microphone.is === "on" || microphone.is === "asking"));
  setAttribute(button, "aria-disabled", usable ? null : "true");
  if (button.dataset.microphone !== microphone.is) button.replaceChildren(microphoneIcon(microphone.is === "failed"));
  button.dataset.microphone = microphone.is;
  button.dataset.hearing = String(hearing && microphone.is === "on");
}

interface Line {
  readonly element: HTMLElement;
  update(shown: ShownMicrophone, reads: boolean): void;
}

function createLine(): Line {
  const words = h("strong", {});
  const fix = h("span", {});
  const who = h("span", {}, "You said ");
  const said = h("bdi", {});
  const heard = h("p", { class: "ipyavatar-heard" }, who, said);
  const element = h(
    "div",
    { class: "ipyavatar-hearing", role: "status" },
    h(
      "p",
      { class: "ipyavatar-hearing-line" },
      h("span", { class: "ipyavatar-dot", "aria-hidden": "true" }),
      words,
      " ",
      fix,
    ),
    heard,
  );
  return {
    element,
    update(shown, reads) {
      setAttribute(element, "aria-live", reads ? "polite" : "off");
      const line = shown.mode === "off" ? null : describeMicrophone(shown);
      const understood = shown.mode === "off" ? null : shown.heard;
      element.hidden = !line && !understood;
      setAttribute(element, "data-tone", line?.tone ?? "calm");
      element.dataset.hearing = String(shown.hearing && line?.tone === "open");
      setAttribute(words.parentElement as HTMLElement, "hidden", !line);
      setText(words, line?.text ?? "");
      setText(fix, line?.fix ?? "");
      heard.hidden = !understood;
      who.hidden = !understood?.text;
      setAttribute(heard, "data-understood", understood && String(understood.text !== ""));
      setText(said, understood ? understood.text || understood.reason : "");
    },
  };
}
