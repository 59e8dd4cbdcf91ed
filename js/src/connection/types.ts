// The types of the state machine in `state.ts`: its state, the events it takes, the effects it wants.

import type { Problem } from "../model/bridge";
import type { StatusName } from "../model/messages";

export type Carrier = "webrtc" | "messages";

/** What the user allows: `transport=` in Python. */
export type CarrierChoice = "auto" | Carrier | "websocket";

/** Whether somebody is behind the model. */
export type KernelState =
  /** A hello is out. `afterLoss`: since then the connection to the host was lost, and nothing was heard. */
  | { readonly is: "asking"; readonly afterLoss: boolean }
  | { readonly is: "here" }
  /** It does not answer: it is busy, or it was never there. */
  | { readonly is: "silent" }
  /** It was there until the connection was lost, and does not answer any more. */
  | { readonly is: "gone" };

/** What became of the answer that an offer, or a wish to join, waits for. */
export type AnswerState =
  | "awaited"
  /** A session of a service takes its time, and the kernel was asked whether it still works on it. */
  | "inquired"
  /** It is late, and the kernel was asked why. */
  | "late"
  /** It is late, and the kernel has spoken since it was asked. */
  | "late-kernel-here";

/** The one attempt to get the stream, or why there is none. `peer` is the number of the attempt. */
export type StreamState =
  /** The browser cannot play it by any way that is allowed. */
  | { readonly phase: "unsupported"; readonly problem: Problem }
  /** No view needs a picture. */
  | { readonly phase: "idle" }
  | { readonly phase: "offering"; readonly peer: number; readonly answer: AnswerState }
  /** Answered: the two sides look for each other. */
  | { readonly phase: "connecting"; readonly peer: number }
  /** `interrupted`: nothing arrives, and it may come back by itself. */
  | { readonly phase: "connected"; readonly peer: number; readonly interrupted: boolean }
  /** Lost; another attempt follows. `due`: its time has come, but the kernel is not there. */
  | { readonly phase: "backoff"; readonly due: boolean }
  /** The user has to act on a problem. `tries`: so often it was tried again by itself; undefined: that is no use. */
  | { readonly phase: "stuck"; readonly problem: Problem; readonly tries?: number }
  /** So it seems; yet the two sides go on looking for each other, since a busy machine is slow, or do so again. */
  | { readonly phase: "stuck"; readonly problem: Problem; readonly tries: number; readonly peer: number }
  /** Over on purpose, or because of a problem that only a new session solves. */
  | { readonly phase: "ended"; readonly problem: Problem | null };

/** WebRTC beside the messages that carry the stream, or are to. */
export type SideState =
  /** It is not wanted, or carries the stream itself. */
  | { readonly phase: "none" }
  /** It was tried in vain so often, and will be tried again. */
  | { readonly phase: "waiting"; readonly failures: number }
  | { readonly phase: "offering" | "connecting"; readonly peer: number; readonly failures: number };

/** A stream state with a connection that has to be closed. */
export type OpenStream = Extract<StreamState, { peer: number }>;

/** What was found out about this computer's network; it only grows. */
export type Reachability =
  | "unknown"
  /** The browser has found an interface that it uses for video. */
  | "has-interface"
  /** A connection has worked. */
  | "proven";

/** What the user's ICE servers are to this page. */
export type RelayUse =
  /** There are none, as far as the page was told. */
  | "none"
  /** There are some; it is tried without them first. */
  | "known"
  /** It was not reached without them. */
  | "used";

/** By what this page can get the stream of our own host. */
export interface StreamMeans {
  readonly webRtc: boolean;
  /** It can play frames that come in messages. */
  readonly messages: boolean;
  /** What the user allows. */
  readonly choice: CarrierChoice;
  /** What it begins with where both can be used. */
  readonly likely: Carrier;
}

export interface ConnectionState {
  readonly kernel: KernelState;
  /** The kernel that has answered, by its own name; null before the first. */
  readonly epoch: string | null;
  /** The session's status, as far as it was told. */
  readonly session: StatusName;
  readonly stream: StreamState;
  /** The stream is a paid service's: Python says where it is, and it comes from there. */
  readonly service: boolean;
  readonly views: number;
  /** Attempts so far, which is the number of the latest one. */
  readonly attempts: number;
  /** Attempts since one lasted. */
  readonly failures: number;
  /** How often in a row the service has rejected us: a token refused, a session that is over. */
  readonly rejections: number;
  readonly network: Reachability;
  readonly relay: RelayUse;
  /** What the stream goes by, where it is our own host's. */
  readonly carrier: Carrier;
  /** Both can be used, and the better one that works is. */
  readonly choosing: boolean;
  readonly side: SideState;
  /** Why a TURN server has not served the present attempt; null where none has said so. */
  readonly relayProblem: Problem | null;
}

export type Timer =
  | "welcome"
  | "answer"
  | "relay"
  | "take-over"
  | "side"
  | "connect"
  | "interruption"
  | "backoff"
  | "linger"
  | "steady"
  | "ask-again"
  | "retry";

export type ConnectionEvent =
  | ({ on: "loaded" } & StreamMeans)
  | { on: "stream-changed"; service: boolean }
  | { on: "welcome"; epoch: string; protocol: number }
  /** Anything came from the kernel. */
  | { on: "kernel-heard" }
  | { on: "view-attached" }
  | { on: "view-detached" }
  /** `relay`: there are ICE servers to use if it does not work without. */
  | { on: "answered"; peer: number; relay?: boolean }
  | { on: "candidate-found"; peer: number }
  | { on: "path-found"; peer: number }
  | { on: "relay-error"; peer: number; code: number; text: string }
  | { on: "connected"; peer: number }
  | { on: "interrupted"; peer: number; ms: number }
  /** It is connected, and what it is to bring does not come: messages bring it at once, another connection later. */
  | { on: "stalled"; peer: number }
  | { on: "lost"; peer: number; why?: string }
  | { on: "refused"; peer: number; problem: Problem; report?: boolean; later?: boolean | undefined }
  /** The service does not take our token. */
  | { on: "token-refused"; peer: number; problem: Problem }
  /** The service says that there is no such session any more. */
  | { on: "session-over"; peer: number }
  | { on: "goodbye"; problem: Problem }
  | { on: "session-status"; status: StatusName }
  /** A request of the user went out as a widget message, which needs a kernel. */
  | { on: "request-sent" }
  | { on: "retry" }
  /** This computer is in another network, or has one again. */
  | { on: "network-changed" }
  /** The page is in sight again, as it was. */
  | { on: "page-seen" }
  | { on: "page-hidden" }
  | { on: "page-shown" }
  | { on: "timer"; timer: Timer };

export type Effect =
  | { do: "hello" }
  | { do: "open"; peer: number; carrier: Carrier }
  | { do: "close"; peer: number; hangup: boolean }
  | { do: "start-timer"; timer: Timer; ms: number }
  | { do: "cancel-timer"; timer: Timer }
  | { do: "report"; problem: Problem };

export const INITIAL: ConnectionState = {
  kernel: { is: "asking", afterLoss: false },
  epoch: null,
  session: "idle",
  stream: { phase: "idle" },
  service: false,
  views: 0,
  attempts: 0,
  failures: 0,
  rejections: 0,
  network: "unknown",
  relay: "none",
  relayProblem: null,
  carrier: "webrtc",
  choosing: false,
  side: { phase: "none" },
};

export function isOpen(stream: StreamState): stream is OpenStream {
  return "peer" in stream;
}
