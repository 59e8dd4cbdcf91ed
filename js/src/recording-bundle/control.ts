// Records what the page plays, with the browser's recorder, and sends it to Python.

import type { FromPage, ToPage } from "../model/messages";
import type { PageState } from "../state/page-state";
import type { PartPort } from "../state/part-port";
import { createStore, type Store } from "../state/store";
import type { ShownRecording } from "./lamp";
import { type Piece, PieceSender } from "./piece-sender";

/** The browser hands out what it has recorded so often. */
export const SLICE_MS = 250;
/** Picture and sound are waited for so long, and then the one that is missing. */
export const PICTURE_WAIT_MS = 20_000;
export const SOUND_WAIT_MS = 3_000;

const TYPES = ["video/webm;codecs=vp8,opus", "video/webm;codecs=vp9,opus", "video/webm", "video/mp4"];
const AUDIO_BITS = 96_000;
const LEAST_VIDEO_BITS = 1_000_000;
/** Per pixel of the picture, in a second: at 720p, 2.3 Mbit. */
const VIDEO_BITS = 2.5;

const RELOAD = "Reload the page; if that does not help, use another browser.";

export class RecordingControl {
  readonly shown: Store<ShownRecording> = createStore<ShownRecording>({ recording: false });
  readonly #port: PartPort;
  readonly #scope: typeof globalThis;
  #sending = "";
  /** Whom it is for. */
  #epoch: string | null = null;
  /** How it ended, when it has. */
  #over: FromPage | null = null;
  /** Ends what belongs to one recording. */
  #open = new AbortController();
  #recorder: MediaRecorder | null = null;
  #sender: PieceSender | null = null;
  #tracks: readonly MediaStreamTrack[] = [];
  #cancelWait: () => void = () => undefined;
  #waitsForSound = false;

  constructor(port: PartPort, scope: typeof globalThis, signal: AbortSignal) {
    this.#port = port;
    this.#scope = scope;
    port.store.subscribe((state) => this.#follow(state), signal);
    signal.addEventListener("abort", () => this.#close(), { once: true });
  }

  /** Python has said something. */
  take(message: ToPage): void {
    if (message.type === "send-media") {
      if (message.sending !== this.#sending) this.#begin(message.sending);
      else if (this.#over) this.#port.bridge.send(this.#over);
    } else if (message.type === "media-taken") {
      if (message.sending === this.#sending) this.#sender?.take(message.number);
    } else if (message.type === "stop-media" && message.sending === this.#sending) this.#close();
  }

  // ---- the stream -------------------------------------------------------------------------------

  #begin(sending: string): void {
    this.#close();
    this.#sending = sending;
    this.#epoch = this.#port.store.get().connection.epoch;
    this.#over = null;
    this.#open = new AbortController();
    if (typeof this.#scope.MediaRecorder !== "function") {
      const fix = "Use a current Chrome, Edge, Firefox or Safari.";
      this.#end("This browser cannot record what it plays.", fix, true);
    } else if (!this.#findType()) {
      const fix = "Use a current Chrome, Edge or Firefox.";
      this.#end("This browser records nothing that Python can read.", fix, true);
    } else {
      this.#waitsForSound = true;
      this.#cancelWait = this.#port.clock.after(PICTURE_WAIT_MS, () =>
        this.#end("The page shows no picture that could be recorded.", "Wait until it does, or reload the page."),
      );
      this.#follow(this.#port.store.get());
    }
  }

  #follow({ connection, status }: PageState): void {
    if (this.#sending === "" || this.#open.signal.aborted) return;
    this.#epoch ??= connection.epoch;
    if (connection.epoch !== this.#epoch) {
      this.#close(); // another kernel or host is there: it knows nothing of this
      return;
    }
    const tracks = this.#port.stream?.getTracks() ?? [];
    if (this.#recorder) {
      const same = tracks.length === this.#tracks.length && tracks.every((track) => this.#tracks.includes(track));
      if (status === "stopping" || status === "ended" || status === "failed") this.#finish("The session has ended.");
      else if (!same) this.#finish("The page gets its picture another way.");
      return;
    }
    if (connection.stream.phase !== "connected" || !tracks.some(({ kind }) => kind === "video")) return;
    if (tracks.some(({ kind }) => kind === "audio") || !this.#waitsForSound) this.#record(tracks);
    else this.#waitForSound();
  }

  #waitForSound(): void {
    this.#cancelWait();
    this.#cancelWait = this.#port.clock.after(SOUND_WAIT_MS, () => {
      this.#waitsForSound = false;
      this.#follow(this.#port.store.get());
    });
  }

  // ---- the recorder -----------------------------------------------------------------------------

  #findType(): string {
    return TYPES.find((type) => this.#scope.MediaRecorder.isTypeSupported(type)) ?? "";
  }

  #record(tracks: readonly MediaStreamTrack[]): void {
    this.#cancelWait();
    const { clock } = this.#port;
    const { signal } = this.#open;
    try {
      const stream = new this.#scope.MediaStream([...tracks]);
      const { width = 0, height = 0 } = tracks.find(({ kind }) => kind === "video")?.getSettings?.() ?? {};
      const videoBitsPerSecond = Math.max(LEAST_VIDEO_BITS, width * height * VIDEO_BITS);
      const options = { mimeType: this.#findType(), audioBitsPerSecond: AUDIO_BITS, videoBitsPerSecond };
      const recorder = new this.#scope.MediaRecorder(stream, options);
      const send = ({ number, recordedMs, bytes }: Piece, waiting: number): void => {
        const { bridge, page } = this.#port;
        const kind = recorder.mimeType;
        const sending = this.#sending;
        bridge.send({ type: "media-piece", page, sending, number, kind, recordedMs, waiting }, [bytes]);
      };
      const sender = new PieceSender(clock, send, () =>
        this.#end("Python takes nothing of the recording any more.", RELOAD),
      );
      const beganAt = clock.now();
      let last = Promise.resolve();
      // Later ones wait for those before: a blob is read in its own time.
      recorder.ondataavailable = ({ data }) => {
        const recordedMs = clock.now() - beganAt;
        last = last.then(async () => {
          const bytes = await data.arrayBuffer();
          if (signal.aborted || bytes.byteLength === 0) return;
          sender.add(bytes, recordedMs);
          if (sender.full) this.#finish("Python has not taken the recording for too long.");
        });
      };
      recorder.onerror = () => this.#finish("The browser's recorder has failed.", RELOAD);
      for (const track of tracks) track.addEventListener("ended", () => this.#finish("The picture ended."), { signal });
      recorder.start(SLICE_MS);
      this.#recorder = recorder;
      this.#sender = sender;
      this.#tracks = tracks;
      this.shown.update({ recording: true });
      sender.add(new ArrayBuffer(0), 0);
    } catch (error) {
      console.warn("[ipyavatar] what the page plays cannot be recorded", error);
      this.#end(`The browser does not record it: ${error}`, RELOAD);
    }
  }

  /** Records no more; once Python has all of it, it is told why. */
  #finish(what: string, fix = ""): void {
    const recorder = this.#recorder;
    const { signal } = this.#open;
    if (!recorder || recorder.state === "inactive") return;
    const send = (): void => {
      if (!signal.aborted) this.#sender?.whenEmpty(() => this.#end(what, fix));
    };
    // Its last data comes before this, and is read meanwhile.
    recorder.onstop = () => void this.#port.clock.after(SLICE_MS, send);
    recorder.stop();
    this.shown.update({ recording: false });
  }

  /** `final`: asked again, it could not either. */
  #end(what: string, fix: string, final = false): void {
    this.#over = { type: "media-over", page: this.#port.page, sending: this.#sending, what, fix, final };
    this.#port.bridge.send(this.#over);
    this.#close();
  }

  /** Ends it without a word. */
  #close(): void {
    this.#cancelWait();
    this.#open.abort();
    if (this.#recorder && this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#sender?.close();
    this.#recorder = this.#sender = null;
    this.#tracks = [];
    this.shown.update({ recording: false });
  }
}
