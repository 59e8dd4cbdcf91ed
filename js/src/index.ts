// The widget's module, as anywidget loads it: a factory, called once per model.

import type { AnyModel } from "@anywidget/types";
import { realClock } from "./clock";
import { createBridge } from "./model/bridge";
import { Player } from "./state/player";
import { loadFloating } from "./ui/floating";
import { createView } from "./ui/view";

interface Props {
  model: AnyModel;
  /** Older hosts have none, and call the returned clean-up instead. */
  signal?: AbortSignal;
}

export default function widget() {
  // `initialize` and `render` get different objects for one model, so this closure ties them.
  let player: Player | null = null;

  function initialize({ model, signal }: Props): () => void {
    const [scope, end] = createScope(signal);
    const bridge = createBridge(model);
    player = new Player({ bridge, document, signal: scope });
    loadFloating(player, bridge, realClock, scope);
    return end;
  }

  function render({ model, el, signal }: Props & { el: HTMLElement }): () => void {
    const [scope, end] = createScope(signal);
    if (!player) initialize({ model });
    if (player) createView(el, player, scope);
    return end;
  }

  return { initialize, render };
}

/** A signal that follows the host's, if there is one, and the clean-up that we return to it. */
function createScope(signal: AbortSignal | undefined): [AbortSignal, () => void] {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  if (signal?.aborted) end();
  else signal?.addEventListener("abort", end, { once: true });
  return [controller.signal, end];
}
