// Notices a picture that stands still and a speech without sound. Pure: numbers in, verdict out.

/** What was decoded so far, at one moment. */
export interface MediaCounters {
  /** Milliseconds of any clock that does not go back. */
  readonly at: number;
  /** Pictures decoded. */
  readonly framesDecoded: number;
  /** Energy of the sound that was played, in all; null where the browser does not tell. */
  readonly audioEnergy: number | null;
  /** Seconds of sound that the browser has asked for; it asks for none while it may not play. */
  readonly audioSeconds: number | null;
}

export interface WatchContext {
  /** Connected, a view shows it, the page is in front, and the session is live. */
  readonly watched: boolean;
  readonly speaking: boolean;
  /** Nothing but the stream can keep the sound from being heard. */
  readonly audible: boolean;
}

export type Trouble = "frozen" | "never" | "silent";

export interface Verdict {
  readonly trouble: Trouble;
  /** Whether another connection is worth a try. */
  readonly rebuild: boolean;
}

interface Speech {
  readonly startedAt: number;
  readonly energy: number;
  readonly seconds: number;
}

export interface WatchdogState {
  readonly last: MediaCounters | null;
  /** When a new picture was last noticed, or watching began. */
  readonly lastFrameAt: number;
  /** A picture has come since watching began. */
  readonly hasFrames: boolean;
  /** When pictures began to come without a break. */
  readonly steadySince: number;
  /** The speech going on; null between speeches, and once it was heard or given up. */
  readonly speech: Speech | null;
  /** As far as it was watched. */
  readonly speaking: boolean;
  /** Connections given up for the picture since one lasted, and for the sound since one was heard. */
  readonly rebuiltForPicture: number;
  readonly rebuiltForSound: number;
  /** The present trouble has been reported. */
  readonly reported: boolean;
}

/** Looked at twice a second, this long means 2 to 2.5 s without a picture. */
export const FROZEN_MS = 2_000;
/** The first picture of a connection may take longer: it waits for a keyframe. */
export const FIRST_FRAME_MS = 8_000;
export const SILENT_MS = 2_000;
/** Of that time the browser must really have played so much. */
const MIN_PLAYED_S = 1.5;
/** Pictures that came for so long count as a success. */
const STEADY_MS = 8_000;
/** Rebuilt in a row without a success; after that it would only cost the user the picture. */
export const MAX_REBUILDS = 2;
/** Looked at no more often than this, the page was asleep, and nothing can be said of that time. */
const ASLEEP_MS = 1_600;
/** About -50 dB for a tenth of a second: less is no speech. */
const MIN_SPEECH_ENERGY = 1e-6;

export const INITIAL: WatchdogState = {
  last: null,
  lastFrameAt: 0,
  hasFrames: false,
  steadySince: 0,
  speech: null,
  speaking: false,
  rebuiltForPicture: 0,
  rebuiltForSound: 0,
  reported: false,
};

/** The next state, and what is wrong if something is. */
export function checkMedia(
  state: WatchdogState,
  counters: MediaCounters,
  context: WatchContext,
): readonly [WatchdogState, Verdict | null] {
  const { last } = state;
  if (!context.watched) return [{ ...state, last: null, speech: null }, null];
  if (!last || counters.at - last.at > ASLEEP_MS) return [beginWatching(state, counters, context), null];
  const [seen, frozen] = checkPicture(state, last, counters);
  const [heard, silent] = checkSound(seen, counters, context);
  return [{ ...heard, last: counters }, frozen ?? silent];
}

/** A new connection: what is known of the speech stays, so that it is not rebuilt for twice. */
export function resetForNewStream(state: WatchdogState): WatchdogState {
  const { speaking, rebuiltForPicture, rebuiltForSound } = state;
  return { ...INITIAL, speaking, rebuiltForPicture, rebuiltForSound };
}

function beginWatching(state: WatchdogState, counters: MediaCounters, context: WatchContext): WatchdogState {
  // Whether a speech that began out of our sight was heard, nobody knows.
  return {
    ...state,
    last: counters,
    lastFrameAt: counters.at,
    steadySince: counters.at,
    speech: null,
    speaking: context.speaking,
  };
}

function checkPicture(
  state: WatchdogState,
  last: MediaCounters,
  counters: MediaCounters,
): readonly [WatchdogState, Verdict | null] {
  if (counters.framesDecoded !== last.framesDecoded) {
    const steadySince = state.hasFrames && !state.reported ? state.steadySince : counters.at;
    const rebuiltForPicture = counters.at - steadySince >= STEADY_MS ? 0 : state.rebuiltForPicture;
    return [
      { ...state, lastFrameAt: counters.at, hasFrames: true, steadySince, rebuiltForPicture, reported: false },
      null,
    ];
  }
  const limit = state.hasFrames ? FROZEN_MS : FIRST_FRAME_MS;
  if (state.reported || counters.at - state.lastFrameAt < limit) return [state, null];
  const rebuild = state.rebuiltForPicture < MAX_REBUILDS;
  const rebuiltForPicture = state.rebuiltForPicture + (rebuild ? 1 : 0);
  return [
    { ...state, reported: true, rebuiltForPicture },
    { trouble: state.hasFrames ? "frozen" : "never", rebuild },
  ];
}

function checkSound(
  state: WatchdogState,
  counters: MediaCounters,
  context: WatchContext,
): readonly [WatchdogState, Verdict | null] {
  const { audioEnergy: energy, audioSeconds: seconds } = counters;
  if (!context.speaking || energy === null || seconds === null)
    return [{ ...state, speech: null, speaking: context.speaking }, null];
  if (!state.speaking) return [{ ...state, speech: { startedAt: counters.at, energy, seconds }, speaking: true }, null];
  const { speech } = state;
  // Heard already, given up already, or begun before we could listen.
  if (!speech) return [state, null];
  if (!context.audible) return [{ ...state, speech: null }, null];
  if (energy - speech.energy > MIN_SPEECH_ENERGY) return [{ ...state, speech: null, rebuiltForSound: 0 }, null];
  const waited = counters.at - speech.startedAt >= SILENT_MS && seconds - speech.seconds >= MIN_PLAYED_S;
  if (!waited) return [state, null];
  const rebuild = state.rebuiltForSound < MAX_REBUILDS;
  const rebuiltForSound = state.rebuiltForSound + (rebuild ? 1 : 0);
  return [
    { ...state, speech: null, rebuiltForSound },
    { trouble: "silent", rebuild },
  ];
}
