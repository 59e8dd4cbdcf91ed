// Sends a message again until it is answered.

import type { Clock } from "../clock";

/** What Python is to answer is sent again after this long, and then after twice as long. */
const FIRST_WAIT_MS = 400;
const LAST_WAIT_MS = 6_400;

/**
 * Calls `send` now and a few times more, until the returned function is called; Python answers the
 * first that arrives.
 *
 * JupyterLab makes the subshell that hears us while a cell runs only when the first widget is
 * there: what is sent before that waits for the cell to end.
 */
export function resend(clock: Clock, send: () => void, firstWaitMs = FIRST_WAIT_MS): () => void {
  let cancel = (): void => undefined;
  const attempt = (waitMs: number): void => {
    send();
    if (waitMs <= LAST_WAIT_MS) cancel = clock.after(waitMs, () => attempt(waitMs * 2));
  };
  attempt(firstWaitMs);
  return () => cancel();
}
