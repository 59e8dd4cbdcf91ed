// Where frames that come in messages are seen and heard: a canvas and an audio graph, whose streams give
// the same kind of tracks as a peer connection. So views, mute, volume and autoplay work as with one.

import { chooseDecoders } from "./decoders";
import type { FrameParts, Screen, Speaker } from "./frame-parts";

const SAMPLE_RATE = 48_000;
/**
 * Sound that is to begin so close to the end of that before follows it without a gap: the clock of an audio graph goes
 * in steps, and a buffer that changes its length does so by more.
 */
const JOIN_S = 0.04;
/** Until an audio graph runs what it is given piles up, so much of it at most. */
const MOST_WAITING_S = 1;

export function createScreen(document: Document): Screen {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false });
  const [track] = canvas.captureStream(0).getVideoTracks();
  if (!context || !track) throw new Error("a canvas gives no stream");
  const capture = (): void => (track as CanvasCaptureMediaStreamTrack).requestFrame();
  return {
    track,
    get width() {
      return canvas.width;
    },
    get height() {
      return canvas.height;
    },
    show(picture) {
      const width = "displayWidth" in picture ? picture.displayWidth : picture.width;
      const height = "displayHeight" in picture ? picture.displayHeight : picture.height;
      // Setting it clears the picture, also to the same size.
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      context.drawImage(picture, 0, 0);
      capture();
    },
    repeat() {
      context.drawImage(canvas, 0, 0);
      capture();
    },
    close: () => track.stop(),
  };
}

export function createSpeaker(): Speaker {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: "interactive" });
  const destination = context.createMediaStreamDestination();
  const [track] = destination.stream.getAudioTracks();
  if (!track) throw new Error("the audio graph gives no stream");
  const playing = new Set<AudioBufferSourceNode>();
  let endsAt = 0;
  return {
    track,
    get running() {
      return context.state === "running";
    },
    play(samples, inMs, late) {
      if (context.state === "suspended") void context.resume();
      const wanted = context.currentTime + inMs / 1000;
      const joins = !late && wanted < endsAt + JOIN_S;
      // Nobody hears it, and it would be heard later.
      if (joins && endsAt - wanted > MOST_WAITING_S) return 0;
      const buffer = context.createBuffer(1, samples.length, SAMPLE_RATE);
      buffer.copyToChannel(samples, 0);
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(destination);
      source.addEventListener("ended", () => playing.delete(source));
      playing.add(source);
      const startsAt = joins ? Math.max(endsAt, context.currentTime) : wanted;
      source.start(startsAt);
      endsAt = Math.max(endsAt, startsAt + buffer.duration);
      const behind = startsAt - wanted;
      return behind > JOIN_S && context.state === "running" ? behind * 1000 : 0;
    },
    silence() {
      for (const source of playing) source.stop();
      playing.clear();
      endsAt = 0;
    },
    close() {
      track.stop();
      void context.close();
    },
  };
}

/** Whether a page can play frames at all. */
export function canPlayFrames(window: typeof globalThis): boolean {
  return (
    typeof window.AudioContext === "function" && typeof window.HTMLCanvasElement?.prototype.captureStream === "function"
  );
}

/** What plays frames in this browser. */
export function createBrowserParts(document: Document): FrameParts {
  return {
    screen: createScreen(document),
    speaker: createSpeaker(),
    decoders: chooseDecoders(globalThis),
  };
}
