// Mute and volume, which the user moves here and in Python.

import type { Clock } from "../clock";
import type { Bridge } from "../model/bridge";
import { EchoFilter } from "../model/echo-filter";

export interface Sound {
  readonly muted: boolean;
  readonly volume: number;
}

export class SoundSetting {
  readonly #echoes: EchoFilter<Sound>;
  readonly #apply: (sound: Sound) => void;

  /**
   * `apply` is called with what is set from now on, here or in Python. What another page has set is its own affair:
   * two people may look at one notebook.
   */
  constructor(bridge: Bridge, clock: Clock, page: string, apply: (sound: Sound) => void, signal: AbortSignal) {
    this.#apply = apply;
    this.#echoes = new EchoFilter(clock, (one, other) => one.muted === other.muted && one.volume === other.volume);
    const onTrait = (): void => {
      const by = bridge.get("_sound_page");
      if (by !== "" && by !== page) return;
      const sound = { muted: bridge.get("muted"), volume: bridge.get("volume") };
      if (!this.#echoes.isEcho(sound)) apply(sound);
    };
    bridge.onChange(["muted", "volume", "_sound_page"], onTrait, signal);
  }

  /** The user has moved it in this page, and Python is told. */
  set(sound: Sound): void {
    this.#apply(sound);
    this.#echoes.recordSent(sound);
  }
}
