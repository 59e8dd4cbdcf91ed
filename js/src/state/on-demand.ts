// Parts that a page has only where Python wants them: the microphone once it listens, the recorder once it records.

import { askForBundle, loadBundle } from "../connection/bundles";
import type { ToPage } from "../model/messages";
import type { Part, PartBundle, PartPlace, PartPort } from "./part-port";

type PartName = "microphone" | "recording";

/** Code that has not come by then has got lost each time that it was asked for. */
export const COMES_MS = 30_000;
/** Code that cannot be had is tried again after this, and then after twice as long; and after that with the next message. */
export const TRY_AGAIN_MS = 2_000;
const MOST_TRIES = 3;

export class OnDemand {
  readonly #port: PartPort;
  readonly #signal: AbortSignal;
  readonly #places = new Set<PartPlace>();
  readonly #parts = new Map<PartName, Part>();
  /** What asks for a part whose code is not here. */
  readonly #latest = new Map<PartName, ToPage>();
  readonly #loading = new Set<PartName>();

  constructor(port: PartPort, signal: AbortSignal) {
    this.#port = port;
    this.#signal = signal;
  }

  attach(place: PartPlace): void {
    this.#places.add(place);
    place.signal.addEventListener("abort", () => this.#places.delete(place), { once: true });
    for (const part of this.#parts.values()) part.attach(place);
  }

  /** Python has said something. */
  take(message: ToPage): void {
    for (const part of this.#parts.values()) part.take(message);
    if (message.type === "send-media") this.#want("recording", message);
    // Facts may come in another order than they are.
    if (message.type === "listening" && message.at > this.#listeningAt) this.#want("microphone", message);
  }

  get #listeningAt(): number {
    const latest = this.#latest.get("microphone");
    return latest?.type === "listening" ? latest.at : 0;
  }

  #want(name: PartName, message: ToPage): void {
    this.#latest.set(name, message);
    const off = message.type === "listening" && message.mode === "off";
    if (!off && !this.#parts.has(name) && !this.#loading.has(name)) void this.#load(name);
  }

  async #load(name: PartName, tried = 1): Promise<void> {
    const { bridge, clock } = this.#port;
    if (this.#signal.aborted) return;
    this.#loading.add(name);
    askForBundle(name, clock, (wish) => bridge.send(wish), this.#signal);
    try {
      const code = await loadBundle<PartBundle>(name, this.#signal, { clock, ms: COMES_MS });
      if (this.#signal.aborted) return;
      if (!code) throw new Error(`nothing came within ${COMES_MS} ms`);
      this.#create(name, code);
    } catch (error) {
      console.warn(`[ipyavatar] the code of the ${name} could not be loaded`, error);
      if (tried < MOST_TRIES) {
        clock.after(TRY_AGAIN_MS * 2 ** (tried - 1), () => void this.#load(name, tried + 1));
        return;
      }
    }
    this.#loading.delete(name);
  }

  #create(name: PartName, code: PartBundle): void {
    const part = code.createPart(this.#port, this.#signal);
    this.#parts.set(name, part);
    const latest = this.#latest.get(name);
    if (latest) part.take(latest);
    for (const place of this.#places) part.attach(place);
  }
}
