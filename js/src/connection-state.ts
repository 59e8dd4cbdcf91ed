// The life of a page's peer connection as a pure state machine: event in, new state and effects
// out. `connection.ts` carries the effects out. Nothing here knows of WebRTC, timers or the page.

import type { Problem } from "./model";
import { PROTOCOL, type StatusName } from "./page";

/** Whether somebody is behind the model. `silent`: busy or gone; `gone`: there until the connection was lost. */
export type Kernel = "asking" | "here" | "silent" | "gone";

export type Phase =
  | "idle" // no view needs a picture
  | "offering" // our offer is out
  | "connecting" // answered; the two sides look for each other
  | "connected"
  | "backoff" // lost; another attempt follows
  | "stuck" // a problem the user has to act on; see `problem`
  | "ended"; // over, on purpose

export interface Link {
  readonly kernel: Kernel;
  readonly epoch: string;
  readonly phase: Phase;
  /** Number of the latest attempt. */
  readonly peer: number;
  readonly views: number;
  /** Attempts since one lasted. */
  readonly failures: number;
  /** No answer for a while. */
  readonly late: boolean;
  /** The kernel has spoken after we asked why there is no answer. */
  readonly heardSinceLate: boolean;
  /** The next attempt's time has come, but the kernel is not there. */
  readonly due: boolean;
  /** A connection was lost, and nothing has been heard or asked since. */
  readonly dropped: boolean;
  /** A connection has worked, so this network lets us through. */
  readonly worked: boolean;
  /** The browser has found an interface that it uses for video. */
  readonly interface: boolean;
  /** The browser cannot do it at all. */
  readonly unsupported: boolean;
  readonly session: StatusName;
  readonly problem: Problem | null;
}

export type Timer = "welcome" | "answer" | "connect" | "wobble" | "backoff" | "linger" | "steady";

export type Event =
  | { on: "loaded"; supported: boolean }
  | { on: "welcome"; epoch: string; protocol: number }
  | { on: "heard" }
  | { on: "view-attached" }
  | { on: "view-detached" }
  | { on: "answered"; peer: number }
  | { on: "candidate"; peer: number }
  | { on: "connected"; peer: number }
  | { on: "wobbling"; peer: number }
  | { on: "lost"; peer: number }
  | { on: "refused"; peer: number; problem: Problem }
  | { on: "goodbye"; problem: Problem }
  | { on: "session"; status: StatusName }
  | { on: "asked" } // a request went out as a widget message
  | { on: "retry" }
  | { on: "leave" }
  | { on: "return" }
  | { on: "timer"; timer: Timer };

export type Effect =
  | { do: "hello" }
  | { do: "open"; peer: number }
  | { do: "close"; peer: number; hangup: boolean }
  | { do: "timer"; timer: Timer; ms: number }
  | { do: "cancel"; timer: Timer }
  | { do: "report"; problem: Problem };

type Step = readonly [Link, readonly Effect[]];

export const WELCOME_MS = 4_000;
export const HELLO_AGAIN_MS = 15_000;
export const ANSWER_MS = 8_000;
export const CONNECT_MS = 8_000;
export const WOBBLE_MS = 3_000;
export const LINGER_MS = 60_000;
/** A connection that lasted this long counts as a success. */
export const STEADY_MS = 10_000;
const BACKOFF_MS = [500, 1_000, 2_000, 5_000];
const BACKOFF_MAX_MS = 10_000;

export const NO_WEBRTC: Problem = {
  what: "This page cannot play live video: it has no WebRTC.",
  fix: "Use a current Chrome, Edge, Firefox or Safari, and allow WebRTC if an extension or a policy turns it off.",
};
export const UDP_BLOCKED: Problem = {
  what: "No video gets through: UDP seems to be blocked between this page and the kernel.",
  fix: "Let UDP through (firewall, VPN, container ports), or run Jupyter on this computer. Then press Retry.",
};
export const NO_INTERFACE: Problem = {
  what: "No video gets through: this computer has no network interface that the browser uses for video.",
  fix: "Switch WiFi on or plug in a cable (no internet is needed). Then press Retry.",
};
export const OTHER_VERSION: Problem = {
  what: "This page and the kernel run different versions of ipyavatar.",
  fix: "Restart the kernel, reload this page, and run the cell again.",
};

const OVER: ReadonlySet<StatusName> = new Set(["ended", "failed", "stopping"]);
const LIVELY: ReadonlySet<StatusName> = new Set(["starting", "live", "reconnecting"]);
const PEER_TIMERS: readonly Timer[] = ["answer", "connect", "wobble", "backoff", "steady"];

export function initial(session: StatusName): Link {
  return {
    kernel: "asking",
    epoch: "",
    phase: "idle",
    peer: 0,
    views: 0,
    failures: 0,
    late: false,
    heardSinceLate: false,
    due: false,
    dropped: false,
    worked: false,
    interface: false,
    unsupported: false,
    session,
    problem: null,
  };
}

export function backoffMs(failures: number): number {
  return BACKOFF_MS[failures - 1] ?? BACKOFF_MAX_MS;
}

export function step(link: Link, event: Event): Step {
  // What a peer says that is no longer ours concerns nobody.
  if ("peer" in event && (event.peer !== link.peer || !busy(link))) return [link, []];
  switch (event.on) {
    case "loaded":
      return loaded(link, event.supported);
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
        [{ do: "cancel", timer: "answer" }, after("connect", CONNECT_MS)],
      ];
    case "candidate":
      return [{ ...link, interface: true }, []];
    case "connected":
      return [
        { ...link, phase: "connected", worked: true, dropped: false, late: false, problem: null },
        [{ do: "cancel", timer: "connect" }, { do: "cancel", timer: "wobble" }, after("steady", STEADY_MS)],
      ];
    case "wobbling":
      return link.phase === "connected" ? [link, [after("wobble", WOBBLE_MS)]] : [link, []];
    case "lost":
      return lost(link);
    case "refused":
      // Refused because it is over: that is no problem, it only wants to be started again.
      return OVER.has(link.session) ? stop(link, "ended", null, false) : stop(link, "stuck", event.problem, false);
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

function welcome(link: Link, epoch: string, protocol: number): Step {
  if (protocol !== PROTOCOL) return stop({ ...link, kernel: "here" }, "stuck", OTHER_VERSION, true);
  const other = link.epoch !== "" && link.epoch !== epoch;
  const [next, effects] = heard({ ...link, epoch });
  // A new kernel or host knows nothing of our old offer.
  if (!other || next.phase === "idle" || next.peer !== link.peer) return [next, effects];
  return join([next, effects], open);
}

function heard(link: Link): Step {
  const next: Link = { ...link, kernel: "here", dropped: false, heardSinceLate: link.late };
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
  const next: Link = { ...link, session: status };
  const waits = next.phase === "ended" || next.phase === "stuck" || next.phase === "idle";
  if (waits && next.views > 0 && LIVELY.has(status)) return open(next);
  if (OVER.has(status) && (next.phase === "backoff" || next.phase === "offering")) {
    return stop(next, "ended", null, true);
  }
  return [next, []];
}

function lost(link: Link): Step {
  if (OVER.has(link.session)) return doubt(stop(link, "ended", null, false));
  if (link.views === 0) return stop(link, "idle", null, true);
  if (link.phase === "connecting" && !link.worked) return blocked(link);
  const failures = link.failures + 1;
  const [closed, effects] = stop({ ...link, failures }, "backoff", null, true);
  return [{ ...closed, kernel: "asking", dropped: true }, [...effects, ...askKernel(), after("backoff", backoffMs(failures))]];
}

function goodbye(link: Link, problem: Problem): Step {
  const over = stop(link, "ended", problem, false);
  return link.session === "stopping" ? doubt(over) : over;
}

/** A host that goes before its session has ended may have lost its kernel: find out. */
function doubt(step: Step): Step {
  return join(step, (link) => [{ ...link, kernel: "asking", dropped: true }, askKernel()]);
}

function blocked(link: Link): Step {
  // On loopback alone browsers make no candidate at all: another cause, and another remedy.
  const problem = link.interface ? UDP_BLOCKED : NO_INTERFACE;
  const [next, effects] = stop(link, "stuck", problem, true);
  return [next, [...effects, { do: "report", problem }]];
}

function retry(link: Link): Step {
  if (link.unsupported) return [link, []];
  return join([{ ...link, kernel: "asking", failures: 0 }, askKernel()], open);
}

function timedOut(link: Link, timer: Timer): Step {
  switch (timer) {
    case "welcome": {
      const kernel = link.dropped && link.epoch !== "" ? "gone" : "silent";
      return [{ ...link, kernel }, link.views > 0 ? [{ do: "hello" }, after("welcome", HELLO_AGAIN_MS)] : []];
    }
    case "answer":
      if (link.phase !== "offering") return [link, []];
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
      return [{ ...link, failures: 0 }, []];
  }
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
    { ...link, phase, problem, late: false, heardSinceLate: false, due: false },
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
