// Carries out what `state.ts` decides: timers, hellos, and the streams.

import type { Clock } from "../clock";
import type { FrameParts } from "../media/frame-parts";
import type { Bridge, Received } from "../model/bridge";
import { decodeText } from "../model/decode";
import {
  type Answer,
  type FromPage,
  type IceServer,
  PROTOCOL,
  type StreamEnd,
  type StreamGranted,
  type ToPage,
} from "../model/messages";
import { formatPeerId, parsePeerId } from "../model/page-id";
import { openFrameStream } from "../streams/frame-stream";
import { openHostStream, preparePeer } from "../streams/host-stream";
import type { PeerFactory } from "../streams/peer-setup";
import { bundleOf, openServiceStream } from "../streams/service-stream";
import type { AvatarStream, StreamEvents } from "../streams/stream";
import { WarmPeer } from "../streams/warm-peer";
import { type Attempt, Attempts, whenReady } from "./attempts";
import { askForBundle, storeBundle } from "./bundles";
import { GapDetector } from "./gaps";
import { findLikelyCarrier, noteCarrier } from "./likely-carrier";
import type { ConnectionListener } from "./listener";
import { PartAssembler } from "./parts";
import { SHOWN_ELSEWHERE } from "./problems";
import { rejectionEvent } from "./rejection";
import { resend } from "./resend";
import { reduce } from "./state";
import { StateNumbers } from "./state-numbers";
import { Timers } from "./timers";
import { type ConnectionEvent, type ConnectionState, type Effect, INITIAL, isOpen, type Timer } from "./types";

/** After a widget message that shows a loss, Python is asked when no other has shown one for so long. */
const ASK_AFTER_GAP_MS = 500;

export interface ConnectionOptions {
  bridge: Bridge;
  clock: Clock;
  /** Null in a browser without WebRTC. */
  createPeer: PeerFactory | null;
  /** Plays frames: the browser's own where undefined; null where this page cannot. */
  createFrameParts: (() => FrameParts) | null | undefined;
  fetch: typeof fetch;
  document: Document;
  /** The page's own name, one per page and model. */
  page: string;
}

export class Connection {
  #state: ConnectionState;
  readonly #attempts = new Attempts();
  readonly #warmPeer = new WarmPeer();
  /** The user's, as the latest answer told; they hold a password, so no state shows them. */
  #iceServers: IceServer[] = [];
  #cancelAsking: (() => void) | null = null;
  readonly #numbers = new StateNumbers();
  readonly #gaps = new GapDetector();
  readonly #parts = new PartAssembler();
  readonly #timers: Timers<Timer>;
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #signal: AbortSignal;

  constructor(options: ConnectionOptions, listener: ConnectionListener, signal: AbortSignal) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
    this.#listener = listener;
    this.#signal = signal;
    [this.#state] = reduce(INITIAL, this.#readStreamKind());
    signal.addEventListener("abort", () => this.#dispose(), { once: true });
    options.bridge.onChange(["stream"], () => this.dispatch(this.#readStreamKind()), signal);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get stream(): AvatarStream | null {
    return this.#main?.stream ?? null;
  }

  /** The attempt that carries the stream, or is to. */
  get #main(): Attempt | null {
    const { stream } = this.#state;
    return isOpen(stream) ? this.#attempts.get(stream.peer) : null;
  }

  /** Whether messages go past the kernel, so that they arrive while it is busy. */
  get hasChannel(): boolean {
    return this.stream?.hasChannel ?? false;
  }

  /** Says hello, and readies a peer so that the first view need not wait for it. */
  start(): void {
    const { bridge, createPeer, clock, createFrameParts, document } = this.#options;
    const means = { webRtc: createPeer !== null, messages: createFrameParts !== null };
    const likely = findLikelyCarrier(document);
    this.dispatch({ on: "loaded", ...means, choice: bridge.get("carrier"), likely });
    const { service, carrier, choosing } = this.#state;
    if (createPeer && !service && (choosing || carrier === "webrtc"))
      this.#warmPeer.prepare(createPeer, clock, this.#signal);
  }

  dispatch(event: ConnectionEvent): void {
    if (this.#signal.aborted) return;
    const before = this.#state;
    const [state, effects] = reduce(before, event);
    this.#state = state;
    // Before the one that was shown is closed: the views see no break.
    this.#showMain();
    const missedMs = this.#attempts.follow(before, state, this.#options.clock.now());
    if (missedMs !== null) this.send({ type: "missed", page: this.#options.page, ms: missedMs });
    for (const effect of effects) this.#carryOut(effect);
    if (state.stream.phase === "connected") noteCarrier(this.#options.document, state.carrier);
    // What an effect led to meanwhile is newer.
    if (state !== before) this.#listener.stateChanged(this.#state);
  }

  /** Takes a widget message. */
  receive({ message, buffers, seq }: Received): void {
    this.dispatch({ on: "kernel-heard" });
    if (message.type === "frames") {
      if (message.page === this.#options.page) this.#attempts.find(message.peer)?.stream?.takeFrames(message, buffers);
      return;
    }
    if (message.type === "bundle" && buffers[0]) storeBundle(message.name, buffers[0]);
    if (message.type === "socket-granted") this.#attempts.find(message.peer)?.stream?.useSocket(message);
    this.#handleMessage(message);
    if (seq !== null && this.#gaps.note(seq, message.type === "welcome")) this.#askSoon();
  }

  /** Has Python tell where the session is. */
  askAgain(): void {
    this.#carryOut({ do: "hello" });
  }

  /** Not at once, nor for each gap: while a server drops messages, answers would be dropped as well. */
  #askSoon(): void {
    this.#cancelAsking?.();
    this.#cancelAsking = this.#options.clock.after(ASK_AFTER_GAP_MS, () => this.askAgain());
  }

  #handleMessage(message: ToPage): void {
    if (!this.#handleSignal(message)) this.#listener.messageReceived(message);
  }

  /** Takes a message of signalling; false when it is about something else. */
  #handleSignal(message: ToPage): boolean {
    // Those two name the page whose microphone it is, and are for all.
    const forAll = message.type === "listening" || message.type === "heard";
    if (!forAll && "page" in message && message.page !== this.#options.page) return true;
    switch (message.type) {
      case "welcome":
        if (message.epoch !== this.#state.epoch) this.#gaps.reset();
        this.dispatch({ on: "welcome", epoch: message.epoch, protocol: message.protocol });
        return true;
      case "answer":
        void this.#acceptAnswer(message);
        return true;
      case "stream-granted":
        this.#openServiceStream(message);
        return true;
      case "room-data":
        this.stream?.sendDataPacket(message.topic, message.payload);
        return true;
      case "refused": {
        const { what, fix, peer, taken } = message;
        this.dispatch({ on: "refused", peer: parsePeerId(peer), problem: taken ? SHOWN_ELSEWHERE : { what, fix } });
        return true;
      }
      case "sync":
        this.#options.bridge.send({ type: "synced", page: this.#options.page });
        return true;
      case "goodbye":
        this.dispatch({ on: "goodbye", problem: { what: message.what, fix: message.fix } });
        return true;
      default:
        return false;
    }
  }

  /** Over the data channel where there is one: then it works while the kernel is busy. */
  send(message: FromPage): void {
    const sent = this.#numbers.stamp(message);
    if (!this.trySend(sent)) this.#options.bridge.send(sent);
  }

  /** Over the data channel, where nothing is lost; false where that cannot be. */
  trySend(message: FromPage): boolean {
    return this.hasChannel && (this.stream?.send(message) ?? false);
  }

  /** Gives up the present stream for another. */
  rebuild(): void {
    const { stream } = this.#state;
    if (isOpen(stream)) this.dispatch({ on: "stalled", peer: stream.peer });
  }

  #carryOut(effect: Effect): void {
    const { bridge, clock, page } = this.#options;
    switch (effect.do) {
      case "hello":
        bridge.send({ type: "hello", page, protocol: PROTOCOL, atMs: clock.wallTime() });
        break;
      case "open":
        this.#openAttempt(effect);
        break;
      case "close":
        this.#closeAttempt(effect.peer, effect.hangup);
        break;
      case "start-timer":
        this.#startTimer(effect.timer, effect.ms);
        break;
      case "cancel-timer":
        this.#timers.cancel(effect.timer);
        break;
      case "report":
        this.send({ type: "media", page, playback: "failed", ...effect.problem });
        break;
    }
  }

  #startTimer(timer: Timer, ms: number): void {
    // The service offers one connection in a session: closed, it could not be opened again.
    if (timer === "linger" && this.stream?.kind === "webrtc") return;
    this.#timers.start(timer, ms, () => {
      // An avatar at rest sends nothing that counts as activity; what may get better can wait.
      const mayWait = timer === "side" && this.#state.side.phase === "waiting";
      if (mayWait && this.stream?.resting) this.#startTimer(timer, ms);
      else this.dispatch({ on: "timer", timer });
    });
  }

  #readStreamKind(): ConnectionEvent {
    return { on: "stream-changed", service: this.#options.bridge.get("stream") !== "host" };
  }

  // ---- one attempt ------------------------------------------------------------------------------

  #openAttempt({ peer: number, carrier }: Extract<Effect, { do: "open" }>): void {
    const { createPeer, clock } = this.#options;
    const { service, relay } = this.#state;
    const attempt = this.#attempts.add(number, relay === "used");
    if (this.#attempts.isShown(attempt)) this.#listener.attemptStarted();
    if (service) this.#join(attempt);
    else if (carrier === "messages") this.#subscribe(attempt);
    else if (createPeer) {
      this.#openStream(attempt, (events, signal) => {
        const peer = attempt.relay ? preparePeer(createPeer, this.#iceServers) : this.#warmPeer.take(createPeer);
        return openHostStream(peer, clock, events, signal);
      });
    }
  }

  #showMain(): void {
    const main = this.#main;
    if (this.#state.stream.phase === "connected" && main && this.#attempts.show(main))
      this.#listener.streamReplaced([...main.tracks]);
  }

  /** By widget messages: the first frames are the answer. */
  #subscribe(attempt: Attempt): void {
    const { bridge, clock, document, page, createFrameParts: createParts } = this.#options;
    if (createParts === null) return;
    const choice = bridge.get("carrier");
    const peer = this.#formatPeerId(attempt.number);
    const send = (message: FromPage): void => void bridge.send(message);
    this.#openStream(attempt, (events, signal) =>
      openFrameStream({ clock, document, page, peer, send, choice }, createParts, events, signal),
    );
    this.#resend(attempt, () => attempt.stream?.ask());
  }

  /** Gives the attempt its stream, or finds that this browser can make none. */
  #openStream(attempt: Attempt, open: (events: StreamEvents, signal: AbortSignal) => AvatarStream): void {
    const events = this.#streamEvents(attempt);
    try {
      attempt.stream = open(events, attempt.controller.signal);
    } catch (error) {
      console.warn("[ipyavatar] no connection could be made", error);
      queueMicrotask(() => events.lost("the browser made no connection"));
    }
  }

  #join(attempt: Attempt): void {
    const { bridge, page } = this.#options;
    // The code travels while the session opens.
    this.#askForCode(attempt, bridge.get("stream"));
    this.#resend(attempt, () => bridge.send({ type: "join", page, peer: this.#formatPeerId(attempt.number) }));
  }

  #askForCode({ controller }: Attempt, kind: string): void {
    const { bridge, clock } = this.#options;
    askForBundle(bundleOf(kind), clock, (message) => bridge.send(message), controller.signal);
  }

  /** Python has told where the service's stream is. */
  #openServiceStream({ peer, grant }: StreamGranted): void {
    const attempt = this.#attempts.find(peer);
    const { bridge, createPeer, clock, fetch } = this.#options;
    // A wish that was sent twice may be answered twice.
    if (!createPeer || !attempt || attempt.stream) return;
    attempt.cancelResend();
    this.dispatch({ on: "answered", peer: attempt.number });
    const firefox = globalThis.navigator?.userAgent.includes("Firefox/") ?? false;
    // The service may have offered something else than was wanted.
    if (bundleOf(grant.kind) !== bundleOf(bridge.get("stream"))) this.#askForCode(attempt, grant.kind);
    this.#openStream(attempt, (events, signal) =>
      openServiceStream(grant, { clock, createPeer, fetch, firefox }, events, signal),
    );
  }

  #streamEvents(attempt: Attempt): StreamEvents {
    const { number: peer, relay, controller } = attempt;
    const { bridge, clock, page } = this.#options;
    const tell = (on: "path-found" | "connected"): void => this.dispatch({ on, peer });
    return {
      track: (track) => {
        attempt.tracks.add(track);
        if (this.#attempts.isShown(attempt)) this.#listener.trackAdded(track);
      },
      trackEnded: (track) => {
        attempt.tracks.delete(track);
        if (this.#attempts.isShown(attempt)) this.#listener.trackEnded(track);
      },
      candidateFound: () => this.dispatch({ on: "candidate-found", peer }),
      pathFound: () => tell("path-found"),
      relayError: (code, text) => this.dispatch({ on: "relay-error", peer, code, text }),
      connected: () => {
        attempt.cancelResend();
        this.dispatch({ on: "answered", peer });
        if (attempt === this.#main) this.dispatch({ on: "connected", peer });
        else void whenReady(attempt, clock, () => this.stream?.quiet ?? true, tell);
      },
      interrupted: (ms) => this.dispatch({ on: "interrupted", peer, ms }),
      lost: (why) => {
        if (this.#state.service) this.#reportStreamEnd(attempt, "lost", why);
        this.dispatch({ on: "lost", peer, why });
      },
      rejected: (reason, why) => {
        this.#reportStreamEnd(attempt, reason, why);
        this.dispatch(rejectionEvent(peer, reason, why));
      },
      failed: (problem, later) => this.dispatch({ on: "refused", peer, problem, report: true, later }),
      offerReady: (sdp) =>
        this.#resend(attempt, () => bridge.send({ type: "offer", page, peer: this.#formatPeerId(peer), sdp, relay })),
      answerReady: (sdp) =>
        this.#resend(attempt, () => bridge.send({ type: "accept-offer", page, peer: this.#formatPeerId(peer), sdp })),
      candidate: ({ candidate, sdpMid, sdpMLineIndex }) =>
        bridge.send({ type: "candidate", page, peer: this.#formatPeerId(peer), candidate, sdpMid, sdpMLineIndex }),
      channelOpened: () => {
        if (attempt === this.#main) this.#listener.channelOpened();
      },
      channelMessage: (data) => this.#handleChannelText(data),
      dataPacket: (topic, payload) => {
        if (!controller.signal.aborted) bridge.send({ type: "room-data", page, topic, payload });
      },
    };
  }

  #reportStreamEnd({ number, controller }: Attempt, reason: StreamEnd, text: string): void {
    if (controller.signal.aborted) return;
    const { bridge, page } = this.#options;
    bridge.send({ type: "stream-over", page, peer: this.#formatPeerId(number), reason, text });
  }

  #resend(attempt: Attempt, send: () => void): void {
    attempt.cancelResend();
    attempt.cancelResend = resend(this.#options.clock, send);
  }

  async #acceptAnswer({ peer, sdp, iceServers }: Answer): Promise<void> {
    const attempt = this.#attempts.find(peer);
    if (!attempt?.stream) return;
    attempt.cancelResend();
    if (!attempt.relay) this.#iceServers = iceServers;
    this.dispatch({ on: "answered", peer: attempt.number, relay: iceServers.length > 0 });
    try {
      await attempt.stream.acceptAnswer(sdp);
    } catch (error) {
      console.warn("[ipyavatar] the answer was not understood", error);
      this.dispatch({ on: "lost", peer: attempt.number });
    }
  }

  #handleChannelText(data: string): void {
    const message = decodeText(data);
    if (!message) {
      console.warn("[ipyavatar] the host sent something that is no message");
    } else if (message.type === "part") {
      const whole = this.#parts.add(message);
      if (whole !== null) this.#handleChannelText(whole);
    } else this.#handleMessage(message);
  }

  #closeAttempt(number: number, hangup: boolean): void {
    const { bridge, clock, page } = this.#options;
    const closed = this.#attempts.close(number, clock.now());
    if (closed && hangup) bridge.send({ type: "hangup", page, peer: this.#formatPeerId(number) });
  }

  #formatPeerId(number: number): string {
    return formatPeerId(this.#options.page, number);
  }

  #dispose(): void {
    this.#cancelAsking?.();
    this.#timers.cancelAll();
    for (const number of this.#attempts.numbers) this.#closeAttempt(number, true);
  }
}
