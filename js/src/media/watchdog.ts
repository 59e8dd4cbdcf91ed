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

/** What is known of the picture. `reported`: it does not move, and that was said. */
interface PictureState {
  readonly phase: "awaited" | "moving" | "reported";
  /** For how long no new picture has come, as far as somebody looked. */
  readonly stillMs: number;
  /** When pictures began to come without a break. */
  readonly steadySince: number;
}

/** What is known of the sound, as far as it was watched. */
type SoundState =
  | { readonly phase: "no-speech" }
  /** A speech goes on, and nothing was heard of it since `startedAt`; the counters are those of then. */
  | { readonly phase: "awaited"; readonly startedAt: number; readonly energy: number; readonly seconds: number }
  /** The speech that goes on was heard, or reported, or began where nobody could listen. */
  | { readonly phase: "settled" };

export interface WatchdogState {
  /** The counters of the look before; null while nobody watches. */
  readonly last: MediaCounters | null;
  readonly picture: PictureState;
  readonly sound: SoundState;
  /** Connections given up for the picture since one lasted, and for the sound since one was heard. */
  readonly rebuiltForPicture: number;
  readonly rebuiltForSound: number;
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
/** After such a gap between two looks the page was asleep, and little can be said of that time. */
const ASLEEP_MS = 1_600;
/**
 * What such a gap counts for. Not nothing: a page so busy that each look is late would never notice
 * anything.
 */
const ASLEEP_COUNTS_MS = 250;
/** About -50 dB for a tenth of a second: less is no speech. */
const MIN_SPEECH_ENERGY = 1e-6;

const NO_SPEECH: SoundState = { phase: "no-speech" };
const SETTLED: SoundState = { phase: "settled" };

export const INITIAL: WatchdogState = {
  last: null,
  picture: { phase: "awaited", stillMs: 0, steadySince: 0 },
  sound: NO_SPEECH,
  rebuiltForPicture: 0,
  rebuiltForSound: 0,
};

type Step = readonly [WatchdogState, Verdict | null];

/** The next state, and what is wrong if something is. */
export function checkMedia(state: WatchdogState, counters: MediaCounters, context: WatchContext): Step {
  const { last } = state;
  if (!context.watched) return [{ ...state, last: null, sound: stopListening(state.sound) }, null];
  if (!last) return [beginWatching(state, counters, context), null];
  const asleep = counters.at - last.at > ASLEEP_MS;
  const elapsedMs = asleep ? ASLEEP_COUNTS_MS : counters.at - last.at;
  const awake = asleep ? listenAnew(state, context) : state;
  const [afterPicture, pictureVerdict] = checkPicture(awake, last, counters, elapsedMs);
  const [afterSound, soundVerdict] = checkSound(afterPicture, counters, context);
  return [{ ...afterSound, last: counters }, pictureVerdict ?? soundVerdict];
}

/** A new connection: what is known of the speech stays, so that it is not rebuilt for twice. */
export function resetForNewStream({ sound, rebuiltForPicture, rebuiltForSound }: WatchdogState): WatchdogState {
  return { ...INITIAL, sound: stopListening(sound), rebuiltForPicture, rebuiltForSound };
}

function beginWatching(state: WatchdogState, counters: MediaCounters, context: WatchContext): WatchdogState {
  const { phase } = state.picture;
  // The first pictures may have come before the first look, and be the last ones.
  const seen = phase === "awaited" && counters.framesDecoded > 0;
  const picture = { phase: seen ? "moving" : phase, stillMs: 0, steadySince: counters.at } as const;
  return { ...listenAnew(state, context), last: counters, picture };
}

/** Whether a speech that began out of our sight was heard, nobody knows. */
function listenAnew(state: WatchdogState, { speaking }: WatchContext): WatchdogState {
  return { ...state, sound: speaking ? SETTLED : NO_SPEECH };
}

function stopListening(sound: SoundState): SoundState {
  return sound.phase === "awaited" ? SETTLED : sound;
}

function checkPicture(state: WatchdogState, last: MediaCounters, counters: MediaCounters, elapsedMs: number): Step {
  const { picture } = state;
  const { at } = counters;
  if (counters.framesDecoded !== last.framesDecoded) {
    const steadySince = picture.phase === "moving" ? picture.steadySince : at;
    const rebuiltForPicture = at - steadySince >= STEADY_MS ? 0 : state.rebuiltForPicture;
    return [{ ...state, picture: { phase: "moving", stillMs: 0, steadySince }, rebuiltForPicture }, null];
  }
  const stillMs = picture.stillMs + elapsedMs;
  const limit = picture.phase === "moving" ? FROZEN_MS : FIRST_FRAME_MS;
  if (picture.phase === "reported" || stillMs < limit) return [{ ...state, picture: { ...picture, stillMs } }, null];
  const rebuild = state.rebuiltForPicture < MAX_REBUILDS;
  const rebuiltForPicture = state.rebuiltForPicture + (rebuild ? 1 : 0);
  const trouble = picture.phase === "moving" ? "frozen" : "never";
  return [
    { ...state, picture: { ...picture, phase: "reported" }, rebuiltForPicture },
    { trouble, rebuild },
  ];
}

function checkSound(state: WatchdogState, counters: MediaCounters, context: WatchContext): Step {
  const { sound } = state;
  const { at, audioEnergy: energy, audioSeconds: seconds } = counters;
  if (!context.speaking) return [{ ...state, sound: NO_SPEECH }, null];
  // A browser that does not say what it plays is not judged.
  if (energy === null || seconds === null) return [{ ...state, sound: SETTLED }, null];
  if (sound.phase === "no-speech") {
    return [{ ...state, sound: { phase: "awaited", startedAt: at, energy, seconds } }, null];
  }
  if (sound.phase === "settled") return [state, null];
  if (!context.audible) return [{ ...state, sound: SETTLED }, null];
  if (energy - sound.energy > MIN_SPEECH_ENERGY) return [{ ...state, sound: SETTLED, rebuiltForSound: 0 }, null];
  if (at - sound.startedAt < SILENT_MS || seconds - sound.seconds < MIN_PLAYED_S) return [state, null];
  const rebuild = state.rebuiltForSound < MAX_REBUILDS;
  const rebuiltForSound = state.rebuiltForSound + (rebuild ? 1 : 0);
  return [
    { ...state, sound: SETTLED, rebuiltForSound },
    { trouble: "silent", rebuild },
  ];
}
