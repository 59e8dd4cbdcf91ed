// The small picture that stays in the corner of the page while its cell is out of sight, and the one in a window of
// its own: a bundle, which Python sends once a view is there.

import type { FloatingPort } from "../ui/floating";
import type { Offset } from "./move";
import { createPicture, type Picture } from "./picture";

/** Between two speeches it stays. */
export const LINGER_MS = 4_000;

export function createFloating(port: FloatingPort, signal: AbortSignal): void {
  const { player, clock, follow } = port;
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
        picture = createPicture(port, offset);
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
