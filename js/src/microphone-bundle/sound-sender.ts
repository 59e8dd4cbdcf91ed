// The microphone's sound by widget messages.

import type { Clock } from "../clock";
import type { Bridge } from "../model/bridge";
import { type Tap, tapTrack } from "./capture";
import { PIECE_MS, PieceCutter, PieceWindow } from "./pieces";

export interface SoundSenderOptions {
  readonly bridge: Bridge;
  readonly clock: Clock;
  readonly page: string;
  /** Whether what is sent arrives. */
  readonly onDeaf: (deaf: boolean) => void;
  /** Takes the track's samples. */
  readonly tap?: typeof tapTrack;
}

export class SoundSender {
  readonly #options: SoundSenderOptions;
  readonly #window: PieceWindow;
  #rate = 0;
  #tap: Tap | null = null;
  #cutter: PieceCutter | null = null;
  #closed = false;

  constructor(options: SoundSenderOptions) {
    const { bridge, clock, page } = options;
    this.#options = options;
    this.#window = new PieceWindow(
      ({ number, samples }) =>
        bridge.send({ type: "microphone-sound", page, number, rate: this.#rate }, [samples.buffer]),
      () => clock.now(),
    );
  }

  async start(track: MediaStreamTrack): Promise<void> {
    try {
      const tap = await (this.#options.tap ?? tapTrack)(track, (samples) => this.#add(samples));
      if (this.#closed) tap.close();
      else this.#begin(tap);
    } catch (error) {
      console.warn("[ipyavatar] the microphone's sound cannot be taken", error);
      this.#options.onDeaf(true);
    }
  }

  /** Python has the piece of this number. */
  take(number: number): void {
    this.#window.take(number);
  }

  /** Sends what is left. */
  close(): void {
    this.#closed = true;
    this.#cutter?.flush();
    this.#cutter = null;
    this.#tap?.close();
  }

  #begin(tap: Tap): void {
    this.#tap = tap;
    this.#rate = tap.rate;
    this.#cutter = new PieceCutter(Math.round((tap.rate * PIECE_MS) / 1000), (samples) => {
      this.#window.add(samples);
      this.#options.onDeaf(this.#window.deaf);
    });
  }

  #add(samples: Float32Array): void {
    this.#cutter?.add(samples);
  }
}
