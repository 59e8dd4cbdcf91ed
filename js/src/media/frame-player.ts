// Decodes frames that come in messages, and plays them in time: the picture follows the sound.

import type { Clock } from "../clock";
import type { MediaFrame } from "../model/messages";
import type { Screen, Speaker } from "./frame-output";
import { PlayoutClock } from "./playout-clock";

const VIDEO: VideoDecoderConfig = { codec: "vp8", optimizeForLatency: true };
const AUDIO: AudioDecoderConfig = { codec: "opus", sampleRate: 48_000, numberOfChannels: 1 };
const UNSUPPORTED = "NotSupportedError";
/** A picture never waits for longer: the clocks of the two would not belong together. */
const LONGEST_WAIT_MS = 1_000;
/** Pictures that wait for their time; more are shown at once. */
const MOST_PICTURES = 60;

/** The browser's part, which tests replace. */
export interface FrameParts {
  readonly screen: Screen;
  readonly speaker: Speaker;
  createVideoDecoder(init: VideoDecoderInit): VideoDecoder;
  createAudioDecoder(init: AudioDecoderInit): AudioDecoder;
}

/** What was played so far. */
export interface FrameCounters {
  decoded: number;
  dropped: number;
  energy: number;
  soundSeconds: number;
  heldSeconds: number;
  samples: number;
}

interface Waiting {
  readonly frame: MediaFrame;
  readonly data: DataView;
}

export class FramePlayer {
  readonly counters: FrameCounters = {
    decoded: 0,
    dropped: 0,
    energy: 0,
    soundSeconds: 0,
    heldSeconds: 0,
    samples: 0,
  };
  readonly #parts: FrameParts;
  readonly #clock: Clock;
  readonly #onBroken: (error: unknown) => void;
  readonly #playout = new PlayoutClock();
  #video: VideoDecoder | null = null;
  #audio: AudioDecoder | null = null;
  #keyNeeded = true;
  #waiting: Waiting[] = [];
  #cancelTimer = (): void => undefined;
  #closed = false;

  /** `onBroken`: the browser cannot decode what came. */
  constructor(parts: FrameParts, clock: Clock, onBroken: (error: unknown) => void) {
    this.#parts = parts;
    this.#clock = clock;
    this.#onBroken = onBroken;
  }

  /** Nothing can be shown before a picture that stands by itself comes. */
  get keyNeeded(): boolean {
    return this.#keyNeeded && !this.#waiting.some(({ frame }) => frame.key);
  }

  get tracks(): MediaStreamTrack[] {
    return [this.#parts.screen.track, this.#parts.speaker.track];
  }

  get size(): { width: number; height: number } {
    return this.#parts.screen;
  }

  /** For how long sound is held before it is heard. */
  get soundHeldMs(): number {
    return this.#playout.targetMs;
  }

  take(frame: MediaFrame, data: DataView): void {
    if (this.#closed) return;
    if (frame.kind === "sound") this.#decodeSound(frame, data);
    else {
      this.#waiting.push({ frame, data });
      this.#showDue();
    }
  }

  /** Frames are missing: no picture can be decoded before the next that stands by itself. */
  skipToKey(): void {
    // What came before the hole can be shown.
    for (const { frame, data } of this.#takeWaiting()) this.#decodePicture(frame, data);
    this.#keyNeeded = true;
  }

  /** Drops the sound that was not played. */
  flush(): void {
    this.#parts.speaker.silence();
    this.#playout.restart();
    if (this.#audio?.state === "configured") {
      this.#audio.reset();
      this.#audio.configure(AUDIO);
    }
  }

  /** Shows the last picture again. */
  repeat(): void {
    if (this.counters.decoded > 0) this.#parts.screen.repeat();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
    for (const decoder of [this.#video, this.#audio]) if (decoder && decoder.state !== "closed") decoder.close();
    this.#parts.screen.close();
    this.#parts.speaker.close();
  }

  // ---- sound ------------------------------------------------------------------------------------

  #decodeSound({ atMs }: MediaFrame, data: DataView): void {
    try {
      if (this.#audio === null || this.#audio.state === "closed") this.#audio = this.#makeAudioDecoder();
      this.#audio.decode(new EncodedAudioChunk({ type: "key", timestamp: atMs * 1000, data: bytesOf(data) }));
    } catch {
      this.#audio = null;
    }
  }

  #makeAudioDecoder(): AudioDecoder {
    const decoder = this.#parts.createAudioDecoder({
      output: (sound) => this.#playSound(sound),
      error: (error) => {
        if (error.name === UNSUPPORTED) this.#onBroken(error);
        // Else it was this packet: the next one gets another decoder.
        else this.#audio = null;
      },
    });
    decoder.configure(AUDIO);
    return decoder;
  }

  #playSound(sound: AudioData): void {
    const samples = new Float32Array(sound.numberOfFrames);
    sound.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
    const atMs = sound.timestamp / 1000;
    sound.close();
    if (this.#closed) return;
    const { speaker } = this.#parts;
    const now = this.#clock.now();
    const inMs = this.#playout.place(atMs, now) - now;
    speaker.play(samples, inMs);
    this.#countSound(samples, inMs, speaker.running);
    this.#showDue();
  }

  #countSound(samples: Float32Array, inMs: number, heard: boolean): void {
    const { counters } = this;
    counters.samples += samples.length;
    counters.heldSeconds += (inMs / 1000) * samples.length;
    if (!heard) return;
    const seconds = samples.length / AUDIO.sampleRate;
    counters.soundSeconds += seconds;
    counters.energy += samples.reduce((sum, sample) => sum + sample * sample, 0) / AUDIO.sampleRate;
  }

  // ---- pictures ---------------------------------------------------------------------------------

  /** Shows what is due, and waits for what is not; one behind the other, for each needs those before. */
  #showDue(): void {
    this.#cancelTimer();
    for (let [next] = this.#waiting; next; [next] = this.#waiting) {
      const waitMs = this.#waitMs(next.frame.atMs);
      if (waitMs > 0 && this.#waiting.length <= MOST_PICTURES) {
        this.#cancelTimer = this.#clock.after(waitMs, () => this.#showDue());
        return;
      }
      this.#waiting.shift();
      this.#decodePicture(next.frame, next.data);
    }
  }

  #waitMs(atMs: number): number {
    const dueAt = this.#playout.dueAt(atMs);
    const waitMs = dueAt === null ? 0 : dueAt - this.#clock.now();
    return waitMs > LONGEST_WAIT_MS ? 0 : waitMs;
  }

  #takeWaiting(): Waiting[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#cancelTimer();
    return waiting;
  }

  #decodePicture({ atMs, key }: MediaFrame, data: DataView): void {
    if (this.#keyNeeded && !key) {
      this.counters.dropped += 1;
      return;
    }
    try {
      if (this.#video === null || this.#video.state === "closed") this.#video = this.#makeVideoDecoder();
      const type = key ? "key" : "delta";
      this.#keyNeeded = false;
      this.#video.decode(new EncodedVideoChunk({ type, timestamp: atMs * 1000, data: bytesOf(data) }));
    } catch {
      this.#dropDecoder();
    }
  }

  #makeVideoDecoder(): VideoDecoder {
    const decoder = this.#parts.createVideoDecoder({
      output: (picture) => {
        if (!this.#closed) {
          this.#parts.screen.show(picture);
          this.counters.decoded += 1;
        }
        picture.close();
      },
      error: (error) => {
        if (error.name === UNSUPPORTED) this.#onBroken(error);
        else this.#dropDecoder();
      },
    });
    decoder.configure(VIDEO);
    return decoder;
  }

  /** Something it could not decode: the next picture that stands by itself gets another decoder. */
  #dropDecoder(): void {
    if (this.#video && this.#video.state !== "closed") this.#video.close();
    this.#video = null;
    this.#keyNeeded = true;
    this.counters.dropped += 1;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
