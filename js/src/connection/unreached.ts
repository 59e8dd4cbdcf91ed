// A stream that is not reached, as the user was told: it is tried again by itself, and the panel stays until that
// succeeds. Pure, as `state.ts` is.

import type { Problem } from "../model/bridge";
import { open } from "./opening";
import { explainNoConnection } from "./relay";
import { chain, close, FINISHED, type Step, startTimer } from "./steps";
import { type ConnectionState, type Effect, isOpen, type StreamState } from "./types";

/** The user knows that nothing comes; what comes all the same within so long is welcome. */
export const CONNECT_LATE_MS = 30_000;

/**
 * The pauses before it is tried again. No more than these: each try sends widget messages, and a hub that culls idle
 * kernels must not take them for activity for ever. After that it is tried when something has changed.
 */
export const RETRY_MS = [15_000, 30_000, 60_000, 120_000, 240_000, 480_000];

type State = ConnectionState;
type Stuck = Extract<StreamState, { phase: "stuck" }>;

/** The present attempt has ended, if there is one; it was tried so often by itself. */
function waitToRetry(state: State, problem: Problem, tries: number): Step {
  const [next, effects] = close(state, { phase: "stuck", problem, tries }, true);
  const pause = RETRY_MS[tries];
  return [next, pause === undefined ? effects : [...effects, startTimer("retry", pause)]];
}

/** What was tried while the panel is in sight has led to nothing. */
export function onTriedInVain(state: State, { problem: told }: Stuck): Step {
  const { service, carrier } = state;
  return giveUp(state, service || carrier === "messages" ? told : explainNoConnection(state));
}

/** The user is told, and Python, unless they were. */
export function giveUp(state: State, problem: Problem): Step {
  const { stream } = state;
  const { problem: told = null, tries = 0 } = stream.phase === "stuck" ? stream : {};
  const [next, effects] = waitToRetry(state, problem, tries);
  return [next, problem === told ? effects : [...effects, { do: "report", problem }]];
}

/** Tries it now, behind the panel; not where that would not help, or goes on, nor to start a session that is over. */
export function tryAgain(state: State): Step {
  const { stream, carrier, views, session } = state;
  const idle = stream.phase === "stuck" && stream.tries !== undefined && !isOpen(stream);
  if (!idle || views === 0 || FINISHED.has(session)) return [state, []];
  const { phase, problem, tries = 0 } = stream;
  const peer = state.attempts + 1;
  const effects: Effect[] = [{ do: "open", peer, carrier }, startTimer("connect", CONNECT_LATE_MS)];
  return [
    { ...state, attempts: peer, relayProblem: null, stream: { phase, problem, tries: tries + 1, peer } },
    effects,
  ];
}

/** The same in another network: what is under way there finds nothing any more, and what failed before says nothing. */
export function tryAnew(state: State): Step {
  const { stream } = state;
  if (stream.phase === "backoff" && state.kernel.is === "here") return open({ ...state, failures: 0 });
  if (stream.phase !== "stuck" || stream.tries === undefined) return [state, []];
  return chain(close(state, { phase: "stuck", problem: stream.problem, tries: 0 }, true), tryAgain);
}
