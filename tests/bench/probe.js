// Watches and listens to one avatar in the page. Evaluates to a probe; all times are ms of the wall
// clock, all series are flat arrays of numbers.
async ({ index, crop }) => {
  const root = document.querySelectorAll(".ipyavatar-root")[index];
  const { stream, pc } = root.__ipyavatar;
  const video = root.querySelector("video");
  const wall = (ms) => performance.timeOrigin + ms;
  const now = () => wall(performance.now());

  // ---- sound as the page's audio graph gets it: a worklet, block by block ------------------------
  const code = `registerProcessor("bench-tap", class extends AudioWorkletProcessor {
    constructor() { super(); this.rows = []; }
    process([input]) {
      let peak = 0, sum = 0;
      const samples = input[0] ?? [];
      for (const x of samples) { peak = Math.max(peak, Math.abs(x)); sum += x * x; }
      this.rows.push(currentFrame, Date.now(), peak, Math.sqrt(sum / 128));
      if (this.rows.length >= 128) { this.port.postMessage(this.rows); this.rows = []; }
      return true;
    }
  });`;
  const context = new AudioContext({ latencyHint: "interactive" });
  await context.resume();
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  const source = context.createMediaStreamSource(stream);
  const tap = new AudioWorkletNode(context, "bench-tap");
  const mute = new GainNode(context, { gain: 0 });
  // A node that leads nowhere is not run.
  source.connect(tap).connect(mute).connect(context.destination);
  const blocks = [];
  tap.port.onmessage = ({ data }) => blocks.push(...data);

  // ---- sound as the element's own renderer pulls it: 10 ms pieces, cut into quarters -------------
  const pieces = [];
  const track = stream.getAudioTracks()[0];
  // A busy page reads late; with the usual short buffer it would lose pieces.
  const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 500 }).readable.getReader();
  void (async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const count = value.numberOfFrames;
      const samples = new Float32Array(count);
      value.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      const arrived = now();
      for (let part = 0; part < 4; part += 1) {
        const some = samples.subarray((part * count) / 4, ((part + 1) * count) / 4);
        let peak = 0, sum = 0;
        for (const x of some) { peak = Math.max(peak, Math.abs(x)); sum += x * x; }
        const into = (part * count * 1000) / 4 / value.sampleRate;
        pieces.push(value.timestamp / 1000, into, arrived, peak, Math.sqrt(sum / some.length));
      }
      value.close();
    }
  })();

  // ---- the page silences the element itself, at once, when a speech is cut off --------------------
  const mutes = [];
  const { audio } = root.__ipyavatar;
  audio.addEventListener("volumechange", () => mutes.push(now(), audio.muted ? 1 : 0));

  // ---- pictures -----------------------------------------------------------------------------------
  const frames = [];
  const crops = [];
  let canvas = null;
  const seen = (_at, data) => {
    frames.push(wall(data.presentationTime), wall(data.expectedDisplayTime), data.rtpTimestamp ?? 0,
      data.presentedFrames, data.receiveTime ? wall(data.receiveTime) : 0);
    if (crop) {
      canvas ??= new OffscreenCanvas(crop.columns, crop.rows).getContext("2d", { willReadFrequently: true });
      const w = video.videoWidth, h = video.videoHeight;
      canvas.drawImage(video, crop.x * w, crop.y * h, crop.w * w, crop.h * h, 0, 0, crop.columns, crop.rows);
      const { data: pixels } = canvas.getImageData(0, 0, crop.columns, crop.rows);
      let text = "";
      for (let i = 0; i < pixels.length; i += 4) {
        text += String.fromCharCode(Math.round(0.299 * pixels[i] + 0.587 * pixels[i + 1] + 0.114 * pixels[i + 2]));
      }
      crops.push(btoa(text));
    }
    video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);

  // ---- how long the browser says that it has held sound and pictures back, in all -----------------
  const holds = [];
  setInterval(async () => {
    const report = [...(await pc()?.getStats() ?? new Map()).values()].filter((e) => e.type === "inbound-rtp");
    const of = (kind) => report.find((e) => e.kind === kind);
    const totals = (e) => [1000 * (e?.jitterBufferDelay ?? NaN), e?.jitterBufferEmittedCount ?? NaN];
    holds.push(now(), ...totals(of("audio")), ...totals(of("video")));
  }, 250);

  window.__probe = {
    /** All series so far; they go on. */
    read: () => ({ rate: context.sampleRate, blocks, pieces, mutes, frames, crops, holds,
      output: [context.baseLatency, context.outputLatency] }),
    forget: () => { for (const series of [blocks, pieces, mutes, frames, crops, holds]) series.length = 0; },
    /** Presses Interrupt; when that was. */
    interrupt: () => {
      const button = root.querySelector('[data-icon="interrupt"]');
      if (!button || button.getAttribute("aria-disabled") === "true") throw new Error("Interrupt cannot be pressed");
      const at = now();
      button.click();
      return at;
    },
    now,
  };
}
