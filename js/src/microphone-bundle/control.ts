// Carries out what `state.ts` decides: the browser's microphone, the way its sound takes, and what Python is told.

import type { ListeningUpdate, SoundPath, ToPage } from "../model/messages";
import type { PageState } from "../state/page-state";
import type { PartPort } from "../state/part-port";
import { createStore, type Store } from "../state/store";
import type { AvatarStream } from "../streams/stream";
import { openMicrophone } from "./capture";
import { DROPPED, explain, explainRefusal, findObstacle, type Scope, UNPLUGGED } from "./problems";
import { SoundSender } from "./sound-sender";
import { type MicrophoneEffect, type MicrophoneEvent, OFF, reduce } from "./state";
import type { ShownMicrophone } from "./types";

/** The button was let go of: the end of the last word is still on its way. */
export const TAIL_MS = 250;
/** What was understood is shown for so long. */
export const SHOWN_MS = 12_000;

/** When what Python has told became true, by its clock. */
const UNTOLD = { listening: -Infinity, heard: -Infinity };

const NOTHING: ShownMicrophone = {
  mode: "off",
  microphone: OFF,
  usable: false,
  hearing: false,
  heard: null,
  muted: false,
  deaf: false,
  name: "",
};

export class MicrophoneControl {
  readonly shown: Store<ShownMicrophone> = createStore(NOTHING);
  readonly #port: PartPort;
  readonly #scope: Scope & typeof globalThis;
  #track: MediaStreamTrack | null = null;
  /** Ends what belongs to the track; what the browser answers later is of no use. */
  #open = new AbortController();
  /** The stream that the sound goes by, and how, where that is by messages. */
  #stream: AvatarStream | null = null;
  #sender: SoundSender | null = null;
  /** How Python was told that it is on. */
  #told: { readonly via: SoundPath; readonly direct: boolean } | null = null;
  #cancelTail = (): void => undefined;
  #cancelHeard = (): void => undefined;
  #newest = UNTOLD;
  /** Whether Python has given up this microphone since it was told that it is on. */
  #dropped = false;
  /** The kernel that has told it. */
  #epoch: string | null = null;

  constructor(port: PartPort, scope: typeof globalThis, signal: AbortSignal) {
    this.#port = port;
    this.#scope = scope;
    port.store.subscribe((state) => this.#follow(state), signal);
    // A page that comes back from the browser's cache asks anew.
    scope.addEventListener?.("pagehide", () => this.dispatch({ on: "close" }), { signal });
    signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  dispatch(event: MicrophoneEvent): void {
    const { microphone, mode } = this.shown.get();
    const [next, effects] = reduce(microphone, event, mode === "push_to_talk");
    if (next.is !== "asking" && microphone.is === "asking" && event.on !== "opened") this.#forget();
    this.shown.update({ microphone: next });
    for (const effect of effects) this.#carryOut(effect);
  }

  /** Python has said something. */
  take(message: ToPage): void {
    if (message.type === "microphone-taken" && message.page === this.#port.page) {
      this.#sender?.take(message.number);
    } else if (message.type === "heard" && message.at > this.#newest.heard) {
      this.#newest = { ...this.#newest, heard: message.at };
      this.#cancelHeard();
      this.shown.update({ heard: { text: message.text, reason: message.reason } });
      this.#cancelHeard = this.#port.clock.after(SHOWN_MS, () => this.shown.update({ heard: null }));
    } else if (message.type === "listening" && message.at > this.#newest.listening) {
      this.#newest = { ...this.#newest, listening: message.at };
      // In another way of listening the button means something else.
      if (message.mode !== this.shown.get().mode) this.dispatch({ on: "close" });
      this.shown.update({ mode: message.mode, hearing: message.hearing });
      this.#noteDropped(message);
      this.#follow(this.#port.store.get());
    }
  }

  /** Each time it is given up it is so once: what is told until Python hears that it is on again is no news. */
  #noteDropped(message: ListeningUpdate): void {
    const dropped = message.dropped.includes(this.#port.page);
    if (dropped && !this.#dropped) this.dispatch({ on: "lost", problem: DROPPED });
    this.#dropped = dropped;
  }

  // ---- the session and its stream ---------------------------------------------------------------

  #follow(state: PageState): void {
    this.#noteKernel(state.connection.epoch);
    const usable = this.shown.get().mode !== "off" && canHear(state);
    this.shown.update({ usable, name: state.character });
    if (usable) this.#route();
    else this.dispatch({ on: "close" });
  }

  /** Another kernel listens or not as it says itself, and has another clock. */
  #noteKernel(epoch: string | null): void {
    const another = this.#epoch !== null && epoch !== this.#epoch;
    this.#epoch = epoch;
    if (!another) return;
    this.#newest = UNTOLD;
    this.#dropped = false;
    this.shown.update({ mode: "off", hearing: false, heard: null });
  }

  /** Sends the sound by the stream that carries the avatar now. */
  #route(): void {
    const { connection, store } = this.#port;
    const connected = store.get().connection.stream.phase === "connected";
    const stream = this.#track && connected && this.shown.get().microphone.is === "on" ? connection.stream : null;
    if (stream === this.#stream) {
      // What was told before the data channel was open waits for a kernel that may be busy.
      if (this.#told && !this.#told.direct && connection.hasChannel) this.#tell(this.#told.via);
      return;
    }
    this.#unroute();
    this.#stream = stream;
    if (!stream || !this.#track) return;
    const { signal } = this.#open;
    const onRefused = (why: string): void => {
      if (!signal.aborted) this.dispatch({ on: "lost", problem: explainRefusal(why) });
    };
    if (stream.sendSound(this.#track, onRefused)) this.#tell("track");
    else {
      this.#tell("messages");
      const { bridge, clock, page } = this.#port;
      this.#sender = new SoundSender({ bridge, clock, page, onDeaf: (deaf) => this.shown.update({ deaf }) });
      void this.#sender.start(this.#track);
    }
  }

  #unroute(): void {
    this.#stream?.sendSound(null);
    this.#sender?.close();
    this.#stream = this.#sender = this.#told = null;
  }

  #tell(via: SoundPath): void {
    this.#told = { via, direct: this.#port.connection.hasChannel || via === "messages" };
    this.#port.connection.send({ type: "microphone", page: this.#port.page, state: "on", via });
  }

  // ---- what the state wants ---------------------------------------------------------------------

  #carryOut(effect: MicrophoneEffect): void {
    const { connection, page, clock } = this.#port;
    const { microphone } = this.shown.get();
    this.#cancelTail();
    switch (effect) {
      case "open":
        void this.#ask();
        break;
      case "close":
        this.#forget();
        break;
      case "tell-on":
        this.#route();
        break;
      case "tell-off":
        connection.send({ type: "microphone", page, state: "off" });
        break;
      case "tell-failed":
        if (microphone.is === "failed") {
          connection.send({ type: "microphone", page, state: "failed", ...microphone.problem });
        }
        break;
      case "wait":
        this.#cancelTail = clock.after(TAIL_MS, () => this.dispatch({ on: "sent" }));
        break;
    }
  }

  /** Has the browser open it, which asks its user the first time. */
  async #ask(): Promise<void> {
    const { signal } = this.#open;
    const obstacle = findObstacle(this.#scope);
    if (obstacle) {
      this.dispatch({ on: "refused", problem: obstacle });
      return;
    }
    let track: MediaStreamTrack;
    try {
      track = await openMicrophone(this.#scope.navigator.mediaDevices);
    } catch (error) {
      if (!signal.aborted) this.dispatch({ on: "refused", problem: explain(error, this.#scope) });
      return;
    }
    signal.addEventListener("abort", () => track.stop(), { once: true });
    if (signal.aborted) {
      track.stop();
      return;
    }
    this.#track = track;
    track.addEventListener("ended", () => this.dispatch({ on: "lost", problem: UNPLUGGED }), { signal });
    const showMuted = (): void => this.shown.update({ muted: track.muted });
    for (const change of ["mute", "unmute"]) track.addEventListener(change, showMuted, { signal });
    showMuted();
    this.dispatch({ on: "opened" });
  }

  /** Stops the track, or what is to bring one. */
  #forget(): void {
    this.#unroute();
    this.#open.abort();
    this.#open = new AbortController();
    this.#track = null;
    this.shown.update({ hearing: false, muted: false, deaf: false });
  }

  #end(): void {
    this.dispatch({ on: "close" });
    this.#cancelTail();
    this.#cancelHeard();
  }
}

/** Whether there is a session that can hear, shown in this page. */
function canHear({ status, connection }: PageState): boolean {
  const { kernel, stream, views } = connection;
  const over = stream.phase === "unsupported" || stream.phase === "stuck" || stream.phase === "ended";
  return (status === "live" || status === "reconnecting") && views > 0 && kernel.is !== "gone" && !over;
}
