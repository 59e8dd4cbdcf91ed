// The user's microphone, as far as every page has it: its code comes once Python listens.

import type { Clock } from "../clock";
import { askForBundle, loadBundle } from "../connection/bundles";
import type { Connection } from "../connection/connection";
import type { Microphone } from "../microphone-bundle/index";
import type { Bridge } from "../model/bridge";
import type { ListeningUpdate, ToPage } from "../model/messages";
import type { PageState } from "./page-state";
import type { Store } from "./store";

/** What the microphone needs of its model. */
export interface MicrophonePort {
  readonly bridge: Bridge;
  readonly clock: Clock;
  readonly connection: Connection;
  readonly page: string;
  readonly store: Store<PageState>;
}

/** A part of a view that shows it: the picture, with a lamp, or the text box, with the button. */
export interface MicrophonePlace {
  readonly kind: "stage" | "composer";
  readonly element: HTMLElement;
  readonly signal: AbortSignal;
}

export class Hearing {
  readonly #port: MicrophonePort;
  readonly #signal: AbortSignal;
  readonly #places = new Set<MicrophonePlace>();
  #microphone: Microphone | null = null;
  #latest: ListeningUpdate | null = null;
  #loading = false;

  constructor(port: MicrophonePort, signal: AbortSignal) {
    this.#port = port;
    this.#signal = signal;
  }

  attach(place: MicrophonePlace): void {
    this.#places.add(place);
    place.signal.addEventListener("abort", () => this.#places.delete(place), { once: true });
    this.#microphone?.attach(place);
  }

  /** Python has said something. */
  take(message: ToPage): void {
    this.#microphone?.take(message);
    if (message.type !== "listening" || this.#microphone) return;
    if (message.at > (this.#latest?.at ?? 0)) this.#latest = message;
    if (message.mode !== "off" && !this.#loading) void this.#load();
  }

  async #load(): Promise<void> {
    this.#loading = true;
    const { bridge, clock } = this.#port;
    askForBundle("microphone", clock, (wish) => bridge.send(wish), this.#signal);
    try {
      const code = await loadBundle("microphone", this.#signal);
      if (!code || this.#signal.aborted) return;
      this.#microphone = code.createMicrophone(this.#port, this.#signal);
      if (this.#latest) this.#microphone.take(this.#latest);
      for (const place of this.#places) this.#microphone.attach(place);
    } catch (error) {
      console.warn("[ipyavatar] the microphone's code could not be loaded", error);
    }
    this.#loading = false;
  }
}
