// The picture, with all that lies over it: in its cell, and floating.

import type { PageState } from "../state/page-state";
import type { Player } from "../state/player";
import type { ViewModel } from "../state/view-model";
import { createControls } from "./controls";
import { h, setAttribute } from "./dom";
import { createOverlay } from "./overlay";

export interface Stage {
  readonly element: HTMLElement;
  readonly video: HTMLVideoElement;
  update(state: PageState, model: ViewModel): void;
}

export function createStage(player: Player, floating: boolean, signal: AbortSignal): Stage {
  // The one that gets a window of its own is the floating one, which no cell takes away.
  const video = h("video", { class: "ipyavatar-video", disablepictureinpicture: !floating });
  const last = h("canvas", { class: "ipyavatar-video", "aria-hidden": "true", hidden: true });
  const element = h("div", { class: "ipyavatar-stage" }, video, last);
  const overlay = createOverlay(player, () => element.clientWidth, signal);
  const controls = createControls(element, player, floating, signal);
  element.append(...overlay.elements, controls.element);
  player.parts.attach({ kind: "stage", element, signal });
  let shown: ViewModel["stage"] = "resting";
  return {
    element,
    video,
    update(state, model) {
      setAttribute(video, "aria-label", describeVideo(state));
      if (model.stage === "picture") last.hidden = true;
      else if (shown === "picture") last.hidden = !copyPicture(video, last);
      shown = model.stage;
      setAttribute(element, "data-stage", model.stage);
      setAttribute(element, "data-last", !last.hidden);
      setAttribute(element, "data-panel", model.panel !== null);
      setAttribute(element, "data-speaking", state.sounding !== null ? "true" : null);
      overlay.update(state, model);
      controls.update(state, model);
    },
  };
}

/** Copies the picture that a video shows, while it does: it is to stay. Whether there is one. */
function copyPicture(video: HTMLVideoElement, canvas: HTMLCanvasElement): boolean {
  const pen = canvas.getContext("2d");
  const { videoWidth: width, videoHeight: height } = video;
  if (!pen || width === 0) return false;
  Object.assign(canvas, { width, height });
  pen.drawImage(video, 0, 0);
  return true;
}

function describeVideo(state: PageState): string {
  const who = state.character || "The avatar";
  return `${who}, ${state.sounding !== null ? "speaking" : "listening"}`;
}
