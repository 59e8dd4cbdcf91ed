// A view in a fake page, with its kernel and peer connection.

import assert from "node:assert/strict";
import type { Traits } from "../../src/model/bridge";
import type { Player } from "../../src/state/player";
import { createView } from "../../src/ui/view";
import { type FakeClock, FakeModel, FakePeer, type Page, settle, status, welcome } from "./fakes";
import { createPlayer } from "./player";

export interface Shown {
  readonly page: Page;
  readonly model: FakeModel;
  readonly clock: FakeClock;
  readonly root: HTMLElement;
  readonly view: AbortController;
  readonly scope: AbortController;
  readonly player: Player;
  one(selector: string): HTMLElement;
  named(label: string): HTMLElement;
}

export function show(traits: Partial<Traits> = {}, session = status("live")): Shown {
  const model = new FakeModel({ character: "Ava", ...traits });
  model.kernel = (message) => {
    if (message.type === "hello") for (const answer of [welcome(), session]) model.tell(answer);
    if (message.type === "offer")
      model.tell({ type: "answer", page: message.page, peer: message.peer, sdp: "answer", iceServers: [] });
  };
  const { page, clock, scope, player } = createPlayer(model);
  const view = new AbortController();
  createView(page.document.body, player, view.signal);
  const root = page.document.querySelector<HTMLElement>(".ipyavatar-root");
  assert.ok(root);
  const one = (selector: string): HTMLElement => {
    const found = root.querySelector<HTMLElement>(selector);
    assert.ok(found, selector);
    return found;
  };
  return { page, model, clock, root, view, scope, player, one, named: (label) => one(`[aria-label="${label}"]`) };
}

export async function live(traits: Partial<Traits> = {}): Promise<Shown> {
  const shown = show(traits);
  await settle();
  FakePeer.last.connect();
  shown.one("video").dispatchEvent(new shown.page.window.Event("playing") as unknown as Event);
  await settle();
  return shown;
}

export function press(shown: Shown, element: HTMLElement, key: string): boolean {
  const event = new shown.page.window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  return element.dispatchEvent(event as unknown as Event);
}

export function type(shown: Shown, text: string): HTMLInputElement {
  const field = shown.one("input[type=text]") as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new shown.page.window.Event("input", { bubbles: true }) as unknown as Event);
  return field;
}

/** What was sent past the kernel, without the numbers of states. */
export const sent = (kind: string): unknown[] =>
  FakePeer.last.channel.sent
    .filter((message) => message.type === kind)
    .map((message) => Object.fromEntries(Object.entries(message).filter(([name]) => name !== "number")));
