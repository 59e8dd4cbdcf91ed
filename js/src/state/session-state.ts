// What Python has told of the session: its status, and what is being said. Pure: message in, new
// state out.
//
// The same fact may reach the page by two ways, over the data channel and as a widget message, in
// any order. Each has the time when it became true on one clock (`at`), and the newest is believed.

import type { Caption, Failure, SpeechUpdate, Status, StatusName, ToPage, UnderWay } from "../model/messages";

export interface SessionState {
  readonly status: StatusName;
  readonly statusText: string;
  /** Why the session has failed; null unless it has. */
  readonly statusError: Failure | null;
  /** It has ended because nobody used it, and goes on when somebody is there. */
  readonly resumes: boolean;
  /** The speech that sounds now, by its id. */
  readonly sounding: string | null;
  /** The speeches that wait for their turn. */
  readonly queued: readonly string[];
  /** When the newest fact of each kind became true. */
  readonly newest: NewestTimes;
}

interface NewestTimes {
  readonly status: number;
  readonly caption: number;
  /** When the latest speech began to sound; the one before it may end a little later. */
  readonly sounding: number;
  /** By speech; the latest ones only. */
  readonly speeches: ReadonlyMap<string, number>;
}

/** Late news of a speech is recognised among so many; a page may live for days. */
const REMEMBERED_SPEECHES = 256;

export const INITIAL_SESSION: SessionState = {
  status: "idle",
  statusText: "",
  statusError: null,
  resumes: false,
  sounding: null,
  queued: [],
  newest: { status: -Infinity, caption: -Infinity, sounding: -Infinity, speeches: new Map() },
};

/** What tells of the session. */
export type SessionMessage = Status | SpeechUpdate | UnderWay | Caption;

export function isSessionMessage(message: ToPage): message is SessionMessage {
  return ["status", "speech", "under-way", "caption"].includes(message.type);
}

/** Whether Python has more to say of what goes on. */
export function isUnderWay({ status, sounding, queued }: SessionState): boolean {
  const changing = status === "starting" || status === "reconnecting" || status === "stopping";
  return changing || sounding !== null || queued.length > 0;
}

/** The next state; the same object when the message is not news. */
export function applyMessage(state: SessionState, message: SessionMessage): SessionState {
  switch (message.type) {
    case "status":
      return applyStatus(state, message);
    case "speech":
      return applySpeech(state, message);
    case "under-way":
      return applyUnderWay(state, message);
    case "caption":
      if (message.at <= state.newest.caption) return state;
      return { ...state, newest: { ...state.newest, caption: message.at } };
  }
}

function applyStatus(state: SessionState, { status, text, error, resumes, at }: Status): SessionState {
  if (at <= state.newest.status) return state;
  const newest = { ...state.newest, status: at };
  return { ...state, status, statusText: text, statusError: error, resumes, newest };
}

function applySpeech(state: SessionState, update: SpeechUpdate): SessionState {
  const { speech, at } = update;
  if (at <= (state.newest.speeches.get(speech) ?? -Infinity)) return state;
  const others = state.queued.filter((id) => id !== speech);
  const queued = update.state === "queued" ? [...others, speech] : others;
  const next = { ...state, queued, newest: { ...state.newest, speeches: remember(state.newest.speeches, speech, at) } };
  return applySounding(next, update);
}

/** Whatever is neither in it nor newer than it has ended, and nobody has heard of that. */
function applyUnderWay(state: SessionState, { queued, sounding, at }: UnderWay): SessionState {
  const known = (id: string): number => state.newest.speeches.get(id) ?? -Infinity;
  const waiting = queued.filter((id) => known(id) <= at);
  const newer = state.queued.filter((id) => known(id) > at && !waiting.includes(id));
  const next = [...waiting, ...newer];
  const same = next.length === state.queued.length && next.every((id, index) => id === state.queued[index]);
  const over = state.sounding !== null && state.sounding !== sounding && known(state.sounding) <= at;
  if (same && !over) return state;
  return { ...state, queued: same ? state.queued : next, sounding: over ? null : state.sounding };
}

/** Only the beginning of a speech, and the end of the one that sounds, change what sounds. */
function applySounding(state: SessionState, { speech, state: speechState, at }: SpeechUpdate): SessionState {
  if (speechState !== "speaking") return speech === state.sounding ? { ...state, sounding: null } : state;
  if (at <= state.newest.sounding) return state;
  return { ...state, sounding: speech, newest: { ...state.newest, sounding: at } };
}

function remember(speeches: ReadonlyMap<string, number>, speech: string, at: number): Map<string, number> {
  const times = new Map(speeches);
  // Set anew, a key moves to the end: the first one is the one that was quiet for longest.
  times.delete(speech);
  times.set(speech, at);
  for (const oldest of times.keys()) {
    if (times.size <= REMEMBERED_SPEECHES) break;
    times.delete(oldest);
  }
  return times;
}
