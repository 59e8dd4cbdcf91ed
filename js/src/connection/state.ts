// The life of a page's stream as a pure state machine: event in, new state and effects out.
// `connection.ts` carries the effects out. Nothing here knows of WebRTC, timers or the page.

import type { Problem } from "../model/bridge";
import { PROTOCOL, type StatusName } from "../model/messages";
import { canImprove, canTakeOver, chooseCarrier, isTrying, STALLED_MS, TAKE_OVER_MS, TRIED } from "./carrier";
import { ANSWER_MS, askAgain, askKernel, doubtKernel, open } from "./opening";
import { describeUnreachable, OTHER_VERSION, SESSION_OVER, SHOWN_ELSEWHERE } from "./problems";
import {
  explainNoConnection,
  forgetRelay,
  noteReachability,
  noteRelay,
  noteRelayError,
  RELAY_AFTER_MS,
  useRelay,
} from "./relay";
import { dropSide, onNetworkChanged, onSideTimer, reduceSide } from "./side";
import {
  cancelStreamTimers,
  cancelTimer,
  chain,
  close,
  FINISHED,
  replaceMessages,
  type Step,
  startTimer,
} from "./steps";
import {
  type ConnectionEvent,
  type ConnectionState,
  type Effect,
  isOpen,
  type StreamMeans,
  type StreamState,
  type Timer,
} from "./types";
import { CONNECT_LATE_MS, giveUp, onTriedInVain, tryAgain, tryAnew } from "./unreached";

type State = ConnectionState;
export const HELLO_AGAIN_MS = 15_000;
export const CONNECT_MS = 8_000;
/** With a TURN server that refuses us there is little hope. */
export const RELAY_REFUSED_MS = 3_000;
/** The same for a service, which is far away: its player may come first, and a viewer may have to go. */
export const SERVICE_CONNECT_MS = 20_000;
export const LINGER_MS = 60_000;
/** A connection that lasted this long counts as a success. */
export const STEADY_MS = 10_000;
/** A service that has rejected us is asked once more after this: there may be a new session. */
export const ASK_AGAIN_MS = 3_000;
/** A service's stream that never came is tried this often before the user is asked to act. */
export const MAX_ATTEMPTS = 4;
/** Our host's is tried this often where it has come before. */
export const MAX_ATTEMPTS_AGAIN = 8;
const BACKOFF_MS = [500, 1_000, 2_000, 5_000];
const BACKOFF_MAX_MS = 10_000;

const RUNNING: ReadonlySet<StatusName> = new Set(["starting", "live", "reconnecting"]);

export function backoffMs(failures: number): number {
  return BACKOFF_MS[failures - 1] ?? BACKOFF_MAX_MS;
}

export function reduce(state: State, event: ConnectionEvent): Step {
  if ("peer" in event) return reduceStreamEvent(state, event);
  switch (event.on) {
    case "loaded":
      return onLoaded(state, event);
    case "stream-changed":
      return onProviderChanged(state, event.service);
    case "welcome":
      return onWelcome(state, event.epoch, event.protocol);
    case "kernel-heard":
      return onKernelHeard(state);
    case "view-attached":
      return chain(requestStream({ ...state, views: state.views + 1 }), tryAgain);
    case "view-detached":
      return onViewDetached({ ...state, views: Math.max(0, state.views - 1) });
    case "goodbye":
      return onGoodbye(state, event.problem);
    case "session-status":
      return onSessionStatus(state, event.status);
    case "request-sent":
      return [{ ...state, kernel: { is: "asking", afterLoss: false } }, askKernel()];
    case "retry":
      return onRetry(state);
    case "network-changed":
      return chain(onNetworkChanged(state), tryAnew);
    case "page-seen":
      return tryAgain(state);
    case "page-hidden":
      return close(state, { phase: "idle" }, true);
    case "page-shown":
      return chain([askAgain(state), askKernel()], requestStream);
    case "timer":
      return onTimer(state, event.timer);
  }
}

/** What a connection says; one that is not the present one concerns nobody. */
function reduceStreamEvent(state: State, event: Extract<ConnectionEvent, { peer: number }>): Step {
  const { stream, side } = state;
  if (isTrying(side) && event.peer === side.peer) {
    return event.on === "connected" ? promote(state, side.peer) : reduceSide(state, side, event);
  }
  if (!isOpen(stream) || event.peer !== stream.peer) return [state, []];
  switch (event.on) {
    case "answered":
      return stream.phase === "offering" ? onAnswered(state, stream.peer, event.relay ?? false) : [state, []];
    case "candidate-found":
      return [noteReachability(state), []];
    case "path-found":
      return [state, [cancelTimer("relay"), cancelTimer("take-over")]];
    case "relay-error":
      return [noteRelayError(state, event.code, event.text), []];
    case "connected":
      return onConnected(state, stream.peer);
    case "interrupted":
      if (stream.phase !== "connected") return [state, []];
      if (canTakeOver(state)) return takeOver(state, event.ms);
      return [{ ...state, stream: { ...stream, interrupted: true } }, [startTimer("interruption", event.ms)]];
    case "stalled":
      return canTakeOver(state) && stream.phase === "connected" ? takeOver(state, STALLED_MS) : onLost(state);
    case "lost":
      return onLost(state, event.why);
    case "refused":
      if (event.report && canImprove(state)) return fallBack({ ...state, choosing: false });
      if (event.later) return giveUp(state, event.problem);
      return onRefused(state, event.problem, event.report ?? false);
    case "token-refused":
      // A token may be too old by now: ask for another, once.
      if (state.rejections > 0) return onRefused(state, event.problem, true);
      return onLost({ ...state, rejections: 1 });
    case "session-over":
      return onSessionOver(state);
  }
}

function onLoaded(state: State, means: StreamMeans): Step {
  const chosen = chooseCarrier(state, means);
  if (!("what" in chosen)) return [chosen, askKernel()];
  const stream = { phase: "unsupported", problem: chosen } as const;
  return [{ ...state, stream }, [...askKernel(), { do: "report", problem: chosen }]];
}

/** The avatar's stream comes from somewhere else than before. */
function onProviderChanged(state: State, service: boolean): Step {
  if (service === state.service) return [state, []];
  const next: State = { ...forgetRelay(state), service, failures: 0, rejections: 0 };
  // What was wrong with the one says nothing of the other.
  const { phase } = state.stream;
  const wanted = phase !== "idle" && !(phase === "ended" && FINISHED.has(state.session));
  return wanted ? open(next) : [next, []];
}

function onWelcome(state: State, epoch: string, protocol: number): Step {
  if (protocol !== PROTOCOL) {
    return close({ ...state, kernel: { is: "here" } }, { phase: "stuck", problem: OTHER_VERSION }, true);
  }
  const replaced = state.epoch !== null && state.epoch !== epoch;
  if (!replaced) return onKernelHeard({ ...state, epoch });
  // A new kernel or host knows nothing of our old offer, nor of the old session.
  const [next, effects] = onKernelHeard({ ...forgetRelay(state), epoch, session: "idle" });
  if (next.stream.phase === "idle" || next.attempts !== state.attempts) return [next, effects];
  return chain([next, effects], open);
}

function onKernelHeard(state: State): Step {
  const next: State = { ...state, kernel: { is: "here" } };
  const effects: Effect[] = state.kernel.is === "here" ? [] : [cancelTimer("welcome")];
  const { stream } = state;
  if (stream.phase === "backoff" && stream.due) return chain([next, effects], open);
  const back = state.kernel.is === "silent" || state.kernel.is === "gone";
  if (stream.phase === "stuck" && back) return chain([next, effects], tryAgain);
  if (stream.phase !== "offering") return [state.kernel.is === "here" ? state : next, effects];
  switch (stream.answer) {
    case "inquired":
      return [{ ...next, stream: { ...stream, answer: "awaited" } }, effects];
    case "late":
      return [
        { ...next, stream: { ...stream, answer: "late-kernel-here" } },
        [...effects, startTimer("answer", ANSWER_MS)],
      ];
    default:
      return [next, effects];
  }
}

/** A view wants to show something: connect, unless that happens already or makes no sense. */
function requestStream(state: State): Step {
  const stay: Effect[] = [cancelTimer("linger")];
  if (state.stream.phase !== "idle" || state.views === 0) return [state, stay];
  if (FINISHED.has(state.session)) return [{ ...state, stream: { phase: "ended", problem: null } }, stay];
  return chain([state, stay], open);
}

function onViewDetached(state: State): Step {
  return state.views === 0 && state.stream.phase !== "idle" ? [state, [startTimer("linger", LINGER_MS)]] : [state, []];
}

function onAnswered(before: State, peer: number, relay: boolean): Step {
  const state = noteRelay({ ...before, stream: { phase: "connecting", peer } }, relay);
  const timers = [cancelTimer("answer"), startTimer("connect", connectMs(state))];
  if (canTakeOver(state)) timers.push(startTimer("take-over", TAKE_OVER_MS));
  else if (state.relay === "known") timers.push(startTimer("relay", RELAY_AFTER_MS));
  return [state, timers];
}

function connectMs({ service, relayProblem }: State): number {
  if (service) return SERVICE_CONNECT_MS;
  return relayProblem === null ? CONNECT_MS : RELAY_REFUSED_MS;
}

function onConnected(state: State, peer: number): Step {
  const kernel = state.kernel.is === "asking" ? { ...state.kernel, afterLoss: false } : state.kernel;
  return [
    { ...state, kernel, network: "proven", stream: { phase: "connected", peer, interrupted: false } },
    [...(["relay", "take-over", "connect", "interruption"] as const).map(cancelTimer), startTimer("steady", STEADY_MS)],
  ];
}

/** Messages carry the stream, or are to, and WebRTC goes on beside them: for `ms`, if nothing comes of it. */
function takeOver(state: State, ms = CONNECT_MS): Step {
  const { stream } = state;
  if (!canTakeOver(state) || (stream.phase !== "connecting" && stream.phase !== "connected")) return [state, []];
  const peer = state.attempts + 1;
  const next: State = {
    ...state,
    attempts: peer,
    carrier: "messages",
    stream: { phase: "offering", peer, answer: "awaited" },
    side: { phase: "connecting", peer: stream.peer, failures: 0 },
  };
  const opened: Effect[] = [{ do: "open", peer, carrier: "messages" }, startTimer("answer", ANSWER_MS)];
  const step: Step = [next, [...cancelStreamTimers(), ...opened]];
  // It was not reached directly: the user's servers may help.
  if (stream.phase === "connecting" && state.relay === "known") return chain(step, dropSide);
  return chain(step, (last) => [last, [startTimer("side", ms)]]);
}

/** WebRTC has its picture: it carries the stream from now on. */
function promote(state: State, peer: number): Step {
  return chain(replaceMessages(state, { phase: "connecting", peer }), (next) => onConnected(next, peer));
}

/** Messages bring nothing: what is tried beside them is to carry the stream, or is tried now. */
function fallBack(state: State): Step {
  const { side } = state;
  if (!isTrying(side)) return open({ ...state, carrier: "webrtc" });
  const { phase, peer } = side;
  const offering = phase === "offering";
  const [next, effects] = replaceMessages(state, offering ? { phase, peer, answer: "awaited" } : { phase, peer });
  return [next, [...effects, offering ? startTimer("answer", ANSWER_MS) : startTimer("connect", connectMs(state))]];
}

function onSessionStatus(state: State, status: StatusName): Step {
  if (status === state.session) return [state, []];
  const next: State = { ...state, session: status, stream: forgetServicesWord(state.stream, status) };
  if (awaitsSession(next.stream, status) && next.views > 0 && RUNNING.has(status)) {
    return open({ ...next, rejections: 0 });
  }
  // A host says goodbye itself, once it is done; a service's stream may stay and show nothing.
  const { phase } = next.stream;
  const abandoned = next.service && status !== "stopping" && isOpen(next.stream);
  const elsewhere = next.stream.phase === "stuck" && next.stream.problem === SHOWN_ELSEWHERE;
  if (FINISHED.has(status) && (abandoned || elsewhere || phase === "backoff" || phase === "offering")) {
    return close(next, { phase: "ended", problem: null }, true);
  }
  return [next, []];
}

/** Python knows better how it ended: a room may close before it is told that the user stopped it. */
function forgetServicesWord(stream: StreamState, status: StatusName): StreamState {
  const known = FINISHED.has(status) && stream.phase === "ended" && stream.problem === SESSION_OVER;
  return known ? { phase: "ended", problem: null } : stream;
}

/** Whether a session that runs is a reason to connect. */
function awaitsSession(stream: StreamState, status: StatusName): boolean {
  if (stream.phase === "idle" || stream.phase === "ended") return true;
  if (stream.phase !== "stuck") return false;
  // Somebody else is watching: two pages that both come back at once would fight for it.
  return stream.problem !== SHOWN_ELSEWHERE || status === "starting";
}

function onRefused(state: State, problem: Problem, report: boolean): Step {
  // Refused because it is over: that is no problem, it only wants to be started again.
  if (FINISHED.has(state.session)) return close(state, { phase: "ended", problem: null }, false);
  const [next, effects] = close(state, { phase: "stuck", problem }, false);
  return [next, report ? [...effects, { do: "report", problem }] : effects];
}

/** The service has no such session. Python may know of another; else it will say what happened. */
function onSessionOver(state: State): Step {
  const problem = FINISHED.has(state.session) ? null : SESSION_OVER;
  const [next, effects] = chain(close(state, { phase: "ended", problem }, false), doubtKernel);
  if (state.rejections > 0) return [next, effects];
  return [{ ...next, rejections: 1 }, [...effects, startTimer("ask-again", ASK_AGAIN_MS)]];
}

function onLost(state: State, why = ""): Step {
  const { stream } = state;
  // The user has been told.
  if (stream.phase === "stuck") return onTriedInVain(state, stream);
  if (FINISHED.has(state.session)) return chain(close(state, { phase: "ended", problem: null }, false), doubtKernel);
  if (state.views === 0) return close(state, { phase: "idle" }, true);
  if (stream.phase === "connecting" && state.relay === "known") return open(useRelay(state));
  // Without a connection made there is none to wait for; what came too late says nothing of it.
  const noConnection = stream.phase === "connecting" || (stream.phase === "offering" && why !== "");
  if (noConnection && canTakeOver(state)) return open({ ...state, carrier: "messages", side: TRIED });
  if (isTrying(state.side)) return fallBack({ ...state, choosing: state.choosing && why === "" });
  const failures = state.failures + 1;
  if (stream.phase === "connecting" && failures >= mostAttempts(state))
    return giveUp(state, state.service ? describeUnreachable(why) : explainNoConnection(state));
  const closed = close({ ...state, failures }, { phase: "backoff", due: false }, true);
  const [next, effects] = chain(closed, doubtKernel);
  return [next, [...effects, startTimer("backoff", backoffMs(failures))]];
}

/** Of those that were answered, in a row. */
function mostAttempts({ network, service }: State): number {
  if (network === "proven") return service ? Infinity : MAX_ATTEMPTS_AGAIN;
  return service ? MAX_ATTEMPTS : 1;
}

function isNeverConnected({ stream, network }: State): boolean {
  return stream.phase === "connecting" && network !== "proven";
}

/** The two sides have not found each other in time. */
function onNotConnected(state: State): Step {
  const { stream } = state;
  if (stream.phase !== "connecting") return stream.phase === "stuck" && isOpen(stream) ? onLost(state) : [state, []];
  const another = state.relay === "known" || canTakeOver(state);
  if (state.service || another || !isNeverConnected(state)) return onLost(state);
  const problem = explainNoConnection(state);
  return [
    { ...state, stream: { phase: "stuck", problem, tries: 0, peer: stream.peer } },
    [{ do: "report", problem }, startTimer("connect", CONNECT_LATE_MS)],
  ];
}

function onGoodbye(state: State, problem: Problem): Step {
  const closed = close(state, { phase: "ended", problem }, false);
  return state.session === "stopping" ? chain(closed, doubtKernel) : closed;
}

function onRetry(state: State): Step {
  if (state.stream.phase === "unsupported") return [state, []];
  return chain([{ ...askAgain(state), failures: 0, rejections: 0 }, askKernel()], open);
}

function onTimer(state: State, timer: Timer): Step {
  const { stream } = state;
  switch (timer) {
    case "welcome":
      return onNoWelcome(state);
    case "answer":
      return stream.phase === "offering" ? onNoAnswer(state, stream) : [state, []];
    case "relay":
      return stream.phase === "connecting" && state.relay === "known" ? open(useRelay(state)) : [state, []];
    case "take-over":
      return stream.phase === "connecting" ? takeOver(state) : [state, []];
    case "side":
      return onSideTimer(state);
    case "connect":
      return onNotConnected(state);
    case "interruption":
      return stream.phase === "connected" ? onLost(state) : [state, []];
    case "backoff":
      if (stream.phase !== "backoff") return [state, []];
      return state.kernel.is === "here" ? open(state) : [{ ...state, stream: { phase: "backoff", due: true } }, []];
    case "linger":
      return state.views === 0 ? close(state, { phase: "idle" }, true) : [state, []];
    case "steady":
      return [{ ...state, failures: 0, rejections: 0 }, []];
    case "ask-again":
      return stream.phase === "ended" && RUNNING.has(state.session) ? open(state) : [state, []];
    case "retry":
      return tryAgain(state);
  }
}

function onNoWelcome(state: State): Step {
  const lost = state.kernel.is === "gone" || (state.kernel.is === "asking" && state.kernel.afterLoss);
  const kernel = { is: lost && state.epoch !== null ? "gone" : "silent" } as const;
  return [{ ...state, kernel }, state.views > 0 ? [{ do: "hello" }, startTimer("welcome", HELLO_AGAIN_MS)] : []];
}

function onNoAnswer(state: State, stream: Extract<StreamState, { phase: "offering" }>): Step {
  const { answer } = stream;
  // A service's session takes its time to start: it is waited for as long as the kernel answers.
  if (state.service && state.session !== "live") {
    const asked = answer === "inquired" || answer === "late" ? "late" : "inquired";
    return [{ ...state, stream: { ...stream, answer: asked } }, [{ do: "hello" }, startTimer("answer", ANSWER_MS)]];
  }
  // The kernel has worked off what came before and after our offer: the answer was lost.
  if (answer === "late-kernel-here") return onLost(state);
  return [{ ...state, stream: { ...stream, answer: "late" } }, [{ do: "hello" }]];
}
