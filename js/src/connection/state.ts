// The life of a page's stream as a pure state machine: event in, new state and effects out.
// `connection.ts` carries the effects out. Nothing here knows of WebRTC, timers or the page.

import type { Effect, Event, Link, Phase, Timer } from "./types";
import type { Problem } from "../model/bridge";
import { PROTOCOL, type StatusName } from "../model/messages";
import { NO_INTERFACE, NO_WEBRTC, OTHER_VERSION, OVER_THERE, TAKEN, UDP_BLOCKED, unreachable } from "./problems";

type Step = readonly [Link, readonly Effect[]];

export const WELCOME_MS = 4_000;
export const HELLO_AGAIN_MS = 15_000;
export const ANSWER_MS = 8_000;
export const CONNECT_MS = 8_000;
/** The same for a service, which is far away: its player may come first, and a viewer may have to go. */
export const SERVICE_CONNECT_MS = 20_000;
export const LINGER_MS = 60_000;
/** A connection that lasted this long counts as a success. */
export const STEADY_MS = 10_000;
/** A service that has turned us away is asked once more after this: there may be a new session. */
export const AGAIN_MS = 3_000;
/** A service's stream that never came is tried this often before the user is asked to act. */
export const ATTEMPTS = 4;
const BACKOFF_MS = [500, 1_000, 2_000, 5_000];
const BACKOFF_MAX_MS = 10_000;

const OVER: ReadonlySet<StatusName> = new Set(["ended", "failed", "stopping"]);
const LIVELY: ReadonlySet<StatusName> = new Set(["starting", "live", "reconnecting"]);
const PEER_TIMERS: readonly Timer[] = ["answer", "connect", "wobble", "backoff", "steady", "again"];

export function backoffMs(failures: number): number {
  return BACKOFF_MS[failures - 1] ?? BACKOFF_MAX_MS;
}

export function step(link: Link, event: Event): Step {
  // What a peer says that is no longer ours concerns nobody.
  if ("peer" in event && (event.peer !== link.peer || !busy(link))) return [link, []];
  switch (event.on) {
    case "loaded":
      return loaded(link, event.supported);
    case "provider":
      return provider(link, event.service);
    case "welcome":
      return welcome(link, event.epoch, event.protocol);
    case "heard":
      return heard(link);
    case "view-attached":
      return attached({ ...link, views: link.views + 1 });
    case "view-detached":
      return detached({ ...link, views: Math.max(0, link.views - 1) });
    case "answered":
      if (link.phase !== "offering") return [link, []];
      return [
        { ...link, phase: "connecting", late: false },
        [{ do: "cancel", timer: "answer" }, after("connect", link.service ? SERVICE_CONNECT_MS : CONNECT_MS)],
      ];
    case "candidate":
      return [{ ...link, interface: true }, []];
    case "connected":
      return [
        { ...link, phase: "connected", worked: true, wobbling: false, dropped: false, late: false, problem: null },
        [{ do: "cancel", timer: "connect" }, { do: "cancel", timer: "wobble" }, after("steady", STEADY_MS)],
      ];
    case "wobbling":
      return link.phase === "connected" ? [{ ...link, wobbling: true }, [after("wobble", event.ms)]] : [link, []];
    case "lost":
      return lost(link, event.why);
    case "refused":
      return refused(link, event.problem, event.report ?? false);
    case "denied":
      // A token may be too old by now: ask for another, once.
      if (link.turnedAway > 0) return refused(link, event.problem, true);
      return lost({ ...link, turnedAway: 1 });
    case "over":
      return over(link);
    case "goodbye":
      return goodbye(link, event.problem);
    case "session":
      return session(link, event.status);
    case "asked":
      return [{ ...link, kernel: "asking", dropped: false }, askKernel()];
    case "retry":
      return retry(link);
    case "leave":
      return stop(link, "idle", null, true);
    case "return":
      return join([{ ...link, kernel: "asking" }, askKernel()], attached);
    case "timer":
      return timedOut(link, event.timer);
  }
}

function loaded(link: Link, supported: boolean): Step {
  if (supported) return [link, askKernel()];
  return [
    { ...link, phase: "stuck", unsupported: true, problem: NO_WEBRTC },
    [...askKernel(), { do: "report", problem: NO_WEBRTC }],
  ];
}

/** The avatar's stream comes from somewhere else than before. */
function provider(link: Link, service: boolean): Step {
  if (service === link.service) return [link, []];
  const next = { ...link, service };
  return busy(link) || link.phase === "backoff" ? open(next) : [next, []];
}

function welcome(link: Link, epoch: string, protocol: number): Step {
  if (protocol !== PROTOCOL) return stop({ ...link, kernel: "here" }, "stuck", OTHER_VERSION, true);
  const other = link.epoch !== "" && link.epoch !== epoch;
  const [next, effects] = heard({ ...link, epoch });
  // A new kernel or host knows nothing of our old offer.
  if (!other || next.phase === "idle" || next.peer !== link.peer) return [next, effects];
  return join([next, effects], open);
}

function heard(link: Link): Step {
  const next: Link = { ...link, kernel: "here", dropped: false, inquiring: false, heardSinceLate: link.late };
  const effects: Effect[] = link.kernel === "here" ? [] : [{ do: "cancel", timer: "welcome" }];
  if (link.late && !link.heardSinceLate) effects.push(after("answer", ANSWER_MS));
  return next.phase === "backoff" && next.due ? join([next, effects], open) : [next, effects];
}

function attached(link: Link): Step {
  const stay: Effect[] = [{ do: "cancel", timer: "linger" }];
  if (link.phase !== "idle" || link.views === 0) return [link, stay];
  if (OVER.has(link.session)) return [{ ...link, phase: "ended" }, stay];
  return join([link, stay], open);
}

function detached(link: Link): Step {
  return link.views === 0 && link.phase !== "idle" ? [link, [after("linger", LINGER_MS)]] : [link, []];
}

function session(link: Link, status: StatusName): Step {
  if (status === link.session) return [link, []];
  // Python knows better how it ended: a room may close before it is told that the user stopped it.
  const problem = OVER.has(status) && link.problem === OVER_THERE ? null : link.problem;
  const next: Link = { ...link, session: status, problem };
  // Somebody else is watching: two pages that both come back at once would fight for it.
  const yields = next.problem === TAKEN && status !== "starting";
  const waits = next.phase === "ended" || (next.phase === "stuck" && !yields) || next.phase === "idle";
  if (waits && next.views > 0 && LIVELY.has(status)) return open({ ...next, turnedAway: 0 });
  // A host says goodbye itself, once it is done; a service's stream may stay and show nothing.
  const ends = next.service && status !== "stopping" && busy(next);
  if (OVER.has(status) && (ends || next.phase === "backoff" || next.phase === "offering")) {
    return stop(next, "ended", null, true);
  }
  return [next, []];
}

function refused(link: Link, problem: Problem, report: boolean): Step {
  // Refused because it is over: that is no problem, it only wants to be started again.
  if (OVER.has(link.session)) return stop(link, "ended", null, false);
  const [next, effects] = stop(link, "stuck", problem, false);
  return [next, report ? [...effects, { do: "report", problem }] : effects];
}

/** The service has no such session. Python may know of another; else it will say what happened. */
function over(link: Link): Step {
  const [next, effects] = doubt(stop(link, "ended", OVER.has(link.session) ? null : OVER_THERE, false));
  if (link.turnedAway > 0) return [next, effects];
  return [{ ...next, turnedAway: 1 }, [...effects, after("again", AGAIN_MS)]];
}

function lost(link: Link, why = ""): Step {
  if (OVER.has(link.session)) return doubt(stop(link, "ended", null, false));
  if (link.views === 0) return stop(link, "idle", null, true);
  // On loopback alone browsers make no candidate at all: another cause, and another remedy.
  const never = link.phase === "connecting" && !link.worked;
  const failures = link.failures + 1;
  if (never && !link.service) return stuck(link, link.interface ? UDP_BLOCKED : NO_INTERFACE);
  if (never && failures >= ATTEMPTS) return stuck(link, unreachable(why));
  const [closed, effects] = stop({ ...link, failures }, "backoff", null, true);
  // A host that is lost may have lost its kernel; what a service loses says nothing of the kernel.
  return [
    { ...closed, kernel: "asking", dropped: !link.service },
    [...effects, ...askKernel(), after("backoff", backoffMs(failures))],
  ];
}

function goodbye(link: Link, problem: Problem): Step {
  const over = stop(link, "ended", problem, false);
  return link.session === "stopping" ? doubt(over) : over;
}

/** A host that goes before its session has ended may have lost its kernel: find out. */
function doubt(step: Step): Step {
  return join(step, (link) => [{ ...link, kernel: "asking", dropped: !link.service }, askKernel()]);
}

function stuck(link: Link, problem: Problem): Step {
  const [next, effects] = stop(link, "stuck", problem, true);
  return [next, [...effects, { do: "report", problem }]];
}

function retry(link: Link): Step {
  if (link.unsupported) return [link, []];
  return join([{ ...link, kernel: "asking", failures: 0, turnedAway: 0 }, askKernel()], open);
}

function timedOut(link: Link, timer: Timer): Step {
  switch (timer) {
    case "welcome": {
      const kernel = link.dropped && link.epoch !== "" ? "gone" : "silent";
      return [{ ...link, kernel }, link.views > 0 ? [{ do: "hello" }, after("welcome", HELLO_AGAIN_MS)] : []];
    }
    case "answer":
      if (link.phase !== "offering") return [link, []];
      if (link.service && link.session !== "live") return inquire(link);
      // The kernel has worked off what came before and after our offer: the answer was lost.
      if (link.late && link.heardSinceLate) return lost(link);
      return [{ ...link, late: true, heardSinceLate: false }, [{ do: "hello" }]];
    case "connect":
      return link.phase === "connecting" ? lost(link) : [link, []];
    case "wobble":
      return link.phase === "connected" ? lost(link) : [link, []];
    case "backoff":
      if (link.phase !== "backoff") return [link, []];
      return link.kernel === "here" ? open(link) : [{ ...link, due: true }, []];
    case "linger":
      return link.views === 0 ? stop(link, "idle", null, true) : [link, []];
    case "steady":
      return [{ ...link, failures: 0, turnedAway: 0 }, []];
    case "again":
      return link.phase === "ended" && LIVELY.has(link.session) ? open(link) : [link, []];
  }
}

/** A service's session takes its time to start. Waits for it as long as the kernel answers. */
function inquire(link: Link): Step {
  const ask: Effect[] = [{ do: "hello" }, after("answer", ANSWER_MS)];
  if (!link.inquiring) return [{ ...link, late: false, heardSinceLate: false, inquiring: true }, ask];
  return [{ ...link, late: true, heardSinceLate: false }, ask];
}

/** A new attempt, in place of whatever is there. */
function open(link: Link): Step {
  if (link.unsupported || link.views === 0) return [link, []];
  const [closed, effects] = stop(link, "offering", null, true);
  const peer = link.peer + 1;
  return [{ ...closed, peer }, [...effects, { do: "open", peer }, after("answer", ANSWER_MS)]];
}

/** Ends the present attempt, if there is one. */
function stop(link: Link, phase: Phase, problem: Problem | null, hangup: boolean): Step {
  if (link.unsupported) return [link, []];
  const close: Effect[] = busy(link) ? [{ do: "close", peer: link.peer, hangup }] : [];
  const timers = PEER_TIMERS.map((timer): Effect => ({ do: "cancel", timer }));
  return [
    { ...link, phase, problem, late: false, heardSinceLate: false, inquiring: false, due: false, wobbling: false },
    [...close, ...timers],
  ];
}

function busy(link: Link): boolean {
  return link.phase === "offering" || link.phase === "connecting" || link.phase === "connected";
}

function askKernel(): Effect[] {
  return [{ do: "hello" }, after("welcome", WELCOME_MS)];
}

function after(timer: Timer, ms: number): Effect {
  return { do: "timer", timer, ms };
}

function join([link, effects]: Step, next: (link: Link) => Step): Step {
  const [last, more] = next(link);
  return [last, [...effects, ...more]];
}
