// Messages that nobody should send to a page, the same in every run.

import type { ToPage } from "../../src/model/messages";
import { caption, failure, speech, status, welcome } from "./fakes";

export const COUNT = 2_000;

const GRANT = {
  kind: "whep",
  url: "http://x",
  token: "t",
  offer: "",
  iceServers: [],
  relayOnly: false,
};

export const VALID: readonly ToPage[] = [
  welcome(),
  { type: "answer", page: "p", peer: "p.1", sdp: "v=0", iceServers: [] },
  { type: "stream-granted", page: "p", peer: "p.1", grant: GRANT } as ToPage,
  { type: "bundle", name: "livekit" },
  { type: "listening", mode: "open", hearing: true, microphones: 1, at: 5, page: "p", dropped: [], request: 1 },
  { type: "heard", text: "Hi", at: 5, reason: "", page: "p" },
  { type: "microphone-taken", page: "p", number: 4 },
  { type: "send-media", page: "p", sending: "s" },
  { type: "media-taken", page: "p", sending: "s", number: 4 },
  { type: "stop-media", page: "p", sending: "s" },
  { type: "room-data", page: "p", topic: "t", payload: "x" },
  { type: "refused", page: "p", peer: "p.1", what: "No.", fix: "Yes.", taken: false },
  status("live", { error: failure("No.") }),
  speech("s", "speaking"),
  { type: "under-way", queued: ["a"], sounding: "s", at: 5 },
  caption("s", [["Hi", 0, 1]]),
  { type: "sync" },
  { type: "part", index: 0, last: true, text: '{"type":"sync"}' },
];

const ODD: readonly unknown[] = [
  null,
  undefined,
  true,
  0,
  -1,
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 60,
  "",
  "\u0000",
  "x".repeat(10_000),
  "\ud800",
  [],
  {},
  [[]],
  { type: 1 },
  JSON.parse('{"__proto__": {"type": "status"}, "constructor": 5}'),
];

/** Numbers from 0 to 1, the same in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

export function* hostileValues(count = COUNT): Generator<unknown> {
  const random = createRandom(7);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const mutate = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || random() < 0.2) return pick(ODD);
    const entries = Object.entries(value);
    if (entries.length === 0) return pick(ODD);
    const [name, member] = pick(entries);
    if (random() < 0.2) return Object.fromEntries(entries.filter(([other]) => other !== name));
    if (Array.isArray(value)) return value.map((item) => (item === member ? mutate(item) : item));
    return { ...value, [name]: random() < 0.5 ? pick(ODD) : mutate(member) };
  };
  for (let made = 0; made < count; made += 1) {
    const valid = pick(VALID);
    let deep: unknown = pick(ODD);
    if (random() < 0.05) for (let level = 0; level < 5_000; level += 1) deep = [deep];
    yield random() < 0.8 ? mutate(valid) : { type: valid.type, at: deep, error: deep };
  }
}

/** As texts of the data channel; some are cut off or no JSON at all. */
export function* hostileTexts(count = COUNT): Generator<string> {
  yield* ["", "null", "NaN", "[".repeat(100_000), '{"type":'.repeat(10_000), "1".repeat(10_000), "\u0000"];
  for (const value of hostileValues(count)) {
    let text = "undefined";
    try {
      text = JSON.stringify(value) ?? text;
    } catch {
      // Too deep for JSON.
    }
    yield text.length % 5 === 0 ? text.slice(0, text.length / 2) : text;
  }
}
