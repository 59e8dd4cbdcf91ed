// Everything one model has in this page: made once in `initialize`, shared by its views.

import { CaptionTrack } from "../media/captions";
import { type Clock, realClock } from "../clock";
import { Connection } from "../connection/connection";
import { Echoes } from "../model/echo-filter";
import type { Line } from "../streams/stream";
import type { Link } from "../connection/types";
import { Meter, type Watched } from "../media/stats-poller";
import type { Bridge, Name, Problem } from "../model/bridge";
import type { FromPage, Playback as PlaybackName, ToPage } from "../model/messages";
import { initialState, inStepTraits, looks, type PageState } from "./page-state";
import { Playback } from "../media/playback";
import { put } from "../streams/livekit-bundle";
import { type PeerFactory, supported } from "../streams/peer-setup";
import type { Measured } from "../media/stats";
import { createStore, type Store } from "./store";

export interface PlayerOptions {
  bridge: Bridge;
  document: Document;
  signal: AbortSignal;
  clock?: Clock;
  createPeer?: PeerFactory | null;
  fetch?: typeof fetch;
  stream?: MediaStream;
  page?: string;
}

interface Sound {
  readonly muted: boolean;
  readonly volume: number;
}

/** After a cut the browser plays what it holds back, some 40 to 110 ms. */
const HUSH_MS = 200;
/** The next speech is announced so long before it is heard, at least. */
const NEXT_MS = 20;
/** A service cuts off when its own servers have been told. */
const SERVICE_HUSH_MS = 600;
const NOTICE_MS = 6_000;
const LOOKS: readonly Name[] = ["character", "captions_on", "width", "badge", "error", "stats"];
const IN_STEP: readonly Name[] = ["status", "status_text", "speaking", "caption"];

export class Player {
  readonly store: Store<PageState>;
  readonly playback: Playback;
  readonly #bridge: Bridge;
  readonly #clock: Clock;
  readonly #page: string;
  readonly #connection: Connection;
  readonly #captions: CaptionTrack;
  readonly #document: Document;
  readonly #meter: Meter;
  readonly #signal: AbortSignal;
  readonly #echoes: Echoes<Sound>;
  /** The host tells us over the channel, in step with the media; traits lag behind and are ignored. */
  #inStep = false;
  #said: PlaybackName | null = null;
  #cancelHush: (() => void) | null = null;
  #cancelNotice: () => void = () => undefined;

  constructor(options: PlayerOptions) {
    const { bridge, document, signal } = options;
    const clock = options.clock ?? realClock;
    const createPeer = options.createPeer !== undefined ? options.createPeer
      : supported() ? (configuration: RTCConfiguration) => new RTCPeerConnection(configuration) : null;
    this.#bridge = bridge;
    this.#clock = clock;
    this.#document = document;
    this.#signal = signal;
    this.#page = options.page ?? makeId();
    this.#echoes = new Echoes(clock, (one, other) => one.muted === other.muted && one.volume === other.volume);
    const session = bridge.get("status");
    const around = { bridge, clock, createPeer, fetch: options.fetch ?? fetch.bind(globalThis), page: this.#page };
    this.#connection = new Connection(around, session, {
      link: (link) => this.#linked(link),
      message: (message) => this.#channelSaid(message),
      track: (track) => this.playback.add(track),
      untrack: (track) => this.playback.remove(track),
      fresh: () => this.#fresh(),
      opened: () => this.#reportPlayback(),
    }, signal);
    this.store = createStore<PageState>(initialState(bridge, this.#connection.link));
    const stream = options.stream ?? (typeof MediaStream === "function" ? new MediaStream() : null);
    this.playback = new Playback(document, stream, (heard) => {
      this.store.update(heard.playing ? { ...heard, seen: true } : heard);
      this.#reportPlayback();
    }, signal);
    this.#captions = new CaptionTrack(clock, (caption) => this.store.update({ caption }), signal);
    this.playback.setSound(bridge.get("muted"), bridge.get("volume"));
    this.#meter = new Meter(clock, () => this.#watched(), {
      measured: (measured) => this.#measured(measured),
      trouble: (problem, rebuild) => this.#trouble(problem, rebuild),
    }, signal);
    this.#listen(document);
    this.#connection.start();
    signal.addEventListener("abort", () => {
      this.#cancelNotice();
      this.#cancelHush?.();
    }, { once: true });
  }

  get line(): Line | null {
    return this.#connection.line;
  }

  // ---- views ------------------------------------------------------------------------------------

  attach(video: HTMLVideoElement, signal: AbortSignal): void {
    const rendered = this.#clock.now();
    this.playback.attach(video, signal);
    this.#connection.handle({ on: "view-attached" });
    this.#reportPlayback();
    signal.addEventListener("abort", () => {
      this.#connection.handle({ on: "view-detached" });
      this.#reportPlayback();
    }, { once: true });
    video.requestVideoFrameCallback?.(() => {
      if (this.store.get().firstFrameMs !== null) return;
      this.store.update({ firstFrameMs: Math.round(this.#clock.now() - rendered) });
    });
  }

  // ---- what the user does -----------------------------------------------------------------------

  start(): void {
    this.#ask({ type: "start" });
    // Python may know nothing of an end that only this page was told.
    const { link, status } = this.store.get();
    if (link.service && link.phase === "ended" && status === "live") this.#connection.handle({ on: "retry" });
  }

  stop(): void {
    this.#ask({ type: "stop" });
  }

  interrupt(): void {
    this.#ask({ type: "interrupt" });
    this.#hush();
  }

  say(text: string): void {
    if (text.trim() !== "") this.#ask({ type: "say", text: text.trim() });
  }

  /** Sends what the user waits for; by widget message nobody may be there to hear it. */
  #ask(message: FromPage): void {
    const { direct } = this.#connection;
    this.#connection.send(message);
    if (!direct) this.#connection.handle({ on: "asked" });
  }

  retry(): void {
    const { link, status } = this.store.get();
    const over = status === "failed" || status === "ended";
    if (link.kernel === "here" && over) this.start();
    else this.#connection.handle({ on: "retry" });
  }

  setSound(muted: boolean, volume: number): void {
    this.#sound(muted, volume);
    this.#echoes.sent({ muted, volume });
    this.#connection.send({ type: "set-sound", muted, volume });
  }

  setCaptions(on: boolean): void {
    this.store.update({ captionsOn: on });
    this.#bridge.set("captions_on", on);
  }

  unlockSound(): void {
    void this.playback.unlock();
  }

  // ---- what we are told -------------------------------------------------------------------------

  #listen(document: Document): void {
    const signal = this.#signal;
    const bridge = this.#bridge;
    bridge.onMessage((message, [buffer]) => {
      this.#connection.handle({ on: "heard" });
      if (message.type === "player") {
        if (buffer) put(buffer);
      } else if (!this.#connection.handleMessage(message)) this.#told(message);
    }, signal);
    bridge.onChange(LOOKS, () => {
      this.#connection.handle({ on: "heard" });
      this.store.update(looks(bridge));
    }, signal);
    bridge.onChange(["stats"], () => this.#meter.taken(), signal);
    bridge.onChange(["error"], () => {
      const { what, fix } = bridge.get("error");
      // One that ends the session has a panel of its own.
      if (what && bridge.get("status") !== "failed") this.#notice([what, fix].filter(Boolean).join(" "));
    }, signal);
    bridge.onChange(["muted", "volume"], () => {
      const told = { muted: bridge.get("muted"), volume: bridge.get("volume") };
      if (!this.#echoes.isEcho(told)) this.#sound(told.muted, told.volume);
    }, signal);
    bridge.onChange(IN_STEP, () => {
      this.#connection.handle({ on: "heard" });
      if (this.#inStep) return;
      this.store.update(inStepTraits(bridge));
      this.#connection.handle({ on: "session", status: bridge.get("status") });
    }, signal);
    bridge.onChange(["caption"], () => {
      if (!this.#inStep) this.#captions.start(bridge.get("caption"), []);
    }, signal);
    const window = document.defaultView;
    window?.addEventListener("pagehide", () => this.#connection.handle({ on: "leave" }), { signal });
    window?.addEventListener("pageshow", (event) => {
      if (event.persisted) this.#connection.handle({ on: "return" });
    }, { signal });
  }

  #channelSaid(message: ToPage): void {
    this.#inStep = true;
    this.#told(message);
  }

  #told(message: ToPage): void {
    switch (message.type) {
      case "status":
        this.store.update({ status: message.status, statusText: message.text });
        break;
      case "caption":
        this.#captions.start(message.text, message.words);
        break;
      case "speech": {
        const speaking = message.state === "speaking";
        this.store.update({ speaking, ...(speaking ? { spoken: message.text } : {}) });
        if (speaking && this.#cancelHush) this.#hush(NEXT_MS);
        else if (message.state === "interrupted") this.#hush();
        if (message.latencyMs !== null) this.store.update({ speechLatencyMs: message.latencyMs });
        if (message.state === "failed") this.#notice(`Not said: ${message.reason || message.text}`);
        break;
      }
      default:
        break;
    }
  }

  #notice(notice: string): void {
    this.#cancelNotice();
    this.store.update({ notice });
    this.#cancelNotice = this.#clock.after(NOTICE_MS, () => this.store.update({ notice: "" }));
  }

  /** Not a sound more of a speech that was cut off: what the browser holds back is dropped as well. */
  #hush(ms = this.store.get().link.service ? SERVICE_HUSH_MS : HUSH_MS): void {
    this.#cancelHush?.();
    this.playback.hush(true);
    this.#cancelHush = this.#clock.after(ms, () => {
      this.#cancelHush = null;
      this.playback.hush(false);
    });
  }

  #sound(muted: boolean, volume: number): void {
    this.store.update({ muted, volume });
    this.playback.setSound(muted, volume);
  }

  // ---- the connection ---------------------------------------------------------------------------

  #linked(link: Link): void {
    this.store.update({ link });
    if (link.phase === "connected") {
      // A host is told once its channel is open.
      if (link.service) this.#reportPlayback();
      return;
    }
    this.#inStep = false;
    this.store.update({ measured: null });
    if (link.phase !== "connecting") this.#captions.start("", []);
  }

  #fresh(): void {
    this.#said = null;
    this.#meter.fresh();
    this.playback.fresh();
  }

  /** Tells Python what became of playing, when that has changed. */
  #reportPlayback(): void {
    const { link, playing, soundBlocked, muted } = this.store.get();
    if (link.phase !== "connected") return;
    const playback: PlaybackName | null =
      link.views === 0 ? "paused"
        // Nothing is drawn while there is no view, so nothing would ever play: say that one is back.
        : !playing ? (this.#said === "paused" ? "waiting" : null)
        : soundBlocked && !muted ? "sound-blocked" : "playing";
    if (playback === null || playback === this.#said) return;
    this.#said = playback;
    this.#connection.send({ type: "media", page: this.#page, playback });
  }

  #watched(): Watched {
    const { link, status, speaking, soundBlocked, muted, volume } = this.store.get();
    const shown = link.phase === "connected" && link.views > 0;
    return {
      line: shown ? this.#connection.line : null,
      watched: shown && !link.wobbling && status === "live" && this.#document.visibilityState === "visible",
      speaking,
      audible: !soundBlocked && !muted && volume > 0,
    };
  }

  #measured(measured: Measured): void {
    const { firstFrameMs } = this.store.get();
    this.store.update({ measured });
    if (this.#connection.direct || this.#meter.mayTell()) {
      this.#connection.send({ type: "stats", page: this.#page, ...measured, firstFrameMs });
    }
  }

  #trouble(problem: Problem, rebuild: boolean): void {
    this.#notice([problem.what, problem.fix].filter(Boolean).join(" "));
    this.#connection.send({ type: "media", page: this.#page, playback: "failed", ...problem });
    // What is told from here on is news again.
    this.#said = null;
    if (rebuild) this.#connection.rebuild();
  }
}

function makeId(): string {
  // `randomUUID` needs a secure context, which a notebook server over plain http is not.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
