// What the page measures of its stream, from two reports of getStats a second apart.

import type { Stats } from "../model/messages";
import type { MediaCounters } from "./watchdog";

/**
 * A picture is seen this long after it left the browser's buffer: decoded, composed, on the screen
 * (median of 13 speeches that `make bench ROWS=avsync` compared with the pixels).
 */
const TO_SCREEN_MS = 30;

/** The few fields we read, as browsers give them; any may be missing. */
interface StatsEntry {
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
  selectedCandidatePairId?: string;
  localCandidateId?: string;
  remoteCandidateId?: string;
  candidateType?: string;
  relayProtocol?: string;
  totalAudioEnergy?: number;
  totalSamplesDuration?: number;
}

export interface Sample {
  readonly at: number;
  readonly frames: number;
  readonly bytes: number;
  readonly audio: JitterBuffer;
  readonly video: JitterBuffer;
}

/** For how many seconds in all the browser has held this many samples or pictures. */
interface JitterBuffer {
  readonly seconds: number;
  readonly count: number;
}

/** What the page measures; the rest of a `Stats` message is added when it is sent. */
export type Measured = Omit<Stats, "type" | "page" | "firstFrameMs" | "transport" | "atMs">;

export interface Reading {
  readonly sample: Sample;
  /** Null on the first reading: rates need two. */
  readonly measured: Measured | null;
  /** How long the browser holds sound before it plays it; null where it does not say. */
  readonly audioHeldMs: number | null;
  /** The browser itself keeps sound and picture in step. */
  readonly syncedByBrowser: boolean;
}

function findInbound(entries: readonly StatsEntry[], kind: "video" | "audio"): StatsEntry | undefined {
  return entries.find((entry) => entry.type === "inbound-rtp" && entry.kind === kind);
}

function findSelectedPair(entries: readonly StatsEntry[]): StatsEntry | undefined {
  const selected = entries.find((entry) => entry.type === "transport")?.selectedCandidatePairId;
  const isSelected = ({ id, nominated, state }: StatsEntry): boolean =>
    selected === undefined ? nominated === true && state === "succeeded" : id === selected;
  return entries.find((entry) => entry.type === "candidate-pair" && isSelected(entry));
}

/** By what kind of address each side is reached; `relay` is a TURN server's. */
function describePath(entries: readonly StatsEntry[], pair: StatsEntry | undefined) {
  const local = entries.find(({ id }) => id === pair?.localCandidateId);
  const remote = entries.find(({ id }) => id === pair?.remoteCandidateId);
  return {
    localCandidate: local?.candidateType ?? "",
    remoteCandidate: remote?.candidateType ?? "",
    relayProtocol: local?.relayProtocol ?? "",
  };
}

/** What the watchdog looks at; null where the browser does not count pictures. */
export function readCounters(report: Iterable<unknown>): Omit<MediaCounters, "at"> | null {
  const entries = [...report] as StatsEntry[];
  const audio = findInbound(entries, "audio");
  const video = findInbound(entries, "video");
  // No entry yet is no picture yet; an entry without the number is a browser that does not say.
  if (video && video.framesDecoded === undefined) return null;
  return {
    framesDecoded: video?.framesDecoded ?? 0,
    audioEnergy: audio?.totalAudioEnergy ?? null,
    audioSeconds: audio?.totalSamplesDuration ?? null,
  };
}

export function readStats(report: Iterable<unknown>, previous: Sample | null): Reading {
  const entries = [...report] as StatsEntry[];
  const video = findInbound(entries, "video");
  const audio = findInbound(entries, "audio");
  const pair = findSelectedPair(entries);
  const codec = entries.find((entry) => entry.id === video?.codecId);
  const sample: Sample = {
    at: video?.timestamp ?? audio?.timestamp ?? 0,
    frames: video?.framesDecoded ?? 0,
    bytes: (video?.bytesReceived ?? 0) + (audio?.bytesReceived ?? 0),
    audio: readJitterBuffer(audio),
    video: readJitterBuffer(video),
  };
  const seconds = previous ? (sample.at - previous.at) / 1000 : 0;
  if (!previous || seconds <= 0) return { sample, measured: null, audioHeldMs: null, syncedByBrowser: false };
  const audioHeldMs = averageHeldMs(sample.audio, previous.audio);
  const videoHeldMs = averageHeldMs(sample.video, previous.video);
  const offsetMs = offsetByPlayout(audio?.estimatedPlayoutTimestamp, video?.estimatedPlayoutTimestamp);
  return {
    sample,
    audioHeldMs,
    syncedByBrowser: offsetMs !== null,
    measured: {
      width: video?.frameWidth ?? 0,
      height: video?.frameHeight ?? 0,
      fps: round(Math.max(0, sample.frames - previous.frames) / seconds, 1),
      bitrateKbps: round((Math.max(0, sample.bytes - previous.bytes) * 8) / 1000 / seconds, 1),
      packetsLost: Math.max(0, (video?.packetsLost ?? 0) + (audio?.packetsLost ?? 0)),
      framesDropped: video?.framesDropped ?? 0,
      freezes: video?.freezeCount ?? 0,
      jitterMs: milliseconds(audio?.jitter ?? video?.jitter),
      roundTripMs: milliseconds(pair?.currentRoundTripTime),
      audioVideoOffsetMs: offsetMs ?? offsetByHoldTimes(audioHeldMs, videoHeldMs),
      codec: codec?.mimeType?.replace(/^video\//, "") ?? "",
      ...describePath(entries, pair),
    },
  };
}

function readJitterBuffer(entry: StatsEntry | undefined): JitterBuffer {
  return { seconds: entry?.jitterBufferDelay ?? 0, count: entry?.jitterBufferEmittedCount ?? 0 };
}

/** How long what came out between the two was held on average. */
function averageHeldMs(now: JitterBuffer, previous: JitterBuffer): number | null {
  const count = now.count - previous.count;
  return count > 0 ? round(((now.seconds - previous.seconds) / count) * 1000, 1) : null;
}

/**
 * Positive: sound is heard before its picture is seen.
 *
 * The browser says which moment of each it plays only where it keeps the two in step itself, which
 * it does for those of one media stream.
 */
function offsetByPlayout(audio: number | undefined, video: number | undefined): number | null {
  return audio && video ? round(audio - video, 1) : null;
}

/** The same from how long each is held, for what was sent in step; give or take 15 ms. */
function offsetByHoldTimes(soundMs: number | null, pictureMs: number | null): number | null {
  return soundMs === null || pictureMs === null ? null : round(pictureMs + TO_SCREEN_MS - soundMs, 1);
}

function milliseconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : round(seconds * 1000, 1);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
