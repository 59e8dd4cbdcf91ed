// What the tests put in place of a browser, a kernel and time.

import { setMaxListeners } from "node:events";
import type { AnyModel } from "@anywidget/types";
import { Window } from "happy-dom";
import type { Clock } from "../../src/clock";
import { DEFAULTS, type Traits } from "../../src/model/bridge";
import {
  type Caption,
  type FromPage,
  PROTOCOL,
  type SpeechState,
  type SpeechUpdate,
  type Status,
  type StatusName,
  type ToPage,
} from "../../src/model/messages";

// Here everything hangs on a few signals, on purpose; Node takes more than ten listeners for a leak.
setMaxListeners(0);

/** The wall's time when a `FakeClock` begins. */
export const WALL_MS = 1_800_000_000_000;

/** Time that passes only when told to. */
export class FakeClock implements Clock {
  #now = 0;
  #waiting: Array<{ at: number; run: () => void }> = [];

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return WALL_MS + this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.#now + ms, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lets `ms` pass, running what is due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    const findNext = () => this.#waiting.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
    for (let next = findNext(); next; next = findNext()) {
      const due = next;
      this.#waiting = this.#waiting.filter((other) => other !== due);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}

// ---- what Python says: each fact is newer than those made before it, unless `at` says otherwise ----

let time = 0;

function nextTime(): number {
  time += 1;
  return time;
}

export function welcome(epoch = "e"): ToPage {
  return { type: "welcome", protocol: PROTOCOL, epoch };
}

export function status(name: StatusName, more: Partial<Status> = {}): Status {
  return { type: "status", status: name, text: "", at: nextTime(), error: null, resumes: false, ...more };
}

export function failure(what: string, fix = ""): Status["error"] {
  return { name: "AvatarError", what, fix, fields: {}, open_sessions: [] };
}

export function speech(id: string, state: SpeechState, more: Partial<SpeechUpdate> = {}): SpeechUpdate {
  return {
    type: "speech",
    speech: id,
    state,
    text: `text of ${id}`,
    at: nextTime(),
    askedAt: 0,
    reason: "",
    latencyMs: null,
    words: [],
    ...more,
  };
}

export function caption(id: string, words: Caption["words"], more: Partial<Caption> = {}): Caption {
  const text = words.map(([word]) => word).join(" ");
  return { type: "caption", speech: id, text, at: nextTime(), words, clockMs: null, ...more };
}

/** A widget model; `kernel` is what answers its messages. */
export class FakeModel {
  readonly sent: FromPage[] = [];
  /** Came with messages. */
  readonly buffers: ArrayBuffer[] = [];
  readonly traits: Traits;
  kernel: (message: FromPage) => void = () => undefined;
  saved = 0;
  readonly #listeners = new Map<string, Set<(content?: unknown, buffers?: unknown) => void>>();

  constructor(traits: Partial<Traits> = {}) {
    this.traits = { ...DEFAULTS, ...traits };
  }

  get any(): AnyModel {
    return this as unknown as AnyModel;
  }

  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, one) => sum + one.size, 0);
  }

  get(name: keyof Traits): unknown {
    return this.traits[name];
  }

  set(name: keyof Traits, value: unknown): void {
    Object.assign(this.traits, { [name]: value });
    this.#emit(`change:${name}`);
  }

  save_changes(): void {
    this.saved += 1;
  }

  on(event: string, listener: () => void): void {
    const all = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, all.add(listener));
  }

  off(event: string, listener: () => void): void {
    this.#listeners.get(event)?.delete(listener);
  }

  send(message: FromPage, _callbacks?: unknown, buffers: ArrayBuffer[] = []): void {
    this.sent.push(message);
    this.buffers.push(...buffers);
    this.kernel(message);
  }

  /** From now on Python answers every hello: it is there, and this is the session's status. */
  answerHello(name: StatusName, more: Partial<Status> = {}): void {
    this.kernel = (message) => {
      if (message.type !== "hello") return;
      this.tell(welcome());
      this.tell(status(name, more));
    };
  }

  /** Python sends a message. */
  tell(message: ToPage): void {
    this.tellAnything(message);
  }

  /** Something comes as a widget message. */
  tellAnything(content: unknown, buffers: DataView[] = []): void {
    this.#emit("msg:custom", content, buffers);
  }

  of<T extends FromPage["type"]>(type: T): Array<Extract<FromPage, { type: T }>> {
    return this.sent.filter((message): message is Extract<FromPage, { type: T }> => message.type === type);
  }

  #emit(event: string, content?: unknown, buffers?: unknown): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(content, buffers);
  }
}

export class FakeChannel extends EventTarget {
  readyState = "connecting";
  readonly sent: FromPage[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as FromPage);
  }
}

/** A peer connection without a network. `connect()` and friends play the other side. */
export class FakePeer extends EventTarget {
  static readonly all: FakePeer[] = [];
  connectionState = "new";
  signalingState = "stable";
  iceGatheringState = "new";
  iceConnectionState = "new";
  localDescription: { type: string; sdp: string } | null = null;
  remote = "";
  closed = false;
  readonly channel = new FakeChannel();
  readonly transceivers: string[] = [];
  stats = new Map<string, unknown>();

  constructor(readonly configuration: RTCConfiguration = {}) {
    super();
    FakePeer.all.push(this);
  }

  static create = (configuration?: RTCConfiguration): RTCPeerConnection =>
    new FakePeer(configuration) as unknown as RTCPeerConnection;

  static get last(): FakePeer {
    const last = FakePeer.all.at(-1);
    if (!last) throw new Error("no peer was made");
    return last;
  }

  /** The track by which the page sends sound. */
  microphone: unknown = null;

  getTransceivers(): object[] {
    const replaceTrack = async (track: unknown): Promise<void> => {
      this.microphone = track;
    };
    return [{ currentDirection: this.remote === "" ? null : "sendrecv", sender: { replaceTrack } }];
  }

  addTransceiver(kind: string, { direction }: { direction: string }): object {
    this.transceivers.push(`${kind} ${direction}`);
    return {};
  }

  createDataChannel(): FakeChannel {
    return this.channel;
  }

  async createOffer(): Promise<{ type: string; sdp: string }> {
    return { type: "offer", sdp: "offer\r\na=candidate:1 1 udp 1 x.local 9 typ host\r\n" };
  }

  async createAnswer(): Promise<{ type: string; sdp: string }> {
    return { type: "answer", sdp: "our answer\r\na=candidate:1 1 udp 1 x.local 9 typ host\r\n" };
  }

  async setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    this.localDescription = description;
    this.signalingState = "have-local-offer";
  }

  /** It takes its time, and then minds the state, as browsers do. */
  async setRemoteDescription({ type, sdp }: { type: string; sdp: string }): Promise<void> {
    await Promise.resolve();
    if (type === "answer" && this.signalingState !== "have-local-offer") throw new Error("Called in wrong state");
    if (sdp === "nonsense") throw new Error("not an answer");
    this.remote = sdp;
    this.signalingState = "stable";
  }

  async getStats(): Promise<Map<string, unknown>> {
    return this.stats;
  }

  connect(): void {
    for (const kind of ["video", "audio"]) {
      this.dispatchEvent(
        Object.assign(new Event("track"), { track: { kind }, receiver: { jitterBufferTarget: null } }),
      );
    }
    this.become("connected");
    this.channel.readyState = "open";
    this.channel.dispatchEvent(new Event("open"));
  }

  /** When the browser last played its sound, as it says; null where it does not. */
  playedAt: number | null = null;

  getReceivers(): object[] {
    const sources = this.playedAt === null || this.closed ? [] : [{ timestamp: this.playedAt }];
    return [{ track: { kind: "audio" }, getSynchronizationSources: () => sources }];
  }

  /** The browser has found a way to be reached. */
  finds(candidate: string): void {
    this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate: { candidate } }));
  }

  become(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }

  says(message: ToPage | string): void {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    this.channel.dispatchEvent(new MessageEvent("message", { data }));
  }

  drop(): void {
    this.channel.readyState = "closed";
    this.channel.dispatchEvent(new Event("close"));
  }

  close(): void {
    this.closed = true;
    this.channel.readyState = "closed";
  }
}

export class FakeStream {
  tracks: Array<{ kind: string }> = [];

  get any(): MediaStream {
    return this as unknown as MediaStream;
  }

  getTracks(): Array<{ kind: string }> {
    return [...this.tracks];
  }

  getAudioTracks(): Array<{ kind: string }> {
    return this.tracks.filter(({ kind }) => kind === "audio");
  }

  addTrack(track: { kind: string }): void {
    this.tracks.push(track);
  }

  removeTrack(track: { kind: string }): void {
    this.tracks = this.tracks.filter((other) => other !== track);
  }
}

export interface Page {
  readonly window: Window;
  readonly document: Document;
  /** Whether the browser lets sound play without a click. */
  soundAllowed: boolean;
}

/** A document with the globals the widget uses. Media elements play at once. */
export function makePage(): Page {
  const window = new Window({ url: "http://localhost/" });
  const document = window.document as unknown as Document;
  const page: Page = { window, document, soundAllowed: true };
  Object.assign(globalThis, { document, window });
  const play = function play(this: HTMLMediaElement): Promise<void> {
    if (page.soundAllowed || this.muted) return Promise.resolve();
    return Promise.reject(Object.assign(new Error("a click is needed"), { name: "NotAllowedError" }));
  };
  const prototype = window.HTMLMediaElement.prototype as unknown as HTMLMediaElement;
  Object.defineProperty(prototype, "play", { configurable: true, value: play });
  Object.defineProperty(prototype, "pause", { configurable: true, value: () => undefined });
  const video = window.HTMLVideoElement.prototype as unknown as HTMLVideoElement;
  Object.defineProperty(video, "videoWidth", { configurable: true, writable: true, value: 640 });
  Object.defineProperty(prototype, "srcObject", { configurable: true, writable: true, value: null });
  return page;
}

/** Lets promises that are ready run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** Tells of elements what the test says: which share of them is on the screen. */
export class FakeIntersectionObserver {
  static readonly #all = new Set<FakeIntersectionObserver>();
  readonly #elements = new Set<unknown>();

  static thresholds: readonly number[] = [];

  constructor(
    readonly callback: (entries: object[]) => void,
    { threshold }: { threshold: readonly number[] },
  ) {
    FakeIntersectionObserver.#all.add(this);
    FakeIntersectionObserver.thresholds = threshold;
  }

  static get observing(): number {
    return FakeIntersectionObserver.#all.size;
  }

  /** From now on this share of the element is on the screen; null: it only touches its edge. */
  static show(element: unknown, share: number | null): void {
    const entry = { isIntersecting: share !== 0, intersectionRatio: share ?? 0 };
    for (const observer of [...FakeIntersectionObserver.#all]) {
      if (observer.#elements.has(element)) observer.callback([entry]);
    }
  }

  observe(element: unknown): void {
    this.#elements.add(element);
  }

  disconnect(): void {
    FakeIntersectionObserver.#all.delete(this);
  }
}
