// Plays the one stream of a model. Every view shows it in a muted video, which browsers always
// allow; the sound comes from one audio element, so that two views do not sound twice, and a
// browser that wants a click first holds back the sound alone.

export interface Heard {
  /** A view paints frames. */
  readonly playing: boolean;
  /** The browser refuses sound until the user has clicked somewhere. */
  readonly soundBlocked: boolean;
}

const GESTURES = ["click", "keydown", "touchend"] as const;

export class Playback {
  /** Null in a browser without WebRTC; then there is nothing to play. */
  readonly stream: MediaStream | null;
  readonly audio: HTMLAudioElement;
  readonly #document: Document;
  readonly #changed: (heard: Heard) => void;
  readonly #signal: AbortSignal;
  readonly #playing = new Set<HTMLVideoElement>();
  readonly #views = new Set<HTMLVideoElement>();
  #gestures: AbortController | null = null;
  #stale = false;
  #muted = false;
  #hushed = false;
  #heard: Heard = { playing: false, soundBlocked: false };

  constructor(document: Document, stream: MediaStream | null, changed: (heard: Heard) => void, signal: AbortSignal) {
    this.stream = stream;
    this.#document = document;
    this.#changed = changed;
    this.#signal = signal;
    this.audio = document.createElement("audio");
    this.audio.srcObject = stream;
    // Browsers pause an element that is unmuted without a click; ask again, and say so if refused.
    this.audio.addEventListener("pause", () => void this.unlock(), { signal });
    signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  /** The tracks of a former line are over. */
  fresh(): void {
    const tracks = this.stream?.getTracks() ?? [];
    for (const track of tracks) this.stream?.removeTrack(track);
    if (tracks.length > 0) this.#ended();
  }

  /** A track is over before its line, with others to come. */
  remove(track: MediaStreamTrack): void {
    this.stream?.removeTrack(track);
    if (this.stream?.getTracks().length === 0) this.#ended();
  }

  add(track: MediaStreamTrack): void {
    this.stream?.addTrack(track);
    // An element whose tracks were all taken away has ended; it plays new ones after loading anew.
    if (this.#stale) {
      this.#stale = false;
      for (const element of [this.audio, ...this.#views]) element.srcObject = this.stream;
    }
    if (track.kind === "audio") void this.unlock();
  }

  #ended(): void {
    this.#stale = true;
    this.#playing.clear();
    this.#tell({ playing: false });
  }

  setSound(muted: boolean, volume: number): void {
    this.audio.volume = Math.min(1, Math.max(0, volume));
    this.#muted = muted;
    this.#apply();
    void this.unlock();
  }

  /** Off for a moment, whatever the user has set. */
  hush(hushed: boolean): void {
    this.#hushed = hushed;
    this.#apply();
  }

  #apply(): void {
    this.audio.muted = this.#muted || this.#hushed;
  }

  /** Shows the stream in a view's video until `signal` aborts. */
  attach(video: HTMLVideoElement, signal: AbortSignal): void {
    video.muted = true;
    video.autoplay = true;
    video.playsInline = true;
    video.srcObject = this.stream;
    this.#views.add(video);
    // It also "plays" when the sound alone has come; then the size tells of the first picture.
    for (const sign of ["playing", "resize"]) {
      video.addEventListener(sign, () => {
        if (this.#stale || video.videoWidth === 0 || !this.#hasPicture()) return;
        this.#playing.add(video);
        this.#tell({ playing: true });
      }, { signal });
    }
    resumeWhenSeen(video, signal);
    signal.addEventListener("abort", () => {
      video.srcObject = null;
      this.#views.delete(video);
      this.#playing.delete(video);
      if (this.#views.size === 0) this.audio.pause();
      this.#tell({ playing: this.#playing.size > 0 });
    }, { once: true });
    void this.unlock();
  }

  /** Tries to be heard. In a gesture's handler the browser allows it. */
  async unlock(): Promise<void> {
    if (this.#views.size === 0 || this.#signal.aborted) return;
    if (!this.stream?.getAudioTracks().length) return;
    try {
      await this.audio.play();
      this.#blocked(false);
    } catch (error) {
      // Other errors mean that the stream changed meanwhile; the next track tries again.
      if (error instanceof Error && error.name === "NotAllowedError") this.#blocked(true);
    }
  }

  /** A track that has ended still shows one black frame. */
  #hasPicture(): boolean {
    return this.stream?.getTracks().some(({ kind, readyState }) => kind === "video" && readyState !== "ended") ?? false;
  }

  #blocked(soundBlocked: boolean): void {
    if (this.#signal.aborted) return;
    this.#tell({ soundBlocked });
    if (!soundBlocked) {
      this.#gestures?.abort();
      this.#gestures = null;
    } else if (!this.#gestures) {
      this.#gestures = new AbortController();
      const options = { capture: true, signal: this.#gestures.signal };
      for (const gesture of GESTURES) {
        this.#document.addEventListener(gesture, () => void this.unlock(), options);
      }
    }
  }

  #tell(patch: Partial<Heard>): void {
    const heard = { ...this.#heard, ...patch };
    if (heard.playing === this.#heard.playing && heard.soundBlocked === this.#heard.soundBlocked) return;
    this.#heard = heard;
    if (!this.#signal.aborted) this.#changed(heard);
  }

  #end(): void {
    this.#gestures?.abort();
    this.audio.pause();
    this.audio.srcObject = null;
    for (const video of this.#views) video.srcObject = null;
  }
}

/** A notebook that scrolls takes cells out of the page, and the browser pauses what is in them. */
function resumeWhenSeen(video: HTMLVideoElement, signal: AbortSignal): void {
  if (typeof IntersectionObserver !== "function") return;
  const observer = new IntersectionObserver(() => {
    if (video.paused && video.isConnected) video.play().catch(() => undefined);
  });
  observer.observe(video);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
