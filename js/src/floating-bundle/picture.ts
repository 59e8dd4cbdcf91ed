// The picture itself: an avatar's picture and controls, with a button that closes it; Escape does, too.

import type { PageState } from "../state/page-state";
import type { Player } from "../state/player";
import { h } from "../ui/dom";
import type { FloatingPort } from "../ui/floating";
import { findDock, leaveDock } from "./dock";
import { createMove, listenToDrag, type Move, type Offset, takeArrow } from "./move";
import { openWindow } from "./own-window";

export interface Picture {
  readonly element: HTMLElement;
  show(): void;
  update(state: PageState): void;
  end(): void;
}

export function createPicture(port: FloatingPort, offset: Offset): Picture {
  const { player, button, createStage, viewModel } = port;
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

function takeKey(event: KeyboardEvent, player: Player, move: Move): void {
  event.stopPropagation();
  if (event.key === "Escape") closeFloating(player);
  else takeArrow(event, move);
}
