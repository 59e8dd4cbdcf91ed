// Turns the bytes of frames into pictures and samples: by the browser's decoders, Opus and VP8; or, where it has
// none (they need a secure context), from JPEG and plain samples.

const VIDEO: VideoDecoderConfig = { codec: "vp8", optimizeForLatency: true };
const AUDIO: AudioDecoderConfig = { codec: "opus", sampleRate: 48_000, numberOfChannels: 1 };
const UNSUPPORTED = "NotSupportedError";

export type Bytes = Uint8Array<ArrayBuffer>;

/** What can be drawn, and is closed when it has been. */
export type Picture = (VideoFrame | ImageBitmap) & { close(): void };

export interface PictureDecoder {
  /** Throws, or calls `onError`, for what cannot be decoded; then it is of no use any more. */
  decode(data: Bytes, key: boolean, atMs: number): void;
  close(): void;
}

export interface SoundDecoder {
  decode(data: Bytes, atMs: number): void;
  close(): void;
}

/** `lasting`: nothing like it can be decoded in this browser. */
export type OnError = (error: unknown, lasting: boolean) => void;
/** What comes out has the time with which it came in. */
export type OnPicture = (picture: Picture, atMs: number) => void;
export type OnSamples = (samples: Float32Array<ArrayBuffer>, atMs: number) => void;

export interface Decoders {
  /** The host has to send what needs no decoder. */
  readonly plain: boolean;
  makePictureDecoder(onPicture: OnPicture, onError: OnError): PictureDecoder;
  makeSoundDecoder(onSamples: OnSamples, onError: OnError): SoundDecoder;
}

export function chooseDecoders(window: typeof globalThis): Decoders {
  const there = typeof window.VideoDecoder === "function" && typeof window.AudioDecoder === "function";
  return there ? WEB_CODECS : PLAIN;
}

export const WEB_CODECS: Decoders = {
  plain: false,
  makePictureDecoder(onPicture, onError) {
    const output = (picture: VideoFrame): void => onPicture(picture, picture.timestamp / 1000);
    const decoder = new VideoDecoder({ output, error: tellError(onError) });
    decoder.configure(VIDEO);
    return {
      decode: (data, key, atMs) =>
        decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: atMs * 1000, data })),
      close: () => closeDecoder(decoder),
    };
  },
  makeSoundDecoder(onSamples, onError) {
    const output = (sound: AudioData): void => {
      const samples = new Float32Array(sound.numberOfFrames);
      sound.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      const atMs = sound.timestamp / 1000;
      sound.close();
      onSamples(samples, atMs);
    };
    const decoder = new AudioDecoder({ output, error: tellError(onError) });
    decoder.configure(AUDIO);
    return {
      decode: (data, atMs) => decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: atMs * 1000, data })),
      close: () => closeDecoder(decoder),
    };
  },
};

export const PLAIN: Decoders = {
  plain: true,
  makePictureDecoder(onPicture, onError) {
    // One behind the other, for the quicker one may be the newer one.
    let last = Promise.resolve();
    let closed = false;
    return {
      decode(data, _, atMs) {
        const coming = createImageBitmap(new Blob([data], { type: "image/jpeg" }));
        coming.catch(() => undefined);
        last = last.then(async () => {
          try {
            const picture = await coming;
            if (closed) picture.close();
            else onPicture(picture, atMs);
          } catch (error) {
            if (!closed) onError(error, false);
          }
        });
      },
      close: () => {
        closed = true;
      },
    };
  },
  makeSoundDecoder: (onSamples) => ({
    decode(data, atMs) {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      const at = (_: unknown, index: number): number => view.getInt16(index * 2, true) / 32_768;
      onSamples(Float32Array.from({ length: Math.floor(data.byteLength / 2) }, at), atMs);
    },
    close: () => undefined,
  }),
};

function tellError(onError: OnError): (error: DOMException) => void {
  return (error) => onError(error, error.name === UNSUPPORTED);
}

function closeDecoder(decoder: { readonly state: string; close(): void }): void {
  if (decoder.state !== "closed") decoder.close();
}
