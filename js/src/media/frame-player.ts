// Decodes frames that come in messages, and plays them in time: the picture follows the sound.

import type { Clock } from "../clock";
import type { MediaFrame } from "../model/messages";
import type { Bytes, PictureDecoder, SoundDecoder } from "./decoders";
import type { FrameParts } from "./frame-parts";
import { HeldCaptions } from "./held-captions";
import { PlayoutClock } from "./playout-clock";

const SAMPLE_RATE = 48_000;
/** The energy of 20 ms that are not heard beside a voice: 50 dB below the loudest. */
const QUIET = 2e-7;
/** A picture never waits for longer: the clocks of the two would not belong together. */
const LONGEST_WAIT_MS = 1_000;
/** Pictures that came after so long were not missed. */
const PAUSED_MS = 5_000;
/** A stream of another kind stands up to so long before this one; it may be ahead by what sound is held here. */
const BEHIND_MS = 80;
/** Pictures that wait for their time; more are shown at once. */
const MOST_PICTURES = 60;
/** Packets of sound that are remembered: what comes twice is heard once. */
const REMEMBERED = 200;

/** What was played so far. */
export interface FrameCounters {
  decoded: number;
  dropped: number;
  freezes: number;
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
    freezes: 0,
    energy: 0,
    soundSeconds: 0,
    heldSeconds: 0,
    samples: 0,
  };
  readonly captions: HeldCaptions;
  readonly #parts: FrameParts;
  readonly #clock: Clock;
  readonly #onBroken: (error: unknown) => void;
  readonly #playout = new PlayoutClock();
  #video: PictureDecoder | null = null;
  #audio: SoundDecoder | null = null;
  /** Media times of the sound that has come. */
  readonly #heard = new Set<number>();
  /** The media's clock when the latest batch was sent. */
  #mediaMs = 0;
  #keyNeeded = true;
  #waiting: Waiting[] = [];
  /** When the sound ends that has come. */
  #soundUntil = -Infinity;
  /** When what is no silence is heard: from, and to. */
  #loud: Array<readonly [number, number]> = [];
  #offsets = { ms: 0, count: 0 };
  #shownAt = -Infinity;
  /** How long a picture is shown, on average. */
  #usualMs = 40;
  #cancelTimer = (): void => undefined;
  #closed = false;

  /** `onBroken`: the browser cannot decode what came. */
  constructor(parts: FrameParts, clock: Clock, onBroken: (error: unknown) => void) {
    this.#parts = parts;
    this.#clock = clock;
    this.#onBroken = onBroken;
    this.captions = new HeldCaptions(clock, (atMs) => this.#playout.dueAt(atMs));
  }

  /** Nothing can be shown before a picture that stands by itself comes. */
  get keyNeeded(): boolean {
    return this.#keyNeeded && !this.#waiting.some(({ frame }) => frame.key);
  }

  /** It needs frames that take no decoding. */
  get plain(): boolean {
    return this.#parts.decoders.plain;
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

  /** When the sound ends that has come. */
  get soundUntil(): number {
    return this.#soundUntil;
  }

  /** Nothing is heard just now: what another stream brings in place of this is neither lost nor heard twice. */
  get quiet(): boolean {
    const now = this.#clock.now();
    this.#loud = this.#loud.filter(([, to]) => to > now - BEHIND_MS);
    return this.#loud.every(([from]) => from > now + this.soundHeldMs);
  }

  /** `clockMs`: the media's clock when it was sent. */
  take(frame: MediaFrame, data: DataView, clockMs: number): void {
    if (this.#closed) return;
    this.#mediaMs = clockMs;
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
    this.#soundUntil = -Infinity;
    this.#loud = [];
    this.#heard.clear();
    // What it has not yet given out is not wanted.
    this.#dropSoundDecoder();
  }

  /** How long after their sound pictures were shown since it was asked for last, on average; null without any. */
  takeOffsetMs(): number | null {
    const { ms, count } = this.#offsets;
    this.#offsets = { ms: 0, count: 0 };
    return count > 0 ? ms / count : null;
  }

  /** No picture follows for now. */
  rest(): void {
    this.#shownAt = -Infinity;
  }

  /** Shows the last picture again. */
  repeat(): void {
    if (this.counters.decoded > 0) this.#parts.screen.repeat();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
    this.#video?.close();
    this.#dropSoundDecoder();
    this.captions.close();
    this.#parts.screen.close();
    this.#parts.speaker.close();
  }

  // ---- sound ------------------------------------------------------------------------------------

  #decodeSound({ atMs }: MediaFrame, data: DataView): void {
    if (this.#heard.has(atMs)) return;
    this.#heard.add(atMs);
    const [oldest = atMs] = this.#heard;
    if (this.#heard.size > REMEMBERED) this.#heard.delete(oldest);
    try {
      this.#audio ??= this.#makeSoundDecoder();
      this.#audio.decode(bytesOf(data), atMs);
    } catch {
      this.#dropSoundDecoder();
    }
  }

  #makeSoundDecoder(): SoundDecoder {
    const decoder = this.#parts.decoders.makeSoundDecoder(
      (samples, atMs) => {
        if (decoder === this.#audio) this.#playSound(samples, atMs);
      },
      (error, lasting) => {
        if (lasting) this.#onBroken(error);
        // Else it was this packet: the next one gets another decoder.
        else if (decoder === this.#audio) this.#dropSoundDecoder();
      },
    );
    return decoder;
  }

  #dropSoundDecoder(): void {
    this.#audio?.close();
    this.#audio = null;
  }

  #playSound(samples: Float32Array<ArrayBuffer>, atMs: number): void {
    const { speaker } = this.#parts;
    const now = this.#clock.now();
    const late = this.#playout.isBehind(atMs);
    const ms = (samples.length / SAMPLE_RATE) * 1000;
    const energy = samples.reduce((sum, sample) => sum + sample * sample, 0) / SAMPLE_RATE;
    const quiet = energy < QUIET;
    const at = this.#playout.place(atMs, this.#mediaMs, now, { ms, quiet });
    if (at === null) return;
    if (!quiet) this.#loud.push([at, at + ms]);
    this.#soundUntil = Math.max(this.#soundUntil, at);
    this.#playout.delay(speaker.play(samples, at - now, late));
    this.#countSound(samples.length, speaker.running ? energy : null);
    this.#showDue();
    this.captions.look();
  }

  /** `energy`: of what is heard; null where nothing is. */
  #countSound(samples: number, energy: number | null): void {
    const { counters } = this;
    counters.samples += samples;
    counters.heldSeconds += (this.soundHeldMs / 1000) * samples;
    if (energy === null) return;
    counters.soundSeconds += samples / SAMPLE_RATE;
    counters.energy += energy;
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

  #decodePicture({ key, atMs }: MediaFrame, data: DataView): void {
    if (this.#keyNeeded && !key) {
      this.counters.dropped += 1;
      return;
    }
    try {
      this.#video ??= this.#makePictureDecoder();
      this.#keyNeeded = false;
      this.#video.decode(bytesOf(data), key, atMs);
    } catch {
      this.#dropDecoder();
    }
  }

  #makePictureDecoder(): PictureDecoder {
    const decoder = this.#parts.decoders.makePictureDecoder(
      (picture, atMs) => {
        if (!this.#closed) {
          this.#parts.screen.show(picture);
          this.counters.decoded += 1;
          this.#noteShown(atMs);
        }
        picture.close();
      },
      (error, lasting) => {
        if (lasting) this.#onBroken(error);
        else if (decoder === this.#video) this.#dropDecoder();
      },
    );
    return decoder;
  }

  /** How long it was since the one before, and, while there is sound, how long after its sound it is shown. */
  #noteShown(atMs: number): void {
    const now = this.#clock.now();
    const stillMs = now - this.#shownAt;
    this.#shownAt = now;
    if (stillMs < PAUSED_MS) {
      // As browsers count them (W3C, Identifiers for WebRTC's Statistics API).
      if (stillMs > Math.max(3 * this.#usualMs, this.#usualMs + 150)) this.counters.freezes += 1;
      this.#usualMs += (stillMs - this.#usualMs) / 30;
    }
    const dueAt = this.#playout.dueAt(atMs);
    if (dueAt === null || now >= this.#soundUntil) return;
    this.#offsets.ms += now - dueAt;
    this.#offsets.count += 1;
  }

  /** Something it could not decode: the next picture that stands by itself gets another decoder. */
  #dropDecoder(): void {
    this.#video?.close();
    this.#video = null;
    this.#keyNeeded = true;
    this.counters.dropped += 1;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Bytes {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
