// What the user is told: one line, a colour, what the stage shows, and which controls make sense.

import type { Kernel, Phase } from "../connection/types";
import type { Problem } from "../model/bridge";
import type { StatusName } from "../model/messages";

export type Tone = "good" | "busy" | "warn" | "calm" | "bad";

export interface Facts {
  readonly kernel: Kernel;
  readonly phase: Phase;
  /** The picture comes from a paid service; only the kernel can speak to it. */
  readonly service: boolean;
  /** The connection is interrupted and may come back. */
  readonly wobbling: boolean;
  /** The host does not answer, and the kernel is too busy to say why. */
  readonly late: boolean;
  readonly worked: boolean;
  /** A picture has been there before. */
  readonly seen: boolean;
  readonly unsupported: boolean;
  readonly problem: Problem | null;
  readonly status: StatusName;
  readonly statusText: string;
  readonly speaking: boolean;
  readonly error: Partial<Problem>;
  readonly playing: boolean;
  /** Something that went wrong without ending the session; empty when nothing did. */
  readonly notice: string;
}

export interface Face {
  readonly tone: Tone;
  readonly words: string;
  /** The live picture, a picture that is on its way, or one that somebody has to start. */
  readonly stage: "picture" | "waiting" | "resting";
  readonly panel: (Problem & { readonly retry: boolean }) | null;
  readonly can: { readonly start: boolean; readonly stop: boolean; readonly interrupt: boolean; readonly say: boolean };
}

export const KERNEL_SILENT = "Waiting for the kernel: it is busy or gone. Re-run this cell if nothing happens.";
export const KERNEL_GONE: Problem = {
  what: "The kernel has stopped.",
  fix: "Run this cell again to bring the avatar back.",
};
export const KERNEL_DEAF = "The kernel does not answer: it is busy or gone. What you ask for has to wait.";
export const KERNEL_BUSY = "The kernel is busy: the picture starts when the cell is done.";

const REST: Record<"idle" | "ended" | "stopping" | "failed", string> = {
  idle: "Ready to start",
  ended: "The session has ended",
  stopping: "Stopping…",
  failed: "Something went wrong",
};

const OFF = { start: false, stop: false, interrupt: false, say: false };

export function face(facts: Facts): Face {
  const { kernel, phase } = facts;
  if (phase === "stuck" && facts.problem) return trouble(facts.problem, !facts.unsupported);
  // Connected, the stream comes past the kernel; what that does matters little.
  if (phase !== "connected") {
    if (kernel === "gone") return trouble(KERNEL_GONE, true);
    if (kernel === "silent") return { tone: "calm", words: KERNEL_SILENT, stage: "resting", panel: null, can: OFF };
    // A saved notebook shows old traits; nothing in them is true before somebody answers.
    if (kernel === "asking" && !facts.worked) return waiting("Connecting to the kernel…", OFF);
  }
  const told = session(facts);
  const deaf = facts.service && (kernel === "silent" || kernel === "gone");
  return deaf && told.tone === "good" ? { ...told, tone: "warn", words: KERNEL_DEAF } : told;
}

function session(facts: Facts): Face {
  const { status, statusText, phase, speaking } = facts;
  // A connection that is over leaves its last picture behind, or none.
  const playing = facts.playing && phase === "connected";
  const run = { start: false, stop: true, interrupt: speaking, say: true };
  switch (status) {
    case "failed": {
      const what = facts.error.what || statusText || REST.failed;
      return { ...trouble({ what, fix: facts.error.fix ?? "" }, true), can: { ...OFF, start: true } };
    }
    case "stopping":
      return { tone: "busy", words: statusText || REST.stopping, stage: playing ? "picture" : "resting", panel: null, can: OFF };
    case "ended":
      return rest(facts.problem ? sentence(facts.problem) : statusText || REST.ended);
    case "reconnecting":
      return { ...waiting(statusText || "Reconnecting…", run), stage: playing ? "picture" : "waiting" };
    default:
      break;
  }
  if (phase === "ended") return rest(facts.problem ? sentence(facts.problem) : statusText || REST.ended);
  if (phase === "backoff") return waiting(startingWords(facts), run);
  if (phase === "offering" && facts.late) return waiting(KERNEL_BUSY, run);
  if (status === "idle" && phase === "idle") return rest(statusText || REST.idle);
  if (!playing || status === "starting") return { ...waiting(startingWords(facts), run), stage: playing ? "picture" : "waiting" };
  if (facts.wobbling) return { ...waiting("Reconnecting…", run), stage: "picture" };
  const words = facts.notice || (speaking ? "Speaking" : statusText || "Live");
  return { tone: facts.notice ? "warn" : "good", words, stage: "picture", panel: null, can: run };
}

function startingWords({ status, statusText, seen, notice }: Facts): string {
  if (notice && seen) return notice;
  if (status !== "live") return (status === "starting" && statusText) || "Starting…";
  return seen ? "Reconnecting…" : "Connecting…";
}

function rest(words: string): Face {
  return { tone: "calm", words, stage: "resting", panel: null, can: { ...OFF, start: true, say: true } };
}

function waiting(words: string, can: Face["can"]): Face {
  return { tone: "busy", words, stage: "waiting", panel: null, can };
}

function trouble(problem: Problem, retry: boolean): Face {
  return { tone: "bad", words: problem.what, stage: "resting", panel: { ...problem, retry }, can: OFF };
}

function sentence({ what, fix }: Problem): string {
  return [what, fix].filter(Boolean).join(" ");
}

/** The numbers behind the status line, as name and value; what is not known is left out. */
export function figures(numbers: {
  readonly speechLatencyMs: number | null;
  readonly fps: number | null;
  readonly width: number;
  readonly height: number;
  readonly bitrateKbps: number | null;
  readonly roundTripMs: number | null;
  readonly codec: string;
}): Array<readonly [string, string]> {
  const rows: Array<readonly [string, string | null]> = [
    ["Speech latency", milliseconds(numbers.speechLatencyMs)],
    ["Frame rate", numbers.fps === null ? null : `${Math.round(numbers.fps)} fps`],
    ["Size", numbers.width ? `${numbers.width} × ${numbers.height} ${numbers.codec}`.trim() : null],
    ["Bit rate", numbers.bitrateKbps === null ? null : bitrate(numbers.bitrateKbps)],
    ["Round trip", milliseconds(numbers.roundTripMs)],
  ];
  return rows.filter((row): row is readonly [string, string] => row[1] !== null);
}

function milliseconds(value: number | null): string | null {
  return value === null ? null : `${Math.round(value)} ms`;
}


function bitrate(kbps: number): string {
  return kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${Math.round(kbps)} kbit/s`;
}
