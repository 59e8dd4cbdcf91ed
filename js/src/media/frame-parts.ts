// What plays frames: the browser's part of it, which tests replace.

import type { Decoders, Picture } from "./decoders";

/** Shows pictures. */
export interface Screen {
  readonly track: MediaStreamTrack;
  readonly width: number;
  readonly height: number;
  show(picture: Picture): void;
  /** Shows the last one again: a view that comes later has seen none. */
  repeat(): void;
  close(): void;
}

/** Plays sound. */
export interface Speaker {
  readonly track: MediaStreamTrack;
  /** The browser plays; it waits for the user's first click else. */
  readonly running: boolean;
  /**
   * Plays these samples in `inMs`, behind what plays; `late`: before the end of that, in a hole. Returns by how many
   * milliseconds later it is than that, since what plays is not over by then.
   */
  play(samples: Float32Array<ArrayBuffer>, inMs: number, late: boolean): number;
  /** Drops what has not been played. */
  silence(): void;
  close(): void;
}

export interface FrameParts {
  readonly screen: Screen;
  readonly speaker: Speaker;
  readonly decoders: Decoders;
}
