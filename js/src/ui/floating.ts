// The floating picture, as far as every page has it: its code comes after the first words to Python, and is there when
// the reader scrolls on, whatever the kernel is busy with by then.

import type { Clock } from "../clock";
import { askForBundle, hasBundle, loadBundle } from "../connection/bundles";
import type { Bridge } from "../model/bridge";
import { follow } from "../state/follow";
import type { Player } from "../state/player";
import { viewModel } from "../state/view-model";
import { button } from "./controls";
import { createStage } from "./stage";

/** What every page has, and the floating picture is made of. */
export interface FloatingPort {
  readonly player: Player;
  readonly clock: Clock;
  readonly button: typeof button;
  readonly createStage: typeof createStage;
  readonly follow: typeof follow;
  readonly viewModel: typeof viewModel;
}

/** What the bundle brings. */
export interface FloatingBundle {
  createFloating(port: FloatingPort, signal: AbortSignal): void;
}

export function loadFloating(player: Player, bridge: Bridge, clock: Clock, signal: AbortSignal): void {
  const ask = (): void => askForBundle("floating", clock, (wish) => bridge.send(wish), signal);
  let asked = false;
  let wanted = false;
  player.store.subscribe((state) => {
    const wants = state.ownWindow || follow(state) === "shown";
    // What was asked for at first may have got lost.
    if (!hasBundle("floating") && ((state.connection.views > 0 && !asked) || (wants && !wanted))) {
      asked = true;
      ask();
    }
    wanted = wants;
  }, signal);
  const load = async (): Promise<void> => {
    const code = await loadBundle<FloatingBundle>("floating", signal);
    if (code && !signal.aborted) code.createFloating({ player, clock, button, createStage, follow, viewModel }, signal);
  };
  load().catch((error: unknown) => console.warn("[ipyavatar] the floating picture's code could not be loaded", error));
}
