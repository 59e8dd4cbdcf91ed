// Notices a picture that stands still and a speech without sound. Pure: numbers in, verdict out.

/** What was decoded so far, at one moment. */
export interface Pulse {
  /** Milliseconds of any clock that does not go back. */
  readonly at: number;
  /** Pictures decoded. */
  readonly frames: number;
  /** Energy of the sound that was played, in all; null where the browser does not tell. */
  readonly energy: number | null;
  /** Seconds of sound that the browser has asked for; it asks for none while it may not play. */
  readonly sounded: number | null;
}

export interface Scene {
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
  readonly began: number;
  readonly energy: number;
  readonly sounded: number;
}

export interface Watch {
  readonly last: Pulse | null;
  /** When a new picture was last noticed, or watching began. */
  readonly movedAt: number;
  /** A picture has come since watching began. */
  readonly moving: boolean;
  /** When pictures began to come without a break. */
  readonly goodSince: number;
  /** The speech going on; null between speeches, and once it was heard or given up. */
  readonly speech: Speech | null;
  /** As far as it was watched. */
  readonly speaking: boolean;
  /** Connections given up for the picture since one lasted, and for the sound since one was heard. */
  readonly rebuiltForPicture: number;
  readonly rebuiltForSound: number;
  /** The present trouble has been told. */
  readonly told: boolean;
}

/** Looked at twice a second, this long means 2 to 2.5 s without a picture. */
export const FROZEN_MS = 2_000;
/** The first picture of a connection may take longer: it waits for a keyframe. */
export const FIRST_MS = 8_000;
export const SILENT_MS = 2_000;
/** Of that time the browser must really have played so much. */
const PLAYED_S = 1.5;
/** Pictures that came for so long count as a success. */
const GOOD_MS = 8_000;
/** Rebuilt in a row without a success; after that it would only cost the user the picture. */
export const REBUILDS = 2;
/** Looked at no more often than this, the page was asleep, and nothing can be said of that time. */
const ASLEEP_MS = 1_600;
/** About -50 dB for a tenth of a second: less is no speech. */
const SOUND_ENERGY = 1e-6;

export const INITIAL: Watch = {
  last: null, movedAt: 0, moving: false, goodSince: 0, speech: null, speaking: false,
  rebuiltForPicture: 0, rebuiltForSound: 0, told: false,
};

/** The next state, and what is wrong if something is. */
export function look(watch: Watch, pulse: Pulse, scene: Scene): readonly [Watch, Verdict | null] {
  const { last } = watch;
  if (!scene.watched) return [{ ...watch, last: null, speech: null }, null];
  if (!last || pulse.at - last.at > ASLEEP_MS) return [begin(watch, pulse, scene), null];
  const [seen, frozen] = seeing(watch, last, pulse);
  const [heard, silent] = hearing(seen, pulse, scene);
  return [{ ...heard, last: pulse }, frozen ?? silent];
}

/** A new connection: what is known of the speech stays, so that it is not rebuilt for twice. */
export function afresh(watch: Watch): Watch {
  const { speaking, rebuiltForPicture, rebuiltForSound } = watch;
  return { ...INITIAL, speaking, rebuiltForPicture, rebuiltForSound };
}

function begin(watch: Watch, pulse: Pulse, scene: Scene): Watch {
  // Whether a speech that began out of our sight was heard, nobody knows.
  return { ...watch, last: pulse, movedAt: pulse.at, goodSince: pulse.at, speech: null, speaking: scene.speaking };
}

function seeing(watch: Watch, last: Pulse, pulse: Pulse): readonly [Watch, Verdict | null] {
  if (pulse.frames !== last.frames) {
    const goodSince = watch.moving && !watch.told ? watch.goodSince : pulse.at;
    const rebuiltForPicture = pulse.at - goodSince >= GOOD_MS ? 0 : watch.rebuiltForPicture;
    return [{ ...watch, movedAt: pulse.at, moving: true, goodSince, rebuiltForPicture, told: false }, null];
  }
  const limit = watch.moving ? FROZEN_MS : FIRST_MS;
  if (watch.told || pulse.at - watch.movedAt < limit) return [watch, null];
  const rebuild = watch.rebuiltForPicture < REBUILDS;
  const rebuiltForPicture = watch.rebuiltForPicture + (rebuild ? 1 : 0);
  return [{ ...watch, told: true, rebuiltForPicture }, { trouble: watch.moving ? "frozen" : "never", rebuild }];
}

function hearing(watch: Watch, pulse: Pulse, scene: Scene): readonly [Watch, Verdict | null] {
  const { energy, sounded } = pulse;
  if (!scene.speaking || energy === null || sounded === null) return [{ ...watch, speech: null, speaking: scene.speaking }, null];
  if (!watch.speaking) return [{ ...watch, speech: { began: pulse.at, energy, sounded }, speaking: true }, null];
  const { speech } = watch;
  // Heard already, given up already, or begun before we could listen.
  if (!speech) return [watch, null];
  if (!scene.audible) return [{ ...watch, speech: null }, null];
  if (energy - speech.energy > SOUND_ENERGY) return [{ ...watch, speech: null, rebuiltForSound: 0 }, null];
  const waited = pulse.at - speech.began >= SILENT_MS && sounded - speech.sounded >= PLAYED_S;
  if (!waited) return [watch, null];
  const rebuild = watch.rebuiltForSound < REBUILDS;
  const rebuiltForSound = watch.rebuiltForSound + (rebuild ? 1 : 0);
  return [{ ...watch, speech: null, rebuiltForSound }, { trouble: "silent", rebuild }];
}
