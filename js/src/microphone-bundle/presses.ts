// How the button is pressed: by pointer, finger or key, held or not, and let go of anywhere.

import type { MicrophoneControl } from "./control";

const HOLDING_KEYS = [" ", "Enter"];

export function listenToPresses(button: HTMLButtonElement, control: MicrophoneControl, signal: AbortSignal): void {
  const options = { signal };
  let held = false;
  const holds = (): boolean => control.shown.get().mode === "push_to_talk";
  const press = (toggle: boolean): void => {
    if (control.shown.get().usable) control.dispatch({ on: "press", toggle });
  };
  const hold = (): void => {
    if (!held) press(false);
    held = true;
  };
  const release = (): void => {
    if (held) control.dispatch({ on: "release" });
    held = false;
  };
  button.addEventListener("pointerdown", ({ button: which }) => which === 0 && holds() && hold(), options);
  button.addEventListener(
    "keydown",
    (event) => {
      if (!holds() || !HOLDING_KEYS.includes(event.key)) return;
      // Else the page scrolls, and a click follows.
      event.preventDefault();
      if (!event.repeat) hold();
    },
    options,
  );
  // Firefox clicks as the key goes up, whatever became of it as it went down.
  button.addEventListener("keyup", (event) => holds() && event.preventDefault(), options);
  // A long press of a finger is no wish for a menu.
  button.addEventListener("contextmenu", (event) => holds() && event.preventDefault(), options);
  button.addEventListener(
    "click",
    ({ detail }) => {
      // Who cannot hold it, such as some who use a screen reader, presses it twice: such a click has no pointer.
      if (!holds() || detail === 0) press(true);
    },
    options,
  );
  const { ownerDocument: document } = button;
  const everywhere = { signal, capture: true };
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, release, everywhere);
  document.addEventListener("keyup", ({ key }) => HOLDING_KEYS.includes(key) && release(), everywhere);
  document.addEventListener("visibilitychange", release, everywhere);
  document.defaultView?.addEventListener("blur", release, options);
}
