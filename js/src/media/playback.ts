// Plays the one media stream of a model. Every view shows it in a muted video, which browsers always
// allow; the sound comes from one audio element, so that two views do not sound twice, and a
// browser that wants a click first holds back the sound alone.

import type { Clock } from "../clock";

export interface PlaybackStatus {
  /** A view paints frames. */
  readonly playing: boolean;
  /** The browser refuses sound until the user has clicked somewhere. */
  readonly soundBlocked: boolean;
}

export interface PlaybackOptions {
  document: Document;
  clock: Clock;
  /** Null in a browser without WebRTC; then there is nothing to play. */
  stream: MediaStream | null;
  onChange: (status: PlaybackStatus) => void;
}

const GESTURES = ["click", "keydown", "touchend"] as const;

export class Playback {
  readonly stream: MediaStream | null;
  /** The one element that sounds; it is in no document. */
  readonly audio: HTMLAudioElement;
  readonly #options: PlaybackOptions;
  readonly #signal: AbortSignal;
  readonly #playing = new Set<HTMLVideoElement>();
  readonly #views = new Set<HTMLVideoElement>();
  #gestures: AbortController | null = null;
  /** Elements whose tracks were all taken away have ended; they play new ones after loading anew. */
  #elements: "loaded" | "ended" = "loaded";
  #muted = false;
  /** Another tab sounds in place of this one. */
  #elsewhere = false;
  /** Ends a mute for a moment; null while there is none. */
  #cancelUnmute: (() => void) | null = null;
  #status: PlaybackStatus = { playing: false, soundBlocked: false };

  constructor(options: PlaybackOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.stream = options.stream;
    this.audio = options.document.createElement("audio");
    this.audio.srcObject = this.stream;
    // Browsers pause an element that is unmuted without a click; ask again, and say so if refused.
    this.audio.addEventListener("pause", () => void this.unlock(), { signal });
    signal.addEventListener("abort", () => this.#dispose(), { once: true });
  }

  // ---- tracks -----------------------------------------------------------------------------------

  addTrack(track: MediaStreamTrack): void {
    this.stream?.addTrack(track);
    if (this.#elements === "ended") {
      this.#elements = "loaded";
      for (const element of [this.audio, ...this.#views]) element.srcObject = this.stream;
    }
    if (track.kind === "audio") void this.unlock();
  }

  /** Takes away a track that has ended, with others to come. */
  removeTrack(track: MediaStreamTrack): void {
    this.stream?.removeTrack(track);
    if (this.stream?.getTracks().length === 0) this.#endElements();
  }

  /** Takes away the tracks of a former connection. */
  removeAllTracks(): void {
    const tracks = this.stream?.getTracks() ?? [];
    for (const track of tracks) this.stream?.removeTrack(track);
    if (tracks.length > 0) this.#endElements();
  }

  /** Gives the views these tracks in place of those they have, without a moment with none. */
  replaceTracks(tracks: readonly MediaStreamTrack[]): void {
    const before = this.stream?.getTracks() ?? [];
    for (const track of tracks) this.addTrack(track);
    for (const track of before) if (!tracks.includes(track)) this.stream?.removeTrack(track);
  }

  #endElements(): void {
    this.#elements = "ended";
    this.#playing.clear();
    this.#update({ playing: false });
  }

  // ---- sound ------------------------------------------------------------------------------------

  setSound(muted: boolean, volume: number): void {
    this.audio.volume = Math.min(1, Math.max(0, volume));
    this.#muted = muted;
    this.#applyMute();
    void this.unlock();
  }

  /** Whether another tab sounds in place of this one. */
  setElsewhere(elsewhere: boolean): void {
    this.#elsewhere = elsewhere;
    this.#applyMute();
  }

  get mutedForMoment(): boolean {
    return this.#cancelUnmute !== null;
  }

  /** Mutes until `ms` from now, whatever the user has set; takes the place of such a mute before. */
  muteForMoment(ms: number): void {
    this.#cancelUnmute?.();
    this.#cancelUnmute = this.#options.clock.after(ms, () => {
      this.#cancelUnmute = null;
      this.#applyMute();
    });
    this.#applyMute();
  }

  #applyMute(): void {
    this.audio.muted = this.#muted || this.#elsewhere || this.mutedForMoment;
  }

  /** Tries to be heard. In a gesture's handler the browser allows it. */
  async unlock(): Promise<void> {
    if (this.#views.size === 0 || this.#signal.aborted) return;
    if (!this.stream?.getAudioTracks().length) return;
    try {
      await this.audio.play();
      this.#setSoundBlocked(false);
    } catch (error) {
      // Other errors mean that the stream changed meanwhile; the next track tries again.
      if (error instanceof Error && error.name === "NotAllowedError") this.#setSoundBlocked(true);
    }
  }

  #setSoundBlocked(soundBlocked: boolean): void {
    if (this.#signal.aborted) return;
    this.#update({ soundBlocked });
    if (!soundBlocked) {
      this.#gestures?.abort();
      this.#gestures = null;
    } else if (!this.#gestures) {
      this.#gestures = new AbortController();
      const options = { capture: true, signal: this.#gestures.signal };
      for (const gesture of GESTURES) {
        this.#options.document.addEventListener(gesture, () => void this.unlock(), options);
      }
    }
  }

  // ---- views ------------------------------------------------------------------------------------

  /** Shows the stream in a view's video until `signal` aborts. */
  attach(video: HTMLVideoElement, signal: AbortSignal): void {
    video.muted = true;
    video.autoplay = true;
    video.playsInline = true;
    video.srcObject = this.stream;
    this.#views.add(video);
    // It also "plays" when the sound alone has come; then the size tells of the first picture.
    for (const sign of ["playing", "resize"]) {
      video.addEventListener(
        sign,
        () => {
          if (this.#elements === "ended" || video.videoWidth === 0 || !this.#hasPicture()) return;
          this.#playing.add(video);
          this.#update({ playing: true });
        },
        { signal },
      );
    }
    signal.addEventListener("abort", () => this.#detach(video), { once: true });
    void this.unlock();
  }

  /** The view that was attached first, of those that are. */
  get place(): Node | undefined {
    const [first] = this.#views;
    return first;
  }

  /** Whether this is the view that was attached first, of those that are. */
  isFirst(video: HTMLVideoElement): boolean {
    const [first = video] = this.#views;
    return first === video;
  }

  #detach(video: HTMLVideoElement): void {
    video.srcObject = null;
    this.#views.delete(video);
    this.#playing.delete(video);
    if (this.#views.size === 0) this.audio.pause();
    this.#update({ playing: this.#playing.size > 0 });
  }

  /** A track that has ended still shows one black frame. */
  #hasPicture(): boolean {
    return this.stream?.getTracks().some(({ kind, readyState }) => kind === "video" && readyState !== "ended") ?? false;
  }

  #update(patch: Partial<PlaybackStatus>): void {
    const status = { ...this.#status, ...patch };
    if (status.playing === this.#status.playing && status.soundBlocked === this.#status.soundBlocked) return;
    this.#status = status;
    if (!this.#signal.aborted) this.#options.onChange(status);
  }

  #dispose(): void {
    this.#gestures?.abort();
    this.#cancelUnmute?.();
    this.audio.pause();
    this.audio.srcObject = null;
    for (const video of this.#views) video.srcObject = null;
  }
}
