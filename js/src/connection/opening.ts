// Asking for the stream, and for the kernel. Pure, as `state.ts` is.

import { canImprove, TRIED } from "./carrier";
import { openSide, waitForSide } from "./side";
import { chain, close, type Step, startTimer } from "./steps";
import type { ConnectionState, Effect } from "./types";

type State = ConnectionState;
export const WELCOME_MS = 4_000;
export const ANSWER_MS = 8_000;

/** A new attempt, in place of whatever is there. */
export function open(state: State): Step {
  if (state.stream.phase === "unsupported" || state.views === 0) return [state, []];
  const peer = state.attempts + 1;
  const { carrier, side } = state;
  const [next, effects] = close(
    { ...state, attempts: peer, relayProblem: null },
    { phase: "offering", peer, answer: "awaited" },
    true,
  );
  const step: Step = [next, [...effects, { do: "open", peer, carrier }, startTimer("answer", ANSWER_MS)]];
  if (!canImprove(next)) return step;
  return chain(step, (last) => (side === TRIED ? waitForSide(last, 1) : openSide(last)));
}

/** The kernel is asked once more; a loss that was not explained stays one. */
export function askAgain(state: State): State {
  const { kernel } = state;
  const afterLoss = kernel.is === "gone" || (kernel.is === "asking" && kernel.afterLoss);
  return { ...state, kernel: { is: "asking", afterLoss } };
}

export function askKernel(): Effect[] {
  return [{ do: "hello" }, startTimer("welcome", WELCOME_MS)];
}

/** A host that is lost may have lost its kernel; what a service loses says nothing of the kernel. */
export function doubtKernel(state: State): Step {
  return [{ ...state, kernel: { is: "asking", afterLoss: !state.service } }, askKernel()];
}
