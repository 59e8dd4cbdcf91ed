// Elements in one expression, so that a view reads like what it makes.

export type Child = Node | string | null | false;

type Props = Record<string, string | number | boolean | null | undefined>;

/** Makes an element. `true` sets an empty attribute; `false`, null and undefined set none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setAttribute(element, name, value);
  for (const child of children) if (child !== null && child !== false) element.append(child);
  return element;
}

export function setAttribute(element: Element, name: string, value: Props[string]): void {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? "" : value)) {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Sets text only when it differs: live regions announce every change, even to the same words. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** What an input method reports as the code of a key that it has taken for itself. */
const TAKEN_BY_INPUT_METHOD = 229;

/**
 * Whether a key belongs to an input method that is composing a word. Safari ends the composition
 * before it tells of the key that did so, which only the code gives away then.
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === TAKEN_BY_INPUT_METHOD;
}

let ids = 0;

/** An id that no other view of this page has. */
export function makeId(name: string): string {
  ids += 1;
  return `ipyavatar-${name}-${ids}`;
}
