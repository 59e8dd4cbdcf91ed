// A browser's decoders, screen and speaker, and frames as Python sends them.

import { storeBundle } from "../../src/connection/bundles";
import { open } from "../../src/frames-bundle/index";
import type { Decoders } from "../../src/media/decoders";
import type { FrameParts, Screen, Speaker } from "../../src/media/frame-parts";
import { FramePlayer } from "../../src/media/frame-player";
import type { Frames, MediaFrame } from "../../src/model/messages";
import type { FakeClock } from "./fakes";

storeBundle("frames", new DataView(new ArrayBuffer(1)), async () => ({ open }));

/** What a page without a browser shows and plays. `shown` are media times. */
export class FakeMedia {
  /** When a picture was shown, and what its first byte was. */
  readonly shown: Array<{ at: number; first: number }> = [];
  readonly played: Array<{ at: number; inMs: number; late: boolean; level: number }> = [];
  readonly open = new Set(["screen", "speaker"]);
  decoders = 0;
  plain = false;
  repeats = 0;
  silenced = 0;
  /** How far what plays is behind what is to play. */
  behindMs = 0;
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
      show: (shown) => this.shown.push({ at: clock.now(), first: (shown as ImageBitmap).width }),
      repeat: () => {
        this.repeats += 1;
      },
      close: () => this.open.delete("screen"),
    };
    const speaker: Speaker = {
      track: { kind: "audio" } as MediaStreamTrack,
      running: true,
      play: ([level = 0], inMs, late) => {
        this.played.push({ at: clock.now(), inMs, late, level });
        return this.behindMs;
      },
      silence: () => {
        this.silenced += 1;
      },
      close: () => this.open.delete("speaker"),
    };
    return { screen, speaker, decoders: this.#decoders };
  }

  /** Decode at once what they are given; 0xff is what they cannot. */
  get #decoders(): Decoders {
    const isBad = ([first]: Uint8Array): boolean => first === 0xff;
    const close = (): void => undefined;
    return {
      plain: this.plain,
      makePictureDecoder: (onPicture, onError) => {
        this.decoders += 1;
        const show = ([width = 0]: Uint8Array, atMs: number) => onPicture({ width, close } as ImageBitmap, atMs);
        return { close, decode: (data, _, atMs) => (isBad(data) ? onError("garbage", false) : show(data, atMs)) };
      },
      makeSoundDecoder: (onSamples, onError) => ({
        close,
        decode: (data, atMs) =>
          isBad(data) ? onError("garbage", false) : onSamples(new Float32Array(960).fill(this.level), atMs),
      }),
    };
  }

  player(onBroken: (error: unknown) => void = () => undefined): FramePlayer {
    return new FramePlayer(this.parts, this.#clock, onBroken);
  }
}

export const bytes = (first: number): DataView => new DataView(Uint8Array.of(first, 2, 3).buffer);
export const GOOD = bytes(1);
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
  clockMs: frames[0]?.atMs ?? 0,
  flushes: 0,
  resting: false,
  echoMs: null,
  ...more,
});
