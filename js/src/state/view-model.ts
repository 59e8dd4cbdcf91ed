// What the user is told: one line, a colour, what the stage shows, and which controls make sense.

import type { StreamState } from "../connection/types";
import type { Problem } from "../model/bridge";
import type { PageState } from "./page-state";

export type Tone = "good" | "busy" | "warn" | "calm" | "bad";

/** What of the page's state decides what the user is told. */
export type ViewModelInput = Pick<
  PageState,
  | "connection"
  | "status"
  | "statusText"
  | "statusError"
  | "sounding"
  | "queued"
  | "playing"
  | "hasPlayed"
  | "notice"
  | "progress"
>;

export interface Capabilities {
  readonly start: boolean;
  readonly stop: boolean;
  readonly interrupt: boolean;
  readonly say: boolean;
}

export interface ViewModel {
  readonly tone: Tone;
  /** The status line. */
  readonly text: string;
  /** The live picture, a picture that is on its way, or one that somebody has to start. */
  readonly stage: "picture" | "waiting" | "resting";
  readonly panel: (Problem & { readonly retry: boolean }) | null;
  readonly can: Capabilities;
}

export const KERNEL_SILENT = "Waiting for the kernel: it is busy or gone. Re-run this cell if nothing happens.";
export const KERNEL_GONE: Problem = {
  what: "The picture has broken off, and the kernel does not answer: it is busy, gone or out of reach.",
  fix: "It goes on by itself once the kernel answers. Run this cell again if it was restarted.",
};
export const KERNEL_UNRESPONSIVE =
  "The kernel does not answer: it is busy, gone or out of reach. What you ask for waits; if it was restarted, run this cell again.";
export const KERNEL_BUSY = "The kernel is busy: the picture starts when the cell is done.";

const DEFAULT_TEXT = {
  idle: "Ready to start",
  ended: "The session has ended",
  stopping: "Stopping…",
  failed: "Something went wrong",
} as const;

const NOTHING: Capabilities = { start: false, stop: false, interrupt: false, say: false };

export function viewModel(input: ViewModelInput): ViewModel {
  const { kernel, stream, network, service, carrier } = input.connection;
  if (stream.phase === "unsupported") return showProblem(stream.problem, false);
  if (stream.phase === "stuck") return showProblem(stream.problem, true);
  // Connected, the stream comes past the kernel; what that does matters little.
  if (stream.phase !== "connected") {
    if (kernel.is === "gone") return showProblem(KERNEL_GONE, true);
    if (kernel.is === "silent")
      return { tone: "calm", text: lateText(input, KERNEL_SILENT), stage: "resting", panel: null, can: NOTHING };
    if (kernel.is === "asking" && network !== "proven") return showWaiting("Connecting to the kernel…", NOTHING);
  }
  const shown = showSession(input, stream);
  const unresponsive = (service || carrier === "messages") && (kernel.is === "silent" || kernel.is === "gone");
  return unresponsive && shown.tone === "good" ? { ...shown, tone: "warn", text: KERNEL_UNRESPONSIVE } : shown;
}

function showSession(input: ViewModelInput, stream: StreamState): ViewModel {
  const { status, statusText } = input;
  // A connection that is over leaves its last picture behind, or none.
  const lasting = stream.phase === "connected" || "peer" in input.connection.side;
  const playing = input.playing && lasting;
  switch (status) {
    case "failed": {
      const what = input.statusError?.what || statusText || DEFAULT_TEXT.failed;
      return { ...showProblem({ what, fix: input.statusError?.fix ?? "" }, true), can: { ...NOTHING, start: true } };
    }
    case "stopping": {
      const text = statusText || DEFAULT_TEXT.stopping;
      return { tone: "busy", text, stage: playing ? "picture" : "resting", panel: null, can: NOTHING };
    }
    case "ended":
      return showEnd(input, stream);
    case "reconnecting":
      return {
        ...showWaiting(statusText || "Reconnecting…", runningCapabilities(input)),
        stage: playing ? "picture" : "waiting",
      };
    default:
      return showRunning(input, stream, playing);
  }
}

/** The session runs, or will as soon as there is a stream. */
function showRunning(input: ViewModelInput, stream: StreamState, playing: boolean): ViewModel {
  const { status, statusText, notice, sounding } = input;
  const can = runningCapabilities(input);
  if (stream.phase === "ended") return showEnd(input, stream);
  if (stream.phase === "backoff") return showWaiting(describeStart(input), can);
  if (stream.phase === "offering" && stream.answer === "late") return showWaiting(lateText(input, KERNEL_BUSY), can);
  if (stream.phase === "idle" && status === "idle") return showRest(statusText || DEFAULT_TEXT.idle);
  if (!playing || status === "starting") {
    return { ...showWaiting(describeStart(input), can), stage: playing ? "picture" : "waiting" };
  }
  if (stream.phase !== "connected" || stream.interrupted)
    return { ...showWaiting("Reconnecting…", can), stage: "picture" };
  const text = notice || input.progress || (sounding !== null ? "Speaking" : statusText || "Live");
  return { tone: notice ? "warn" : "good", text, stage: "picture", panel: null, can };
}

/** Where there was a picture before, not only the kernel may be gone. */
function lateText({ hasPlayed }: ViewModelInput, text: string): string {
  return hasPlayed ? KERNEL_UNRESPONSIVE : text;
}

function runningCapabilities({ sounding, queued }: ViewModelInput): Capabilities {
  return { start: false, stop: true, interrupt: sounding !== null || queued.length > 0, say: true };
}

function describeStart({ status, statusText, hasPlayed, notice }: ViewModelInput): string {
  if (notice && hasPlayed) return notice;
  if (status !== "live") return (status === "starting" && statusText) || "Starting…";
  return hasPlayed ? "Reconnecting…" : "Connecting…";
}

function showEnd({ statusText }: ViewModelInput, stream: StreamState): ViewModel {
  const problem = stream.phase === "ended" ? stream.problem : null;
  return showRest(problem ? joinSentences(problem) : statusText || DEFAULT_TEXT.ended);
}

function showRest(text: string): ViewModel {
  return { tone: "calm", text, stage: "resting", panel: null, can: { ...NOTHING, start: true, say: true } };
}

function showWaiting(text: string, can: Capabilities): ViewModel {
  return { tone: "busy", text, stage: "waiting", panel: null, can };
}

function showProblem(problem: Problem, retry: boolean): ViewModel {
  return { tone: "bad", text: problem.what, stage: "resting", panel: { ...problem, retry }, can: NOTHING };
}

/** A problem in one line. */
export function joinSentences({ what = "", fix = "" }: Partial<Problem>): string {
  return [what, fix].filter(Boolean).join(" ");
}

export interface StreamFigures {
  readonly speechLatencyMs: number | null;
  readonly fps: number | null;
  readonly width: number;
  readonly height: number;
  readonly bitrateKbps: number | null;
  readonly roundTripMs: number | null;
  readonly codec: string;
  /** What it comes by; told of the stream of our own host. */
  readonly transport: string;
}

/** The numbers behind the status line, as name and value; what is not known is left out. */
export function formatFigures(figures: StreamFigures): Array<readonly [string, string]> {
  const rows: Array<readonly [string, string | null]> = [
    ["Speech latency", formatMilliseconds(figures.speechLatencyMs)],
    ["Frame rate", figures.fps === null ? null : `${Math.round(figures.fps)} fps`],
    ["Size", figures.width ? `${figures.width} × ${figures.height} ${figures.codec}`.trim() : null],
    ["Bit rate", figures.bitrateKbps === null ? null : formatBitrate(figures.bitrateKbps)],
    ["Round trip", formatMilliseconds(figures.roundTripMs)],
    ["Carried by", CARRIED_BY[figures.transport] ?? null],
  ];
  return rows.filter((row): row is readonly [string, string] => row[1] !== null);
}

const CARRIED_BY: Readonly<Record<string, string>> = {
  messages: "widget messages",
  websocket: "WebSocket",
  webrtc: "WebRTC",
};

function formatMilliseconds(value: number | null): string | null {
  return value === null ? null : `${Math.round(value)} ms`;
}

function formatBitrate(kbps: number): string {
  return kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${Math.round(kbps)} kbit/s`;
}
