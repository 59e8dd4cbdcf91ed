// The line under the picture: a dot, words, and, on hover or focus, the numbers behind them. The words are chosen in
// state/view-model.ts.

import { isHeard, type PageState } from "../state/page-state";
import { formatFigures, type ViewModel } from "../state/view-model";
import { h, makeId, setAttribute, setText } from "./dom";

export interface StatusLine {
  readonly element: HTMLElement;
  /** `reads`: of all views of this model, this is the one that screen readers read aloud. */
  update(state: PageState, model: ViewModel, reads: boolean): void;
}

export function createStatusLine(signal: AbortSignal): StatusLine {
  const id = makeId("numbers");
  const words = h("span", { class: "ipyavatar-words", role: "status", "aria-live": "polite", dir: "auto" });
  const line = h(
    "button",
    { type: "button", class: "ipyavatar-line", "aria-expanded": "false" },
    h("span", { class: "ipyavatar-dot", "aria-hidden": "true" }),
    words,
  );
  // No `dl`: notebooks style those.
  const numbers = h("div", { class: "ipyavatar-numbers", id, role: "tooltip" });
  const element = h("div", { class: "ipyavatar-status" }, line, numbers);
  // Touch has no hover; a tap opens the numbers, and Escape or another tap closes them.
  const setOpen = (on: boolean): void => line.setAttribute("aria-expanded", String(on));
  line.addEventListener("click", () => setOpen(line.getAttribute("aria-expanded") !== "true"), { signal });
  line.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || line.getAttribute("aria-expanded") !== "true") return;
      setOpen(false);
      event.preventDefault();
    },
    { signal },
  );
  line.addEventListener("blur", () => setOpen(false), { signal });
  return {
    element,
    update(state, model, reads) {
      element.dataset.tone = model.tone;
      // That it speaks is heard; what goes wrong meanwhile is not.
      const said = state.sounding !== null && isHeard(state) && model.tone === "good";
      setAttribute(words, "aria-live", reads && !said ? "polite" : "off");
      setText(words, model.text);
      const { measured } = state;
      const rows = formatFigures({
        speechLatencyMs: state.speechLatencyMs,
        fps: measured?.fps ?? null,
        width: measured?.width ?? 0,
        height: measured?.height ?? 0,
        bitrateKbps: measured?.bitrateKbps ?? null,
        roundTripMs: measured?.roundTripMs ?? null,
        codec: measured?.codec ?? "",
        transport: measured?.transport ?? "",
      });
      setAttribute(line, "aria-describedby", rows.length ? id : null);
      numbers.hidden = rows.length === 0;
      numbers.replaceChildren(...rows.flatMap(([name, value]) => [h("span", {}, name), h("b", {}, value)]));
    },
  };
}
