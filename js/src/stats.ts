// What the page measures of its stream, from two reports of getStats a second apart.

import type { Stats } from "./page";
import type { Pulse } from "./watchdog";

/** The few fields we read, as browsers give them; any may be missing. */
interface Entry {
  id: string;
  type: string;
  timestamp: number;
  kind?: string;
  codecId?: string;
  mimeType?: string;
  frameWidth?: number;
  frameHeight?: number;
  framesDecoded?: number;
  framesDropped?: number;
  freezeCount?: number;
  bytesReceived?: number;
  packetsLost?: number;
  jitter?: number;
  estimatedPlayoutTimestamp?: number;
  jitterBufferDelay?: number;
  jitterBufferEmittedCount?: number;
  nominated?: boolean;
  state?: string;
  currentRoundTripTime?: number;
  totalAudioEnergy?: number;
  totalSamplesDuration?: number;
}

export interface Sample {
  readonly at: number;
  readonly frames: number;
  readonly bytes: number;
  /** Seconds that sound has been held in all, and for how many samples. */
  readonly held: number;
  readonly emitted: number;
}

export type Measured = Omit<Stats, "type" | "page" | "firstFrameMs">;

export interface Reading {
  readonly sample: Sample;
  /** Null on the first reading: rates need two. */
  readonly measured: Measured | null;
  /** How long the browser holds sound before it plays it; null where it does not say. */
  readonly soundHeldMs: number | null;
}

function inbound(entries: readonly Entry[], kind: "video" | "audio"): Entry | undefined {
  return entries.find((entry) => entry.type === "inbound-rtp" && entry.kind === kind);
}

/** What the watchdog looks at; null where the browser does not count pictures. */
export function pulse(report: Iterable<unknown>): Omit<Pulse, "at"> | null {
  const entries = [...report] as Entry[];
  const audio = inbound(entries, "audio");
  const video = inbound(entries, "video");
  // No entry yet is no picture yet; an entry without the number is a browser that does not say.
  if (video && video.framesDecoded === undefined) return null;
  return {
    frames: video?.framesDecoded ?? 0,
    energy: audio?.totalAudioEnergy ?? null,
    sounded: audio?.totalSamplesDuration ?? null,
  };
}

export function read(report: Iterable<unknown>, before: Sample | null): Reading {
  const entries = [...report] as Entry[];
  const video = inbound(entries, "video");
  const audio = inbound(entries, "audio");
  const pair = entries.find((entry) => entry.type === "candidate-pair" && entry.nominated && entry.state === "succeeded");
  const codec = entries.find((entry) => entry.id === video?.codecId);
  const sample: Sample = {
    at: video?.timestamp ?? audio?.timestamp ?? 0,
    frames: video?.framesDecoded ?? 0,
    bytes: (video?.bytesReceived ?? 0) + (audio?.bytesReceived ?? 0),
    held: audio?.jitterBufferDelay ?? 0,
    emitted: audio?.jitterBufferEmittedCount ?? 0,
  };
  const seconds = before ? (sample.at - before.at) / 1000 : 0;
  if (!before || seconds <= 0) return { sample, measured: null, soundHeldMs: null };
  const emitted = sample.emitted - before.emitted;
  return {
    sample,
    soundHeldMs: emitted > 0 ? round(((sample.held - before.held) / emitted) * 1000, 1) : null,
    measured: {
      width: video?.frameWidth ?? 0,
      height: video?.frameHeight ?? 0,
      fps: round(Math.max(0, sample.frames - before.frames) / seconds, 1),
      bitrateKbps: round((Math.max(0, sample.bytes - before.bytes) * 8) / 1000 / seconds, 1),
      packetsLost: Math.max(0, (video?.packetsLost ?? 0) + (audio?.packetsLost ?? 0)),
      framesDropped: video?.framesDropped ?? 0,
      freezes: video?.freezeCount ?? 0,
      jitterMs: milliseconds(audio?.jitter ?? video?.jitter),
      roundTripMs: milliseconds(pair?.currentRoundTripTime),
      audioVideoOffsetMs: offset(audio?.estimatedPlayoutTimestamp, video?.estimatedPlayoutTimestamp),
      codec: codec?.mimeType?.replace(/^video\//, "") ?? "",
    },
  };
}

/** Positive: sound is heard before its picture is seen. */
function offset(audio: number | undefined, video: number | undefined): number | null {
  return audio && video ? round(audio - video, 1) : null;
}

function milliseconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : round(seconds * 1000, 1);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
