// One view of a model: its own elements, the state of all.

import type { PageState } from "../state/page-state";
import type { Player } from "../state/player";
import { viewModel } from "../state/view-model";
import type { StreamKind } from "../streams/stream";
import { createComposer } from "./composer";
import { h, isComposing, setAttribute } from "./dom";
import { createSentenceLog } from "./sentence-log";
import { createStage } from "./stage";
import { createStatusLine } from "./status-line";

/** Wide enough for a face, narrow enough for text beside it. */
const MAX_WIDTH_PX = 720;

/** For tests and measurements only: what this view plays, and what it believes. */
export interface TestHook {
  readonly stream: MediaStream | null;
  /** The one element that sounds, in no document. */
  readonly audio: HTMLAudioElement;
  /** Null for LiveKit, which may have two. */
  pc(): RTCPeerConnection | null;
  /** What the stream comes by; null while there is none. */
  kind(): StreamKind | null;
  state(): Readonly<PageState>;
}

export function createView(el: HTMLElement, player: Player, signal: AbortSignal): void {
  const stage = createStage(player, false, signal);
  const composer = createComposer((text) => player.say(text), signal);
  const status = createStatusLine(signal);
  const log = createSentenceLog(player.store.get().sentence);
  const card = h(
    "section",
    { class: "ipyavatar-card" },
    stage.element,
    h("div", { class: "ipyavatar-foot" }, composer.element, status.element),
    log.element,
  );
  // JupyterLab reads keys before we could stop them, unless it is told not to.
  const root = h("div", { class: "ipyavatar-root", "data-lm-suppress-shortcuts": "true" }, card);
  player.parts.attach({ kind: "composer", element: composer.element, signal });
  root.addEventListener("keydown", (event) => takeKey(event, player), { signal });

  player.store.subscribe((state) => {
    const model = viewModel(state);
    root.style.setProperty("--ipyavatar-width", `${state.width > 0 ? state.width : MAX_WIDTH_PX}px`);
    setAttribute(card, "aria-label", state.character ? `Avatar ${state.character}` : "Avatar");
    stage.update(state, model);
    composer.update(state.character, model.can.say, state.talks);
    // Several views say the same; one of them is read aloud.
    const reads = player.playback.isFirst(stage.video);
    status.update(state, model, reads);
    log.update(state, reads);
  }, signal);

  const hook: TestHook = {
    stream: player.playback.stream,
    audio: player.playback.audio,
    pc: () => player.stream?.pc ?? null,
    kind: () => player.stream?.kind ?? null,
    state: () => player.store.get(),
  };
  Object.assign(root, { __ipyavatar: hook });
  el.classList.add("ipyavatar-place");
  signal.addEventListener("abort", () => root.remove(), { once: true });
  el.append(root);
  player.attach(stage.video, signal);
}

function takeKey(event: KeyboardEvent, player: Player): void {
  // JupyterLab is not the only one: where others listen further out, typing "dd" must not delete a cell.
  event.stopPropagation();
  // Whoever had a nearer use for Escape has said so.
  if (event.key !== "Escape" || event.defaultPrevented || isComposing(event)) return;
  if (viewModel(player.store.get()).can.interrupt) player.interrupt();
}
