// A browser's decoders, screen and speaker, and frames as Python sends them.

import type { Screen, Speaker } from "../../src/media/frame-output";
import { type FrameParts, FramePlayer } from "../../src/media/frame-player";
import type { Frames, MediaFrame } from "../../src/model/messages";
import type { FakeClock } from "./fakes";

interface Chunk {
  readonly type: "key" | "delta";
  readonly timestamp: number;
  readonly data: Uint8Array;
}

class FakeChunk implements Chunk {
  readonly type!: "key" | "delta";
  readonly timestamp!: number;
  readonly data!: Uint8Array;
  constructor(init: Chunk) {
    Object.assign(this, init);
  }
}
Object.assign(globalThis, { EncodedAudioChunk: FakeChunk, EncodedVideoChunk: FakeChunk });

/** Decodes at once what it is given; 0xff is what it cannot. */
class FakeDecoder {
  state = "unconfigured";
  constructor(
    readonly init: { output: (decoded: never) => void; error: (error: DOMException) => void },
    readonly make: (chunk: Chunk) => unknown,
  ) {}
  configure(): void {
    this.state = "configured";
  }
  reset(): void {
    this.state = "unconfigured";
  }
  close(): void {
    this.state = "closed";
  }
  decode(chunk: Chunk): void {
    if (chunk.data[0] === 0xff) this.init.error({ name: "EncodingError" } as DOMException);
    else this.init.output(this.make(chunk) as never);
  }
}

/** What a page without a browser shows and plays. `shown` are media times. */
export class FakeMedia {
  readonly shown: Array<{ at: number; atMs: number }> = [];
  readonly played: Array<{ at: number; inMs: number }> = [];
  readonly open = new Set(["screen", "speaker"]);
  decoders = 0;
  repeats = 0;
  silenced = 0;
  level = 0.5;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  get parts(): FrameParts {
    const clock = this.#clock;
    const screen: Screen = {
      track: { kind: "video" } as MediaStreamTrack,
      width: 854,
      height: 480,
      show: ({ timestamp }) => this.shown.push({ at: clock.now(), atMs: timestamp / 1000 }),
      repeat: () => {
        this.repeats += 1;
      },
      close: () => this.open.delete("screen"),
    };
    const speaker: Speaker = {
      track: { kind: "audio" } as MediaStreamTrack,
      running: true,
      play: (_, inMs) => this.played.push({ at: clock.now(), inMs }),
      silence: () => {
        this.silenced += 1;
      },
      close: () => this.open.delete("speaker"),
    };
    const close = (): void => undefined;
    return {
      screen,
      speaker,
      createVideoDecoder: (init) => {
        this.decoders += 1;
        return new FakeDecoder(init, ({ timestamp }) => ({ timestamp, close })) as unknown as VideoDecoder;
      },
      createAudioDecoder: (init) => {
        const copyTo = (samples: Float32Array): void => void samples.fill(this.level);
        const make = ({ timestamp }: Chunk) => ({ timestamp, numberOfFrames: 960, copyTo, close });
        return new FakeDecoder(init, make) as unknown as AudioDecoder;
      },
    };
  }

  player(onBroken: (error: unknown) => void = () => undefined): FramePlayer {
    return new FramePlayer(this.parts, this.#clock, onBroken);
  }
}

export const GOOD = new DataView(Uint8Array.of(1, 2, 3).buffer);
export const BAD = new DataView(Uint8Array.of(0xff).buffer);

export const sound = (number: number, atMs: number): MediaFrame => ({ kind: "sound", number, atMs, key: true });
export const picture = (number: number, atMs: number, key = false): MediaFrame => ({
  kind: "picture",
  number,
  atMs,
  key,
});
export const batch = (frames: MediaFrame[], more: Partial<Frames> = {}): Frames => ({
  type: "frames",
  page: "p",
  peer: "p.1",
  frames,
  flush: false,
  resting: false,
  ...more,
});
