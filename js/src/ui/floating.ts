// The small picture that stays in the corner of the page while its cell is out of sight, and the one in a window of
// its own. It is dragged, or moved with the arrow keys; it is closed with its button or Escape.

import type { Clock } from "../clock";
import { follow } from "../state/follow";
import type { PageState } from "../state/page-state";
import type { Player } from "../state/player";
import { viewModel } from "../state/view-model";
import { button } from "./controls";
import { h } from "./dom";
import { createStage } from "./stage";

/** Between two speeches it stays. */
export const LINGER_MS = 4_000;
const STEP_PX = 32;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where it was moved to, from its corner. */
interface Offset {
  x: number;
  y: number;
}

export function createFloating(player: Player, clock: Clock, signal: AbortSignal): void {
  const offset: Offset = { x: 0, y: 0 };
  let picture: Picture | null = null;
  let cancel: (() => void) | null = null;
  const stay = (): void => {
    cancel?.();
    cancel = null;
  };
  const hide = (): void => {
    stay();
    const ended = picture;
    picture = null;
    ended?.end();
  };
  const linger = (): void => {
    cancel ??= clock.after(LINGER_MS, () => {
      cancel = null;
      // Who has the mouse or the focus on it is about to use it.
      if (picture?.element.matches(":hover, :focus-within")) linger();
      else hide();
    });
  };
  let inWindow = false;
  player.store.subscribe((state) => {
    // Browsers pause what has left its window.
    if (inWindow && !state.ownWindow) hide();
    inWindow = state.ownWindow;
    const following = follow(state);
    if (following === "shown" || following === "in-window") {
      stay();
      if (!picture) {
        picture = createPicture(player, offset);
        picture.show();
      }
    } else if (following === "away") {
      hide();
      player.setOwnWindow(false);
    } else if (picture) linger();
    picture?.update(player.store.get());
  }, signal);
  signal.addEventListener("abort", hide, { once: true });
}

interface Picture {
  readonly element: HTMLElement;
  show(): void;
  update(state: PageState): void;
  end(): void;
}

function createPicture(player: Player, offset: Offset): Picture {
  const scope = new AbortController();
  const { signal } = scope;
  const stage = createStage(player, true, signal);
  const close = button("close", "Close", () => closeFloating(player), signal);
  close.classList.add("ipyavatar-close");
  stage.element.append(close);
  const element = h(
    "div",
    { class: "ipyavatar-root ipyavatar-float", "data-lm-suppress-shortcuts": "true" },
    h("section", { class: "ipyavatar-card" }, stage.element),
  );
  const move = createMove(element, offset);
  element.addEventListener("keydown", (event) => takeKey(event, player, move), { signal });
  listenToDrag(stage.element, move, signal);
  window.addEventListener("resize", () => move(0, 0), { signal });
  let inWindow = false;
  return {
    element,
    show() {
      const dock = findDock(player.playback.place);
      dock.append(element);
      signal.addEventListener("abort", () => leaveDock(dock, element), { once: true });
      player.attachFloating(stage.video, signal);
      move(0, 0);
    },
    update(state) {
      stage.element.parentElement?.setAttribute("aria-label", `${state.character || "Avatar"}, floating`);
      stage.update(state, viewModel(state));
      element.inert = state.ownWindow;
      if (state.ownWindow && !inWindow) void openWindow(stage.video, player, signal);
      inWindow = state.ownWindow;
    },
    end: () => scope.abort(),
  };
}

/** Until the cell is seen again. */
function closeFloating({ store }: Player): void {
  store.update({ floatClosed: true });
}

type Move = (x: number, y: number) => void;

/** Moves the element, and keeps it in the window. */
function createMove(element: HTMLElement, offset: Offset): Move {
  return (x, y) => {
    element.style.translate = `${offset.x}px ${offset.y}px`;
    const { left, right, top, bottom } = element.getBoundingClientRect();
    offset.x += clamp(x, -left, window.innerWidth - right);
    offset.y += clamp(y, -top, window.innerHeight - bottom);
    element.style.translate = `${offset.x}px ${offset.y}px`;
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

function listenToDrag(stage: HTMLElement, move: Move, signal: AbortSignal): void {
  let held = { x: 0, y: 0 };
  const drag = ({ clientX: x, clientY: y }: PointerEvent): void => {
    move(x - held.x, y - held.y);
    held = { x, y };
  };
  stage.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0 || (event.target as Element).closest("button, input")) return;
      held = { x: event.clientX, y: event.clientY };
      stage.setPointerCapture(event.pointerId);
      event.preventDefault();
    },
    { signal },
  );
  stage.addEventListener("pointermove", (event) => stage.hasPointerCapture(event.pointerId) && drag(event), { signal });
}

function takeKey(event: KeyboardEvent, player: Player, move: Move): void {
  event.stopPropagation();
  const arrow = ARROWS[event.key];
  if (event.key === "Escape") closeFloating(player);
  else if (arrow && !(event.target instanceof HTMLInputElement)) {
    event.preventDefault();
    move(arrow[0] * STEP_PX, arrow[1] * STEP_PX);
  }
}

/** Where all floating pictures of a page stand, one above the other. */
function findDock(place: Node | undefined): Element {
  // Style sheets do not reach out of a shadow root.
  const root = place?.getRootNode();
  const parent = typeof ShadowRoot === "function" && root instanceof ShadowRoot ? root : document.body;
  const dock = parent.querySelector(":scope > .ipyavatar-dock") ?? h("div", { class: "ipyavatar-dock" });
  parent.append(dock);
  return dock;
}

function leaveDock(dock: Element, element: Element): void {
  element.remove();
  if (dock.childElementCount === 0) dock.remove();
}

/** Gives the picture a window of its own. Called in a click's handler, without which browsers refuse. */
async function openWindow(video: HTMLVideoElement, player: Player, signal: AbortSignal): Promise<void> {
  const leave = (): void => player.setOwnWindow(false);
  video.addEventListener("leavepictureinpicture", leave, { signal });
  try {
    if (video.readyState === 0) {
      await new Promise((resolve) => video.addEventListener("loadedmetadata", resolve, { once: true, signal }));
    }
    await video.requestPictureInPicture();
  } catch {
    // Refused; then nothing happens, which the user sees.
    leave();
  }
}
