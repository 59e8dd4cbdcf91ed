// Carries out what `connection-state.ts` decides: timers, hellos, peer connections.

import type { Clock } from "./clock";
import { type Effect, type Event, initial, type Link, step, type Timer } from "./connection-state";
import { type Bridge, isMessage } from "./model";
import type { FromPage, StatusName, ToPage } from "./page";
import { PROTOCOL } from "./page";
import { connectPeer, preparePeer, type PeerFactory, type PreparedPeer } from "./peer";

/** A peer made in advance and not used by then is closed: most models of a page are never shown. */
const PREPARED_MS = 5_000;

/** An offer is sent again after this long without an answer, and then after twice as long. */
const OFFER_AGAIN_MS = 400;
const OFFER_LAST_MS = 6_400;

export interface Outlets {
  /** The state has changed. */
  link(link: Link): void;
  /** A message of the host, over the data channel. */
  message(message: ToPage): void;
  /** A track of the present peer; all tracks of former ones are over. */
  track(track: MediaStreamTrack): void;
  /** A new attempt begins: forget the former tracks. */
  fresh(): void;
  /** The data channel is open. */
  opened(): void;
}

export interface Surroundings {
  bridge: Bridge;
  clock: Clock;
  createPeer: PeerFactory | null;
  page: string;
}

interface Attempt {
  readonly number: number;
  readonly peer: PreparedPeer;
  readonly controller: AbortController;
}

export class Connection {
  #link: Link;
  #attempt: Attempt | null = null;
  #prepared: PreparedPeer | null = null;
  readonly #timers = new Map<Timer, () => void>();
  readonly #around: Surroundings;
  readonly #out: Outlets;
  readonly #signal: AbortSignal;

  constructor(around: Surroundings, session: StatusName, out: Outlets, signal: AbortSignal) {
    this.#around = around;
    this.#out = out;
    this.#signal = signal;
    this.#link = initial(session);
    signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  get link(): Link {
    return this.#link;
  }

  get pc(): RTCPeerConnection | null {
    return this.#attempt?.peer.pc ?? null;
  }

  /** Says hello, and readies a peer so that the first view need not wait for it. */
  start(): void {
    this.handle({ on: "loaded", supported: this.#around.createPeer !== null });
    this.#prepare();
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
    switch (message.type) {
      case "welcome":
        this.handle({ on: "welcome", epoch: message.epoch, protocol: message.protocol });
        return true;
      case "answer":
        if (message.page === this.#around.page) void this.#answer(message.peer, message.sdp);
        return true;
      case "refused": {
        const { what, fix, peer } = message;
        if (message.page === this.#around.page) {
          this.handle({ on: "refused", peer: this.#number(peer), problem: { what, fix } });
        }
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
    const channel = this.#attempt?.peer.channel;
    if (channel?.readyState === "open") channel.send(JSON.stringify(message));
    else this.#around.bridge.send(message);
  }

  get channelOpen(): boolean {
    return this.#attempt?.peer.channel.readyState === "open";
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

  #prepare(): void {
    const { createPeer, clock } = this.#around;
    if (!createPeer) return;
    try {
      const prepared = preparePeer(createPeer);
      this.#prepared = prepared;
      const cancel = clock.after(PREPARED_MS, () => this.#discard(prepared));
      this.#signal.addEventListener("abort", cancel, { once: true });
    } catch {
      // It will be tried again, and reported, when a view needs it.
      this.#prepared = null;
    }
  }

  #discard(prepared: PreparedPeer): void {
    if (this.#prepared !== prepared) return;
    this.#prepared = null;
    prepared.pc.close();
  }

  #open(number: number): void {
    const { createPeer } = this.#around;
    if (!createPeer) return;
    const controller = new AbortController();
    let peer: PreparedPeer;
    try {
      peer = this.#prepared ?? preparePeer(createPeer);
    } catch {
      queueMicrotask(() => this.handle({ on: "lost", peer: number }));
      return;
    }
    this.#prepared = null;
    this.#attempt = { number, peer, controller };
    this.#out.fresh();
    const lost = (): void => this.handle({ on: "lost", peer: number });
    connectPeer(peer, {
      offer: (sdp) => this.#offer(number, sdp, OFFER_AGAIN_MS, controller.signal),
      track: (track) => this.#out.track(track),
      state: (state) => {
        if (state === "connected") this.handle({ on: "connected", peer: number });
        else if (state === "disconnected") this.handle({ on: "wobbling", peer: number });
        else if (state === "failed" || state === "closed") lost();
      },
      candidate: () => this.handle({ on: "candidate", peer: number }),
      opened: () => this.#out.opened(),
      closed: lost,
      text: (data) => this.#text(data),
      failed: lost,
    }, controller.signal);
  }

  /**
   * Sends the offer, and again until there is an answer; Python answers the first that arrives.
   *
   * JupyterLab makes the subshell that hears us while a cell runs only when the first widget is
   * there: what is sent before that waits for the cell to end.
   */
  #offer(number: number, sdp: string, waitMs: number, signal: AbortSignal): void {
    const { bridge, clock, page } = this.#around;
    if (signal.aborted || this.#link.phase !== "offering") return;
    bridge.send({ type: "offer", page, peer: this.#id(number), sdp });
    if (waitMs > OFFER_LAST_MS) return;
    const cancel = clock.after(waitMs, () => this.#offer(number, sdp, waitMs * 2, signal));
    signal.addEventListener("abort", cancel, { once: true });
  }

  #close(hangup: boolean): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    this.#attempt = null;
    attempt.controller.abort();
    if (hangup) {
      const peer = this.#id(attempt.number);
      this.#around.bridge.send({ type: "hangup", page: this.#around.page, peer });
    }
  }

  async #answer(id: string, sdp: string): Promise<void> {
    const attempt = this.#attempt;
    if (!attempt || attempt.number !== this.#number(id)) return;
    if (attempt.peer.pc.signalingState !== "have-local-offer") return;
    this.handle({ on: "answered", peer: attempt.number });
    try {
      await attempt.peer.pc.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      console.warn("[ipyavatar] the host's answer was not understood", error);
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
    if (this.#prepared) this.#discard(this.#prepared);
    this.#close(true);
  }
}
