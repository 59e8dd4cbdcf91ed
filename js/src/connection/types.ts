// The words of the state machine in `connection-state.ts`: its state, what happens, what is to do.

import type { Problem } from "../model/bridge";
import type { StatusName } from "../model/messages";

/** Whether somebody is behind the model. `silent`: busy or gone; `gone`: there until the connection was lost. */
export type Kernel = "asking" | "here" | "silent" | "gone";

export type Phase =
  | "idle" // no view needs a picture
  | "offering" // our offer, or our wish to join, is out
  | "connecting" // answered; the two sides look for each other
  | "connected"
  | "backoff" // lost; another attempt follows
  | "stuck" // a problem the user has to act on; see `problem`
  | "ended"; // over, on purpose

export interface Link {
  readonly kernel: Kernel;
  readonly epoch: string;
  readonly phase: Phase;
  /** The stream is a paid service's: Python says where it is, and it comes from there. */
  readonly service: boolean;
  /** Number of the latest attempt. */
  readonly peer: number;
  readonly views: number;
  /** Attempts since one lasted. */
  readonly failures: number;
  /** How often in a row the service has turned us away: a token refused, a session that is over. */
  readonly turnedAway: number;
  /** Asked whether the kernel still works on what we wait for, and not heard of it since. */
  readonly inquiring: boolean;
  /** No answer for a while. */
  readonly late: boolean;
  /** The kernel has spoken after we asked why there is no answer. */
  readonly heardSinceLate: boolean;
  /** The next attempt's time has come, but the kernel is not there. */
  readonly due: boolean;
  /** A connection was lost, and nothing has been heard or asked since. */
  readonly dropped: boolean;
  /** Interrupted; it may come back by itself. */
  readonly wobbling: boolean;
  /** A connection has worked, so this network lets us through. */
  readonly worked: boolean;
  /** The browser has found an interface that it uses for video. */
  readonly interface: boolean;
  /** The browser cannot do it at all. */
  readonly unsupported: boolean;
  readonly session: StatusName;
  readonly problem: Problem | null;
}

export type Timer = "welcome" | "answer" | "connect" | "wobble" | "backoff" | "linger" | "steady" | "again";

export type Event =
  | { on: "loaded"; supported: boolean }
  | { on: "provider"; service: boolean }
  | { on: "welcome"; epoch: string; protocol: number }
  | { on: "heard" }
  | { on: "view-attached" }
  | { on: "view-detached" }
  | { on: "answered"; peer: number }
  | { on: "candidate"; peer: number }
  | { on: "connected"; peer: number }
  | { on: "wobbling"; peer: number; ms: number }
  | { on: "lost"; peer: number; why?: string }
  | { on: "refused"; peer: number; problem: Problem; report?: boolean }
  | { on: "denied"; peer: number; problem: Problem } // the service does not take our token
  | { on: "over"; peer: number } // the service says that there is no such session any more
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

export function initial(session: StatusName): Link {
  return {
    kernel: "asking",
    epoch: "",
    phase: "idle",
    service: false,
    peer: 0,
    views: 0,
    failures: 0,
    turnedAway: 0,
    inquiring: false,
    late: false,
    heardSinceLate: false,
    due: false,
    dropped: false,
    wobbling: false,
    worked: false,
    interface: false,
    unsupported: false,
    session,
    problem: null,
  };
}
