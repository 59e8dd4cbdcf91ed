// The bar over the picture: start or stop, interrupt, sound, captions, and where the picture is.

import type { TranscriptKind } from "../model/messages";
import { isSilent, type PageState } from "../state/page-state";
import type { ViewModel } from "../state/view-model";
import { h, setAttribute } from "./dom";
import { type IconName, icon } from "./icons";

export interface ControlActions {
  start(): void;
  stop(): void;
  interrupt(): void;
  setSound(muted: boolean, volume: number): void;
  setCaptions(on: boolean): void;
  setFollowing(on: boolean): void;
  setOwnWindow(on: boolean): void;
  readonly transcript: { save(kind: TranscriptKind): void };
}

export interface Controls {
  readonly element: HTMLElement;
  update(state: PageState, model: ViewModel): void;
}

/** `stage` is what full screen shows; a floating one has less. Listeners end with `signal`. */
export function createControls(
  stage: HTMLElement,
  actions: ControlActions,
  floating: boolean,
  signal: AbortSignal,
): Controls {
  let canStop = false;
  const session = button("play", "Start", () => (canStop ? actions.stop() : actions.start()), signal);
  const interrupt = button("interrupt", "Interrupt", () => actions.interrupt(), signal);
  // The key is read in view.ts; a floating picture is closed with it.
  if (!floating) setAttribute(interrupt, "aria-keyshortcuts", "Escape");
  const sound = createSoundControls(actions, signal);
  const captions = createToggle("captions", "Captions", (on) => actions.setCaptions(on), signal);
  const following = createToggle("follow", "Follow when scrolled away", (on) => actions.setFollowing(on), signal);
  const ownWindow = createToggle("window", "Picture in picture", (on) => actions.setOwnWindow(on), signal);
  ownWindow.element.hidden = !document.pictureInPictureEnabled;
  const element = h(
    "div",
    { class: "ipyavatar-controls", role: "group", "aria-label": "Avatar controls" },
    !floating && session,
    interrupt,
    sound.element,
    h("span", { class: "ipyavatar-gap" }),
    captions.element,
    !floating && createSaveMenu(actions, signal),
    !floating && following.element,
    ownWindow.element,
    !floating && createFullscreenButton(stage, signal),
  );
  return {
    element,
    update(state, { can }) {
      canStop = can.stop;
      setLabel(session, canStop ? "power" : "play", canStop ? "Stop the session" : "Start");
      setEnabled(session, can.start || can.stop);
      setEnabled(interrupt, can.interrupt);
      sound.update(state);
      captions.update(state.captionsOn);
      following.update(state.floating !== false);
      ownWindow.update(state.ownWindow);
      setEnabled(ownWindow.element, state.ownWindow || state.hasPlayed);
    },
  };
}

interface SoundControls {
  readonly element: HTMLElement;
  update(state: PageState): void;
}

function createSoundControls(actions: ControlActions, signal: AbortSignal): SoundControls {
  let shown = { muted: false, volume: 1 };
  const toggle = (): void => {
    // Unmuting at volume zero would look broken: come back audible.
    const level = isSilent(shown) && shown.volume === 0 ? 0.5 : shown.volume;
    actions.setSound(!isSilent(shown), level);
  };
  const mute = button("sound", "Mute", toggle, signal);
  const range = { type: "range", min: 0, max: 1, step: 0.05 };
  const volume = h("input", { ...range, class: "ipyavatar-volume", "aria-label": "Volume" });
  const setVolume = (): void => actions.setSound(volume.valueAsNumber === 0, volume.valueAsNumber);
  volume.addEventListener("input", setVolume, { signal });
  return {
    element: h("div", { class: "ipyavatar-sound" }, mute, volume),
    update(state) {
      shown = state;
      const off = isSilent(state);
      const level = off ? 0 : state.volume;
      setLabel(mute, off ? "muted" : "sound", off ? "Unmute" : "Mute");
      if (volume.valueAsNumber !== level) volume.value = String(level);
      volume.style.setProperty("--ipyavatar-level", `${level * 100}%`);
      setAttribute(volume, "aria-valuetext", off ? "Muted" : `${Math.round(level * 100)} percent`);
    },
  };
}

/** The browser's own menu; its icon is in the style sheet. */
function createSaveMenu(actions: ControlActions, signal: AbortSignal): HTMLElement {
  const text = "Save what was said";
  const menu = h(
    "select",
    { class: "ipyavatar-button ipyavatar-save", title: text, "aria-label": text },
    h("option", { hidden: true }),
    h("option", { value: "txt" }, "Text (.txt)"),
    h("option", { value: "vtt" }, "Captions (.vtt)"),
  );
  menu.addEventListener(
    "change",
    () => {
      actions.transcript.save(menu.value as TranscriptKind);
      menu.selectedIndex = 0;
    },
    { signal },
  );
  return menu;
}

function createFullscreenButton(stage: HTMLElement, signal: AbortSignal): HTMLButtonElement {
  const fullscreen = button("fullscreen", "Full screen", () => toggleFullscreen(stage), signal);
  fullscreen.hidden = !document.fullscreenEnabled;
  const update = (): void => {
    const on = stage.contains(document.fullscreenElement);
    setLabel(fullscreen, on ? "windowed" : "fullscreen", on ? "Leave full screen" : "Full screen");
  };
  document.addEventListener("fullscreenchange", update, { signal });
  return fullscreen;
}

interface Toggle {
  readonly element: HTMLButtonElement;
  update(on: boolean): void;
}

function createToggle(name: IconName, text: string, set: (on: boolean) => void, signal: AbortSignal): Toggle {
  let shown = false;
  const element = button(name, text, () => set(!shown), signal);
  return {
    element,
    update(on) {
      shown = on;
      setAttribute(element, "aria-pressed", String(on));
    },
  };
}

export function button(name: IconName, text: string, onPress: () => void, signal: AbortSignal): HTMLButtonElement {
  const element = h("button", { type: "button", class: "ipyavatar-button" });
  setLabel(element, name, text);
  element.addEventListener(
    "click",
    () => {
      // `aria-disabled` instead of `disabled`: a button that goes grey keeps the keyboard's focus.
      if (element.getAttribute("aria-disabled") !== "true") onPress();
    },
    { signal },
  );
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
