// One view of a model: its own elements, the state of all.

import { createComposer } from "./composer";
import { createControls } from "./controls";
import { h, setAttribute, setText } from "./dom";
import { createOverlay } from "./overlay";
import type { PageState } from "../state/page-state";
import type { Player } from "../state/player";
import type { Kind } from "../streams/stream";
import { createStatusLine } from "./status-line";
import { type Facts, face } from "../state/view-model";

/** Wide enough for a face, narrow enough for text beside it. */
const MAX_WIDTH_PX = 720;

/** For tests and measurements only: what this view plays, and what it believes. */
export interface TestHook {
  readonly stream: MediaStream | null;
  /** Null for LiveKit, which may have two. */
  /** The one element that sounds, in no document. */
  readonly audio: HTMLAudioElement;
  pc(): RTCPeerConnection | null;
  /** What the stream comes by; null while there is none. */
  kind(): Kind | null;
  state(): Readonly<PageState>;
}

export function createView(el: HTMLElement, player: Player, signal: AbortSignal): void {
  const video = h("video", { class: "ipyavatar-video", disablepictureinpicture: true });
  const stage = h("div", { class: "ipyavatar-stage" }, video);
  const overlay = createOverlay(player, () => stage.clientWidth, signal);
  const controls = createControls(stage, player, signal);
  const composer = createComposer((text) => player.say(text), signal);
  const status = createStatusLine(signal);
  const log = h("div", { class: "ipyavatar-log", role: "log", "aria-live": "polite" });
  stage.append(...overlay.elements, controls.element);
  const card = h("section", { class: "ipyavatar-card" }, stage,
    h("div", { class: "ipyavatar-foot" }, composer.element, status.element), log);
  // JupyterLab reads keys before we could stop them, unless it is told not to.
  const root = h("div", { class: "ipyavatar-root", "data-lm-suppress-shortcuts": "true" }, card);
  // Other front ends listen further out: typing "dd" must not delete a cell.
  root.addEventListener("keydown", (event) => event.stopPropagation(), { signal });

  player.store.subscribe((state) => {
    const now = face(facts(state));
    root.style.maxWidth = `${state.width > 0 ? state.width : MAX_WIDTH_PX}px`;
    setAttribute(card, "aria-label", state.character ? `Avatar ${state.character}` : "Avatar");
    setAttribute(video, "aria-label", label(state));
    setAttribute(stage, "data-stage", now.stage);
    setAttribute(stage, "data-panel", now.panel !== null);
    setAttribute(stage, "data-speaking", state.speaking ? "true" : null);
    overlay.update(state, now);
    controls.update(state, now);
    composer.update(state.character, now.can.say);
    status.update(state, now);
    if (state.captionsOn) setText(log, state.spoken);
  }, signal);

  const hook: TestHook = {
    stream: player.playback.stream,
    audio: player.playback.audio,
    pc: () => player.line?.pc ?? null,
    kind: () => player.line?.kind ?? null,
    state: () => player.store.get(),
  };
  Object.assign(root, { __ipyavatar: hook });
  signal.addEventListener("abort", () => root.remove(), { once: true });
  el.append(root);
  player.attach(video, signal);
}

export function facts(state: PageState): Facts {
  const { kernel, phase, service, wobbling, worked, unsupported, problem } = state.link;
  const late = state.link.late && !state.link.heardSinceLate;
  const { status, statusText, speaking, error, playing, seen, notice } = state;
  return { kernel, phase, service, wobbling, late, worked, unsupported, problem, status, statusText, speaking, error, playing, seen, notice };
}

function label(state: PageState): string {
  const who = state.character || "The avatar";
  return `${who}, ${state.speaking ? "speaking" : "listening"}`;
}

