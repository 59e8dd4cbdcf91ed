// Somebody in front of the page: their voice, and what of the avatar's reaches the microphone, is what it hears.
(() => {
  const RATE = 48_000;
  const SOON_S = 0.05;
  const context = new AudioContext({ sampleRate: RATE });
  const room = new GainNode(context);
  // A microphone is never quite silent; and a graph without a source stops to deliver, now and then.
  const hum = new ConstantSourceNode(context, { offset: 1e-4 });
  hum.connect(room);
  hum.start();
  const user = {};
  window.__user = user;
  navigator.mediaDevices.getUserMedia = async () => {
    await context.resume();
    const microphone = context.createMediaStreamDestination();
    room.connect(microphone);
    return microphone.stream;
  };

  /** Speaks these samples, base64 of float32; when they begin, in ms of the wall clock. */
  user.say = (base64) => {
    const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
    const samples = new Float32Array(bytes.buffer);
    const buffer = context.createBuffer(1, samples.length, RATE);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(room);
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    const at = context.currentTime + SOON_S;
    source.start(at);
    const ahead = contextTime > 0 ? at - contextTime : at - context.currentTime;
    const since = contextTime > 0 ? performanceTime : performance.now();
    return performance.timeOrigin + since + ahead * 1000;
  };

  /** The microphone hears the avatar: from loudspeakers, so late and so loud. */
  user.hearAvatar = (stream, delayS, gain) => {
    const echo = new DelayNode(context, { delayTime: delayS, maxDelayTime: 1 });
    context.createMediaStreamSource(stream).connect(echo).connect(new GainNode(context, { gain })).connect(room);
  };
})();
