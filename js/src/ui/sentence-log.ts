// What the avatar says, for screen readers: sentence by sentence where its sound is off. Where it is
// heard, they keep silent, or two voices would speak at once.

import { languageOf } from "../media/caption-text";
import { isHeard, type PageState } from "../state/page-state";
import { h, setAttribute } from "./dom";

/** Screen readers read what is added, and who looks back finds the last few. */
const KEPT = 3;

export interface SentenceLog {
  readonly element: HTMLElement;
  /** `reads`: of all views of this model, this is the one that reads aloud. */
  update(state: PageState, reads: boolean): void;
}

/** `latest` is what was said before this view came. */
export function createSentenceLog(latest: PageState["sentence"]): SentenceLog {
  const element = h("div", { class: "ipyavatar-log", role: "log" });
  let known = latest;
  return {
    element,
    update(state, reads) {
      const aloud = reads && state.captionsOn && !isHeard(state);
      // Before the text: what counts is whether the region was live when the text came.
      setAttribute(element, "aria-live", aloud ? "polite" : "off");
      const { sentence } = state;
      if (sentence === known) return;
      known = sentence;
      if (!sentence || !aloud) return;
      element.append(h("p", { dir: "auto", lang: languageOf(sentence.text) }, sentence.text));
      while (element.childElementCount > KEPT) element.firstElementChild?.remove();
    },
  };
}
