// Measures what a page really plays: decoded pictures, and the loudness of the sound.
(() => {
  const probe = (window.probe = { levels: [], frames: 0, events: [], videos: [], errors: [] });
  addEventListener("error", (event) => probe.errors.push(String(event.message)));
  addEventListener("unhandledrejection", (event) => probe.errors.push(String(event.reason)));

  probe.note = (name, detail) => probe.events.push({ name, detail, at: performance.now() });
  probe.named = (name) => probe.events.filter((event) => event.name === name);

  probe.video = (element) => {
    probe.videos.push(element);
    const count = () => {
      probe.frames += 1;
      element.requestVideoFrameCallback(count);
    };
    element.requestVideoFrameCallback(count);
  };

  probe.sound = (track) => {
    const context = new AudioContext();
    const node = context.createAnalyser();
    node.fftSize = 1024;
    context.createMediaStreamSource(new MediaStream([track])).connect(node);
    const samples = new Float32Array(node.fftSize);
    setInterval(() => {
      node.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
      probe.levels.push([performance.now(), Math.sqrt(power)]);
    }, 10);
  };

  // Plays a stream as a page does: picture and sound in one element.
  probe.play = (stream) => {
    const element = document.createElement("video");
    Object.assign(element, { autoplay: true, playsInline: true, srcObject: stream });
    document.body.append(element);
    probe.video(element);
    for (const track of stream.getAudioTracks()) probe.sound(track);
    return element;
  };

  // Size and contrast of the picture that is shown now.
  probe.picture = () => {
    const video = probe.videos.at(-1);
    if (!video?.videoWidth) return null;
    const [width, height] = [video.videoWidth, video.videoHeight];
    const canvas = new OffscreenCanvas(64, 64);
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0, 64, 64);
    const pixels = context.getImageData(0, 0, 64, 64).data;
    const grey = [];
    for (let i = 0; i < pixels.length; i += 4) grey.push(pixels[i + 1]);
    const mean = grey.reduce((a, b) => a + b) / grey.length;
    const contrast = Math.sqrt(grey.reduce((a, b) => a + (b - mean) ** 2, 0) / grey.length);
    return { width, height, contrast };
  };

  // When it was loud after `since`: times in milliseconds of the page's clock.
  probe.loud = (since) =>
    probe.levels.filter(([at, level]) => at >= since && level > 0.01).map(([at]) => at);
})();
