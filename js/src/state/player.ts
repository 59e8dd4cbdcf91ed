// Everything one model has in this page: made once in `initialize`, shared by its views.

import { type Clock, realClock } from "../clock";
import { Connection } from "../connection/connection";
import { listenToPageLife } from "../connection/page-life";
import { type Request, Requests } from "../connection/requests";
import type { ConnectionState } from "../connection/types";
import { CaptionTrack } from "../media/captions";
import { canPlayFrames } from "../media/frame-output";
import type { FrameParts } from "../media/frame-parts";
import { Playback, type PlaybackStatus } from "../media/playback";
import type { Measured } from "../media/stats";
import { type PollTarget, StatsPoller } from "../media/stats-poller";
import type { Bridge, Problem } from "../model/bridge";
import { LONGEST_TEXT, type SpeechUpdate, type ToPage } from "../model/messages";
import { makePageId } from "../model/page-id";
import { type PeerFactory, supportsWebRtc } from "../streams/peer-setup";
import { type AvatarStream, nameTransport, UNSUPPORTED } from "../streams/stream";
import { Notice } from "./notice";
import { OnDemand } from "./on-demand";
import { APPEARANCE_TRAITS, createPageState, type PageState, readAppearance } from "./page-state";
import { PlaybackReporter } from "./playback-reporter";
import { Presence } from "./presence";
import { Resync } from "./resync";
import { applyMessage, INITIAL_SESSION, isSessionMessage, isUnderWay } from "./session-state";
import { type Sight, SightWatch } from "./sight";
import { type Sound, SoundSetting } from "./sound";
import { openTabChannel, SoundShare, type TabChannel } from "./sound-share";
import { createStore, type Store } from "./store";
import { TranscriptSaver } from "./transcript-saver";
import { joinSentences } from "./view-model";

export interface PlayerOptions {
  bridge: Bridge;
  document: Document;
  signal: AbortSignal;
  clock?: Clock;
  createPeer?: PeerFactory | null;
  /** Null where frames in messages cannot be played. */
  createFrameParts?: (() => FrameParts) | null;
  fetch?: typeof fetch;
  stream?: MediaStream;
  page?: string;
  /** To the other tabs that show the same session. */
  openTabs?: () => TabChannel | null;
}

/** After a cut the browser plays what it holds back, some 40 to 110 ms. */
const CUT_MUTE_MS = 200;
/** A service cuts off when its own servers have been told. */
const SERVICE_CUT_MUTE_MS = 600;
/** The next speech is announced so long before it is heard, at least. */
const NEXT_SPEECH_MS = 20;

export class Player {
  readonly store: Store<PageState>;
  readonly playback: Playback;
  readonly parts: OnDemand;
  readonly transcript: TranscriptSaver;
  readonly #bridge: Bridge;
  readonly #clock: Clock;
  readonly #page: string;
  readonly #connection: Connection;
  readonly #captions: CaptionTrack;
  readonly #poller: StatsPoller;
  readonly #signal: AbortSignal;
  readonly #sound: SoundSetting;
  readonly #requests: Requests;
  readonly #resync: Resync;
  readonly #reporter: PlaybackReporter;
  readonly #presence: Presence;
  readonly #sight: SightWatch;
  readonly #notice: Notice;
  #seenAt = -Infinity;

  constructor(options: PlayerOptions) {
    const { bridge, document, signal } = options;
    const clock = options.clock ?? realClock;
    this.#bridge = bridge;
    this.#clock = clock;
    this.#signal = signal;
    this.#page = options.page ?? makePageId();
    this.#connection = this.#createConnection(options);
    this.#requests = new Requests(clock, (message) => bridge.send(message), signal);
    this.#resync = new Resync(clock, () => this.#connection.askAgain(), signal);
    this.#sound = new SoundSetting(bridge, clock, this.#page, (sound) => this.#applySound(sound), signal);
    this.#reporter = new PlaybackReporter(this.#page, (message) => this.#connection.send(message));
    this.store = createStore<PageState>(createPageState(bridge, this.#connection.state));
    const stream = options.stream ?? (typeof MediaStream === "function" ? new MediaStream() : null);
    const port = { bridge, clock, connection: this.#connection, page: this.#page, store: this.store, stream };
    this.parts = new OnDemand(port, signal);
    this.#notice = new Notice(clock, this.store, signal);
    this.transcript = new TranscriptSaver(bridge, clock, this.#page, this.#notice);
    this.playback = new Playback(
      { document, clock, stream, onChange: (status) => this.#onPlaybackChange(status) },
      signal,
    );
    this.#captions = new CaptionTrack(clock, (caption) => this.store.update({ caption }), signal);
    this.playback.setSound(bridge.get("muted"), bridge.get("volume"));
    this.#poller = new StatsPoller(
      {
        clock,
        getTarget: () => this.#getPollTarget(),
        onMeasured: (measured) => this.#onMeasured(measured),
        onTrouble: (problem, rebuild) => this.#onTrouble(problem, rebuild),
      },
      signal,
    );
    this.#sight = new SightWatch({ document, clock, onChange: (sight) => this.#onSight(sight) }, signal);
    this.#presence = new Presence(
      {
        document,
        clock,
        onScreen: () => this.#sight.onScreen,
        resumes: () => this.store.get().resumes,
        resume: () => this.#sendRequest({ type: "start", resume: true }),
        tell: () => this.#connection.trySend({ type: "active", page: this.#page }),
      },
      signal,
    );
    const onElsewhere = (elsewhere: boolean): void => this.#onSoundElsewhere(elsewhere);
    const openTabs = options.openTabs ?? (() => openTabChannel(bridge.get("session_id")));
    new SoundShare({ document, clock, page: this.#page, openTabs, onElsewhere }, signal).follow(this.store);
    this.#listenToModel();
    listenToPageLife(document.defaultView, (event) => this.#connection.dispatch(event), signal);
    this.#connection.start();
  }

  #createConnection(options: PlayerOptions): Connection {
    const { bridge, createPeer, createFrameParts, document, fetch: fetchFunction, signal } = options;
    const createBrowserPeer = supportsWebRtc() ? (config: RTCConfiguration) => new RTCPeerConnection(config) : null;
    return new Connection(
      {
        bridge,
        clock: this.#clock,
        createPeer: createPeer === undefined ? createBrowserPeer : createPeer,
        createFrameParts: createFrameParts === undefined && !canPlayFrames(globalThis) ? null : createFrameParts,
        fetch: fetchFunction ?? fetch.bind(globalThis),
        document,
        page: this.#page,
      },
      {
        stateChanged: (state) => this.#onConnectionChange(state),
        messageReceived: (message) => this.#onMessage(message),
        trackAdded: (track) => this.playback.addTrack(track),
        trackEnded: (track) => this.playback.removeTrack(track),
        attemptStarted: () => this.#onAttemptStart(),
        streamReplaced: (tracks) => this.#onStreamReplaced(tracks),
        channelOpened: () => this.#reporter.report(this.store.get()),
      },
      signal,
    );
  }

  get stream(): AvatarStream | null {
    return this.#connection.stream;
  }

  // ---- views ------------------------------------------------------------------------------------

  attach(video: HTMLVideoElement, signal: AbortSignal): void {
    const attachedAt = this.#clock.now();
    // First: that no view is left says more than that none is seen.
    signal.addEventListener(
      "abort",
      () => {
        this.#connection.dispatch({ on: "view-detached" });
        this.#reporter.report(this.store.get());
      },
      { once: true },
    );
    this.playback.attach(video, signal);
    this.#sight.watch(video, false, signal);
    this.#presence.attach(signal);
    this.#connection.dispatch({ on: "view-attached" });
    this.#reporter.report(this.store.get());
    video.requestVideoFrameCallback?.(() => {
      if (this.store.get().firstFrameMs !== null) return;
      const since = Math.max(attachedAt, this.#seenAt);
      this.store.update({ firstFrameMs: Math.round(this.#clock.now() - since) });
    });
  }

  /** Shows the stream also outside of a cell. */
  attachFloating(video: HTMLVideoElement, signal: AbortSignal): void {
    this.playback.attach(video, signal);
    this.#sight.watch(video, true, signal);
  }

  #onSight(sight: Sight): void {
    const { seen, floatClosed } = this.store.get();
    if (sight.seen && !seen) this.#seenAt = this.#clock.now();
    this.store.update({ ...sight, floatClosed: floatClosed && !sight.inPlace });
    this.#reporter.report(this.store.get());
  }

  // ---- what the user does -----------------------------------------------------------------------

  start(): void {
    this.#sendRequest({ type: "start" });
    // Python may know nothing of an end that only this page was told.
    const { connection, status } = this.store.get();
    if (connection.service && connection.stream.phase === "ended" && status === "live") {
      this.#connection.dispatch({ on: "retry" });
    }
  }

  stop(): void {
    this.#sendRequest({ type: "stop" });
  }

  interrupt(): void {
    const { sounding } = this.store.get();
    this.#sendRequest({ type: "interrupt" });
    if (sounding === null) return;
    // Sent again for this one alone: told twice, the first would cut off what is asked for meanwhile.
    if (!this.#connection.hasChannel) this.#requests.send({ type: "interrupt", speech: sounding });
    this.#muteCutSpeech();
    this.stream?.cutSound(true);
  }

  say(text: string): void {
    const words = text.trim();
    if (words.length > LONGEST_TEXT) this.#notice.show(`Not said: one speech takes ${LONGEST_TEXT} characters.`);
    else if (words !== "") {
      this.#sendRequest({ type: "say", text: words, page: this.#page, atMs: this.#clock.wallTime() });
    }
  }

  retry(): void {
    const { connection, status } = this.store.get();
    const over = status === "failed" || status === "ended";
    if (connection.kernel.is === "here" && over) this.start();
    else this.#connection.dispatch({ on: "retry" });
  }

  setSound(muted: boolean, volume: number): void {
    this.#sound.set({ muted, volume });
    this.#connection.send({ type: "set-sound", muted, volume, page: this.#page });
  }

  setCaptions(on: boolean): void {
    this.store.update({ captionsOn: on });
    this.#bridge.set("captions_on", on);
  }

  setFollowing(on: boolean): void {
    const floating = on && "auto";
    this.store.update({ floating });
    this.#bridge.set("floating", floating);
  }

  setOwnWindow(ownWindow: boolean): void {
    this.store.update({ ownWindow });
  }

  unlockSound(): void {
    void this.playback.unlock();
  }

  /** Sends what the user waits for; by widget message nobody may be there to hear it. */
  #sendRequest(message: Request): void {
    if (this.#connection.trySend(message)) return;
    this.#requests.send(message);
    this.#connection.dispatch({ on: "request-sent" });
  }

  // ---- what Python says -------------------------------------------------------------------------

  #listenToModel(): void {
    const signal = this.#signal;
    const bridge = this.#bridge;
    bridge.onMessage((received) => this.#connection.receive(received), signal);
    bridge.onChange(
      [...APPEARANCE_TRAITS, "error", "stats"],
      () => this.#connection.dispatch({ on: "kernel-heard" }),
      signal,
    );
    bridge.onChange(APPEARANCE_TRAITS, () => this.store.update(readAppearance(bridge)), signal);
    bridge.onChange(["stats"], () => this.#poller.acknowledge(), signal);
    bridge.onChange(
      ["error"],
      () => {
        // One that ends the session has a panel of its own.
        if (this.store.get().status !== "failed") this.#notice.show(joinSentences(bridge.get("error")));
      },
      signal,
    );
  }

  /** Takes a message that is not about the connection, whichever way it came. */
  #onMessage(message: ToPage): void {
    this.parts.take(message);
    this.transcript.take(message);
    if (!isSessionMessage(message)) return;
    this.#requests.note(message);
    const before = this.store.get();
    const session = applyMessage(before, message);
    // What comes by data channel is not lost.
    this.#resync.heard(isUnderWay(session) && !this.#connection.hasChannel);
    if (session === before) return;
    this.store.update(session);
    switch (message.type) {
      case "status":
        this.#connection.dispatch({ on: "session-status", status: message.status });
        this.#presence.sessionChanged();
        break;
      case "speech":
        this.#onSpeech(message, before.sounding);
        break;
      case "caption":
        (this.stream ?? UNSUPPORTED).holdCaption(message, (heldMs) => this.#captions.show(message, heldMs));
        if (message.text !== "") this.store.update({ sentence: { text: message.text } });
        break;
    }
  }

  #onSpeech({ speech, state, text, latencyMs, reason }: SpeechUpdate, soundedBefore: string | null): void {
    const begins = this.store.get().sounding === speech && soundedBefore !== speech;
    // Its beginning must not be lost to the cut of the one before.
    if (begins) this.stream?.cutSound(false);
    if (begins && this.playback.mutedForMoment) this.playback.muteForMoment(NEXT_SPEECH_MS);
    if (state === "interrupted" && soundedBefore === speech) this.#muteCutSpeech();
    if (latencyMs !== null) this.store.update({ speechLatencyMs: latencyMs });
    if (state === "failed") this.#notice.show(`Not said: ${reason || text}`);
    // Nobody has heard it, or not all of it.
    else if (state === "said" && reason) this.#notice.show(reason);
  }

  /** Not a sound more of a speech that was cut off: what the browser holds back is dropped as well. */
  #muteCutSpeech(): void {
    this.playback.muteForMoment(this.store.get().connection.service ? SERVICE_CUT_MUTE_MS : CUT_MUTE_MS);
  }

  #onSoundElsewhere(soundElsewhere: boolean): void {
    this.store.update({ soundElsewhere });
    this.playback.setElsewhere(soundElsewhere);
  }

  #applySound({ muted, volume }: Sound): void {
    this.store.update({ muted, volume });
    this.playback.setSound(muted, volume);
  }

  // ---- the connection ---------------------------------------------------------------------------

  #onConnectionChange(connection: ConnectionState): void {
    const { epoch } = this.store.get().connection;
    this.store.update({ connection });
    // Another kernel knows nothing of the old session, and has another clock.
    if (epoch !== null && epoch !== connection.epoch) this.#resetSession();
    if (connection.stream.phase !== "connected") this.store.update({ measured: null });
    // A host is told once its channel is open.
    else if (connection.service || connection.carrier === "messages" || this.#connection.hasChannel)
      this.#reporter.report(this.store.get());
  }

  #resetSession(): void {
    this.store.update(INITIAL_SESSION);
    this.#captions.show({ text: "", words: [] });
  }

  #onAttemptStart(): void {
    this.#reporter.reset();
    this.#poller.reset();
    this.playback.removeAllTracks();
  }

  #onStreamReplaced(tracks: readonly MediaStreamTrack[]): void {
    this.#reporter.reset();
    this.#poller.reset();
    this.playback.replaceTracks(tracks);
  }

  #onPlaybackChange(status: PlaybackStatus): void {
    this.store.update(status.playing ? { ...status, hasPlayed: true } : status);
    this.#reporter.report(this.store.get());
  }

  #getPollTarget(): PollTarget {
    const { connection, seen, status, sounding, soundBlocked, soundElsewhere, muted, volume } = this.store.get();
    const { stream, views } = connection;
    // Of pictures that are not drawn, since nobody could see them, there is nothing to measure.
    const connected = stream.phase === "connected" && views > 0 && seen;
    return {
      stream: connected ? this.#connection.stream : null,
      watched: connected && !stream.interrupted && !this.#connection.stream?.resting && status === "live",
      speaking: sounding !== null,
      audible: !soundBlocked && !soundElsewhere && !muted && volume > 0,
    };
  }

  #onMeasured(figures: Measured): void {
    const { firstFrameMs, sounding } = this.store.get();
    const measured = { ...figures, transport: nameTransport(this.#connection.stream) };
    this.store.update({ measured });
    // Through the notebook's server only while something goes on: that keeps a kernel from being culled.
    const direct = this.#connection.hasChannel && !this.#connection.stream?.resting;
    if (direct || (sounding !== null && this.#poller.claimKernelReport())) {
      const atMs = this.#clock.wallTime();
      this.#connection.send({ type: "stats", page: this.#page, ...measured, firstFrameMs, atMs });
    }
  }

  #onTrouble(problem: Problem, rebuild: boolean): void {
    this.#notice.show(joinSentences(problem));
    this.#reporter.reportProblem(problem);
    if (rebuild) this.#connection.rebuild();
  }
}
