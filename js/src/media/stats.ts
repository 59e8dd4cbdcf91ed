// What the page measures of its stream, from two reports of getStats a second apart.

import type { Stats } from "../model/messages";
import type { Pulse } from "./watchdog";

/**
 * A picture is seen this long after it left the browser's buffer: decoded, composed, on the screen
 * (median of 13 speeches that `make bench ROWS=avsync` compared with the pixels).
 */
const TO_SCREEN_MS = 30;

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
  readonly sound: Held;
  readonly picture: Held;
}

/** For how many seconds in all the browser has held this many samples or pictures. */
interface Held {
  readonly seconds: number;
  readonly count: number;
}

export type Measured = Omit<Stats, "type" | "page" | "firstFrameMs">;

export interface Reading {
  readonly sample: Sample;
  /** Null on the first reading: rates need two. */
  readonly measured: Measured | null;
  /** How long the browser holds sound before it plays it; null where it does not say. */
  readonly soundHeldMs: number | null;
  /** The browser itself keeps sound and picture in step. */
  readonly inStep: boolean;
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
    sound: held(audio),
    picture: held(video),
  };
  const seconds = before ? (sample.at - before.at) / 1000 : 0;
  if (!before || seconds <= 0) return { sample, measured: null, soundHeldMs: null, inStep: false };
  const soundHeldMs = heldMs(sample.sound, before.sound);
  const pictureHeldMs = heldMs(sample.picture, before.picture);
  const told = offset(audio?.estimatedPlayoutTimestamp, video?.estimatedPlayoutTimestamp);
  return {
    sample,
    soundHeldMs,
    inStep: told !== null,
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
      audioVideoOffsetMs: told ?? offsetByHolds(soundHeldMs, pictureHeldMs),
      codec: codec?.mimeType?.replace(/^video\//, "") ?? "",
    },
  };
}

function held(entry: Entry | undefined): Held {
  return { seconds: entry?.jitterBufferDelay ?? 0, count: entry?.jitterBufferEmittedCount ?? 0 };
}

/** How long what came out between the two was held on average. */
function heldMs(now: Held, before: Held): number | null {
  const count = now.count - before.count;
  return count > 0 ? round(((now.seconds - before.seconds) / count) * 1000, 1) : null;
}

/**
 * Positive: sound is heard before its picture is seen.
 *
 * The browser says which moment of each it plays only where it keeps the two in step itself, which
 * it does for those of one media stream.
 */
function offset(audio: number | undefined, video: number | undefined): number | null {
  return audio && video ? round(audio - video, 1) : null;
}

/** The same from how long each is held, for what was sent in step; give or take 15 ms. */
function offsetByHolds(soundMs: number | null, pictureMs: number | null): number | null {
  return soundMs === null || pictureMs === null ? null : round(pictureMs + TO_SCREEN_MS - soundMs, 1);
}

function milliseconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : round(seconds * 1000, 1);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
