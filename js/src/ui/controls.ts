// The bar over the picture: start or stop, interrupt, sound, captions, full screen.

import { h, setAttribute } from "./dom";
import { icon, type IconName } from "./icons";
import type { PageState } from "../state/page-state";
import type { ViewModel } from "../state/view-model";

export interface ControlActions {
  start(): void;
  stop(): void;
  interrupt(): void;
  setSound(muted: boolean, volume: number): void;
  setCaptions(on: boolean): void;
}

export interface Controls {
  readonly element: HTMLElement;
  update(state: PageState, model: ViewModel): void;
}

/** `stage` is what full screen shows. Listeners end with `signal`. */
export function createControls(stage: HTMLElement, actions: ControlActions, signal: AbortSignal): Controls {
  let state: PageState | null = null;
  let model: ViewModel | null = null;

  const session = button("play", "Start", () => (model?.can.stop ? actions.stop() : actions.start()), signal);
  const interrupt = button("interrupt", "Interrupt", () => actions.interrupt(), signal);
  const mute = button("sound", "Mute", () => {
    if (!state) return;
    // Unmuting at volume zero would look broken: come back audible.
    const volume = isSilent(state) && state.volume === 0 ? 0.5 : state.volume;
    actions.setSound(!isSilent(state), volume);
  }, signal);
  const volume = h("input", {
    type: "range", min: 0, max: 1, step: 0.05, class: "ipyavatar-volume", "aria-label": "Volume",
  });
  volume.addEventListener("input", () => actions.setSound(volume.valueAsNumber === 0, volume.valueAsNumber), { signal });
  const captions = button("captions", "Captions", () => actions.setCaptions(!state?.captionsOn), signal);
  const fullscreen = button("fullscreen", "Full screen", () => toggleFullscreen(stage), signal);
  fullscreen.hidden = !document.fullscreenEnabled;
  document.addEventListener("fullscreenchange", () => {
    const on = stage.contains(document.fullscreenElement);
    setLabel(fullscreen, on ? "windowed" : "fullscreen", on ? "Leave full screen" : "Full screen");
  }, { signal });

  const element = h("div", { class: "ipyavatar-controls", role: "group", "aria-label": "Avatar controls" },
    session, interrupt,
    h("div", { class: "ipyavatar-sound" }, mute, volume),
    h("span", { class: "ipyavatar-gap" }),
    captions, fullscreen);

  return {
    element,
    update(nextState, nextModel) {
      state = nextState;
      model = nextModel;
      const { can } = nextModel;
      setLabel(session, can.stop ? "power" : "play", can.stop ? "Stop the session" : "Start");
      setEnabled(session, can.start || can.stop);
      setEnabled(interrupt, can.interrupt);
      const off = isSilent(nextState);
      setLabel(mute, off ? "muted" : "sound", off ? "Unmute" : "Mute");
      const level = off ? 0 : nextState.volume;
      if (volume.valueAsNumber !== level) volume.value = String(level);
      volume.style.setProperty("--ipyavatar-level", `${level * 100}%`);
      setAttribute(volume, "aria-valuetext", off ? "Muted" : `${Math.round(level * 100)} percent`);
      setAttribute(captions, "aria-pressed", String(nextState.captionsOn));
    },
  };
}

export function isSilent(state: PageState): boolean {
  return state.muted || state.volume === 0;
}

export function button(name: IconName, text: string, onPress: () => void, signal: AbortSignal): HTMLButtonElement {
  const element = h("button", { type: "button", class: "ipyavatar-button" });
  setLabel(element, name, text);
  element.addEventListener("click", () => {
    // `aria-disabled` instead of `disabled`: a button that goes grey keeps the keyboard's focus.
    if (element.getAttribute("aria-disabled") !== "true") onPress();
  }, { signal });
  return element;
}

function setLabel(element: HTMLButtonElement, name: IconName, text: string): void {
  if (element.dataset.icon === name && element.title === text) return;
  element.dataset.icon = name;
  element.title = text;
  element.setAttribute("aria-label", text);
  element.replaceChildren(icon(name));
}

function setEnabled(element: HTMLButtonElement, on: boolean): void {
  setAttribute(element, "aria-disabled", on ? null : "true");
}

function toggleFullscreen(stage: HTMLElement): void {
  const done = document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen();
  // Hosts may forbid it in their frames; then nothing happens, which the user sees.
  done.catch(() => undefined);
}
