// Says something again until it is answered.

import type { Clock } from "../clock";

/** What Python is to answer is sent again after this long, and then after twice as long. */
const AGAIN_MS = 400;
const LAST_MS = 6_400;

/**
 * Calls `send` now and a few times more, until the returned function is called; Python answers the
 * first that arrives.
 *
 * JupyterLab makes the subshell that hears us while a cell runs only when the first widget is
 * there: what is sent before that waits for the cell to end.
 */
export function repeat(clock: Clock, send: () => void): () => void {
  let cancel = (): void => undefined;
  const say = (waitMs: number): void => {
    send();
    if (waitMs <= LAST_MS) cancel = clock.after(waitMs, () => say(waitMs * 2));
  };
  say(AGAIN_MS);
  return () => cancel();
}
