// The browser's microphone: opened, and its samples taken where they go by messages.

/** What recognizers want. A browser that cannot give it gives its own rate, and Python converts that. */
const RATE = 16_000;
/** Samples in a block of the older way to take them: 64 ms at our rate, and less than 50 ms at most browsers' own. */
const BLOCK_SAMPLES = 1_024;
const OLDER_BLOCK_SAMPLES = 2_048;

/** What the avatar says is in the room as well: the browser takes it out. */
const CONSTRAINTS: MediaStreamConstraints = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

/** Opens the microphone. Rejects with the browser's error. */
export async function openMicrophone(devices: Pick<MediaDevices, "getUserMedia">): Promise<MediaStreamTrack> {
  const stream = await devices.getUserMedia(CONSTRAINTS);
  const [track] = stream.getAudioTracks();
  if (!track) throw new DOMException("it has no sound", "NotFoundError");
  return track;
}

/** Takes a track's samples. */
export interface Tap {
  /** Samples a second. */
  readonly rate: number;
  close(): void;
}

/** Hands blocks of samples to `onBlock`, until it is closed. */
export async function tapTrack(track: MediaStreamTrack, onBlock: (samples: Float32Array) => void): Promise<Tap> {
  const [context, source] = createGraph(new MediaStream([track]));
  try {
    void context.resume();
    // A graph that leads nowhere may not run; this one ends in silence.
    const silence = new GainNode(context, { gain: 0 });
    silence.connect(context.destination);
    const node = (await createWorklet(context, onBlock)) ?? createProcessor(context, onBlock);
    source.connect(node).connect(silence);
  } catch (error) {
    void context.close(); // a browser has few of them
    throw error;
  }
  return { rate: context.sampleRate, close: () => void context.close() };
}

/** At our rate where the browser converts; Firefox does not. */
function createGraph(stream: MediaStream): [AudioContext, MediaStreamAudioSourceNode] {
  try {
    return createSource(new AudioContext({ sampleRate: RATE }), stream);
  } catch {
    return createSource(new AudioContext(), stream);
  }
}

function createSource(context: AudioContext, stream: MediaStream): [AudioContext, MediaStreamAudioSourceNode] {
  try {
    return [context, context.createMediaStreamSource(stream)];
  } catch (error) {
    void context.close();
    throw error;
  }
}

const WORKLET = `registerProcessor("ipyavatar-tap", class extends AudioWorkletProcessor {
  process([[block]]) {
    if (block) this.port.postMessage(block);
    return true;
  }
})`;

/** Runs beside the page, which a notebook may hold up; null where the page's policy for scripts forbids it. */
async function createWorklet(
  context: AudioContext,
  onBlock: (samples: Float32Array) => void,
): Promise<AudioNode | null> {
  const url = URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(url);
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
  const node = new AudioWorkletNode(context, "ipyavatar-tap", { channelCount: 1, channelCountMode: "explicit" });
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => onBlock(data);
  return node;
}

/** The older way: in the page itself, and everywhere. */
function createProcessor(context: AudioContext, onBlock: (samples: Float32Array) => void): AudioNode {
  const node = context.createScriptProcessor(context.sampleRate === RATE ? BLOCK_SAMPLES : OLDER_BLOCK_SAMPLES, 1, 1);
  node.onaudioprocess = ({ inputBuffer }) => onBlock(inputBuffer.getChannelData(0));
  return node;
}
