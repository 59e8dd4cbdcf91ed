// Carries out what `connection-state.ts` decides: timers, hellos, and the lines to the stream.

import type { Clock } from "../clock";
import { step } from "./state";
import type { Line, LineEvents, TurnedAway } from "../streams/stream";
import { type Effect, type Event, initial, type Link, type Timer } from "./types";
import { type Bridge, isMessage } from "../model/bridge";
import { type FromPage, PROTOCOL, type Room, type StatusName, type ToPage, type Whep } from "../model/messages";
import { hostLine } from "../streams/host-stream";
import { isHere } from "../streams/livekit-bundle";
import { refusedByService, TAKEN } from "./problems";
import type { PeerFactory } from "../streams/peer-setup";
import { repeat } from "./resend";
import { roomLine } from "../streams/livekit-stream";
import { SparePeer } from "../streams/warm-peer";
import { whepLine } from "../streams/whep-stream";

/** Services whose streams come by LiveKit; of others the page needs no player. */
const BY_LIVEKIT: ReadonlySet<string> = new Set(["heygen", "liveavatar"]);

export interface Outlets {
  /** The state has changed. */
  link(link: Link): void;
  /** A message of the host, over the data channel. */
  message(message: ToPage): void;
  /** A track of the present line; all tracks of former ones are over. */
  track(track: MediaStreamTrack): void;
  /** A track that has ended before its line. */
  untrack(track: MediaStreamTrack): void;
  /** A new attempt begins: forget the former tracks. */
  fresh(): void;
  /** The data channel is open. */
  opened(): void;
}

export interface Surroundings {
  bridge: Bridge;
  clock: Clock;
  createPeer: PeerFactory | null;
  fetch: typeof fetch;
  page: string;
}

interface Attempt {
  readonly number: number;
  readonly controller: AbortController;
  /** Null while a service's session has not told where its stream is. */
  line: Line | null;
  /** Ends the repeating of what Python is to answer. */
  hush: () => void;
}

export class Connection {
  #link: Link;
  #attempt: Attempt | null = null;
  readonly #spare = new SparePeer();
  readonly #timers = new Map<Timer, () => void>();
  readonly #around: Surroundings;
  readonly #out: Outlets;
  readonly #signal: AbortSignal;

  constructor(around: Surroundings, session: StatusName, out: Outlets, signal: AbortSignal) {
    this.#around = around;
    this.#out = out;
    this.#signal = signal;
    const [link] = step(initial(session), this.#provider());
    this.#link = link;
    signal.addEventListener("abort", () => this.#end(), { once: true });
    around.bridge.onChange(["provider"], () => this.handle(this.#provider()), signal);
  }

  get link(): Link {
    return this.#link;
  }

  get line(): Line | null {
    return this.#attempt?.line ?? null;
  }

  /** Says hello, and readies a peer so that the first view need not wait for it. */
  start(): void {
    const { createPeer, clock } = this.#around;
    this.handle({ on: "loaded", supported: createPeer !== null });
    if (createPeer && !this.#link.service) this.#spare.prepare(createPeer, clock, this.#signal);
  }

  handle(event: Event): void {
    if (this.#signal.aborted) return;
    const before = this.#link;
    const [link, effects] = step(before, event);
    this.#link = link;
    for (const effect of effects) this.#carryOut(effect);
    if (link !== before) this.#out.link(link);
  }

  /** A widget message that concerns the connection; true when it was one. */
  handleMessage(message: ToPage): boolean {
    if ("page" in message && message.page !== this.#around.page) return true;
    switch (message.type) {
      case "welcome":
        this.handle({ on: "welcome", epoch: message.epoch, protocol: message.protocol });
        return true;
      case "answer":
        void this.#answer(message.peer, message.sdp);
        return true;
      case "room":
      case "whep":
        this.#enter(message);
        return true;
      case "command":
        this.line?.command(message.topic, message.payload);
        return true;
      case "refused": {
        const { what, fix, peer } = message;
        this.handle({ on: "refused", peer: this.#number(peer), problem: { what, fix } });
        return true;
      }
      case "goodbye":
        this.handle({ on: "goodbye", problem: { what: message.what, fix: message.fix } });
        return true;
      case "status":
        this.handle({ on: "session", status: message.status });
        return false;
      default:
        return false;
    }
  }

  /** Over the data channel where there is one: then it works while the kernel is busy. */
  send(message: FromPage): void {
    if (this.line?.direct) this.line.send(message);
    else this.#around.bridge.send(message);
  }

  get direct(): boolean {
    return this.line?.direct ?? false;
  }

  /** Gives up the present line for another. */
  rebuild(): void {
    this.handle({ on: "lost", peer: this.#link.peer });
  }

  #carryOut(effect: Effect): void {
    const { bridge, clock, page } = this.#around;
    switch (effect.do) {
      case "hello":
        bridge.send({ type: "hello", page, protocol: PROTOCOL });
        break;
      case "open":
        this.#open(effect.peer);
        break;
      case "close":
        this.#close(effect.hangup);
        break;
      case "timer":
        this.#timers.get(effect.timer)?.();
        this.#timers.set(effect.timer, clock.after(effect.ms, () => {
          this.#timers.delete(effect.timer);
          this.handle({ on: "timer", timer: effect.timer });
        }));
        break;
      case "cancel":
        this.#timers.get(effect.timer)?.();
        this.#timers.delete(effect.timer);
        break;
      case "report":
        this.send({ type: "media", page, playback: "failed", ...effect.problem });
        break;
    }
  }

  #provider(): Event {
    return { on: "provider", service: this.#around.bridge.get("provider") !== "embedded" };
  }

  #open(number: number): void {
    const { createPeer } = this.#around;
    if (!createPeer) return;
    const attempt: Attempt = { number, controller: new AbortController(), line: null, hush: () => undefined };
    this.#attempt = attempt;
    this.#out.fresh();
    if (this.#link.service) {
      this.#repeat(attempt, () => this.#join(attempt));
      return;
    }
    this.#build(attempt, (events, signal) => hostLine(this.#spare.take(createPeer), events, signal));
  }

  /** Gives the attempt its line, or finds that this browser can make none. */
  #build(attempt: Attempt, make: (events: LineEvents, signal: AbortSignal) => Line): void {
    const events = this.#events(attempt);
    try {
      attempt.line = make(events, attempt.controller.signal);
    } catch (error) {
      console.warn("[ipyavatar] no connection could be made", error);
      queueMicrotask(() => events.lost("the browser made no connection"));
    }
  }

  #join({ number }: Attempt): void {
    const { bridge, page } = this.#around;
    const player = BY_LIVEKIT.has(bridge.get("provider")) && !isHere();
    bridge.send({ type: "join", page, peer: this.#id(number), player });
  }

  /** Python has told where the service's stream is. */
  #enter(message: Room | Whep): void {
    const attempt = this.#attempt;
    const { createPeer, clock, fetch } = this.#around;
    // A wish that was repeated may be answered twice.
    if (!createPeer || attempt?.number !== this.#number(message.peer) || attempt.line) return;
    attempt.hush();
    this.handle({ on: "answered", peer: attempt.number });
    const firefox = globalThis.navigator?.userAgent.includes("Firefox/") ?? false;
    this.#build(attempt, (events, signal) => (message.type === "room"
      ? roomLine(message, clock, events, signal)
      : whepLine(message, { clock, createPeer, fetch, firefox }, events, signal)));
  }

  #events(attempt: Attempt): LineEvents {
    const { number: peer, controller: { signal } } = attempt;
    const page = this.#around.page;
    return {
      track: (track) => this.#out.track(track),
      untrack: (track) => this.#out.untrack(track),
      candidate: () => this.handle({ on: "candidate", peer }),
      connected: () => this.handle({ on: "connected", peer }),
      wobbling: (ms) => this.handle({ on: "wobbling", peer, ms }),
      lost: (why) => {
        if (this.#link.service) this.#tellOver(attempt, "lost", why);
        this.handle({ on: "lost", peer, why });
      },
      turnedAway: (reason, why) => {
        this.#tellOver(attempt, reason, why);
        if (reason === "ended") this.handle({ on: "over", peer });
        else if (reason === "taken") this.handle({ on: "refused", peer, problem: TAKEN });
        else this.handle({ on: "denied", peer, problem: refusedByService(why) });
      },
      broken: (problem) => this.handle({ on: "refused", peer, problem, report: true }),
      offer: (sdp) => this.#repeat(attempt, () => {
        this.#around.bridge.send({ type: "offer", page, peer: this.#id(peer), sdp });
      }),
      opened: () => this.#out.opened(),
      text: (data) => this.#text(data),
      data: (topic, payload) => {
        if (!signal.aborted) this.#around.bridge.send({ type: "room-data", page, topic, payload });
      },
    };
  }

  #tellOver({ number, controller }: Attempt, reason: TurnedAway | "lost", text: string): void {
    if (controller.signal.aborted) return;
    const { bridge, page } = this.#around;
    bridge.send({ type: "stream-over", page, peer: this.#id(number), reason, text });
  }

  #repeat(attempt: Attempt, send: () => void): void {
    attempt.hush();
    attempt.hush = repeat(this.#around.clock, send);
  }

  #close(hangup: boolean): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    this.#attempt = null;
    attempt.hush();
    attempt.controller.abort();
    if (hangup) {
      const peer = this.#id(attempt.number);
      this.#around.bridge.send({ type: "hangup", page: this.#around.page, peer });
    }
  }

  async #answer(id: string, sdp: string): Promise<void> {
    const attempt = this.#attempt;
    if (!attempt?.line || attempt.number !== this.#number(id)) return;
    attempt.hush();
    this.handle({ on: "answered", peer: attempt.number });
    try {
      await attempt.line.answer(sdp);
    } catch (error) {
      console.warn("[ipyavatar] the answer was not understood", error);
      this.handle({ on: "lost", peer: attempt.number });
    }
  }

  #text(data: string): void {
    let content: unknown;
    try {
      content = JSON.parse(data);
    } catch {
      console.warn("[ipyavatar] the host sent something that is not JSON");
      return;
    }
    if (!isMessage(content)) return;
    this.handleMessage(content);
    this.#out.message(content);
  }

  #id(number: number): string {
    return `${this.#around.page}.${number}`;
  }

  #number(id: string): number {
    return Number(id.slice(id.lastIndexOf(".") + 1));
  }

  #end(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#close(true);
  }
}
