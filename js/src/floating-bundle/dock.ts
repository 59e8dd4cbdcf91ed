// Where all floating pictures of a page stand, one above the other.

import { h } from "../ui/dom";

/** `place` is in the document that they are to be seen in. */
export function findDock(place: Node | undefined): Element {
  // Style sheets do not reach out of a shadow root.
  const root = place?.getRootNode();
  const parent = typeof ShadowRoot === "function" && root instanceof ShadowRoot ? root : document.body;
  const dock = parent.querySelector(":scope > .ipyavatar-dock") ?? h("div", { class: "ipyavatar-dock" });
  parent.append(dock);
  return dock;
}

export function leaveDock(dock: Element, element: Element): void {
  element.remove();
  if (dock.childElementCount === 0) dock.remove();
}
