// Looks and listens in the page, for tests. Put in before any other script runs, so that it sees
// what the page itself would not tell: audio elements outside the document, every peer connection.
(() => {
  const probe = { context: null, ears: new WeakMap(), eyes: new WeakMap(), ticking: [] };
  window.__probe = probe;

  /** Forgets what earlier tests left in this page. */
  probe.reset = () => {
    probe.ticking.forEach(clearInterval);
    Object.assign(probe, { audios: [], peers: [], ticking: [], clickedAt: 0 });
    window.__done = {};
  };
  probe.reset();

  const create = Document.prototype.createElement;
  Document.prototype.createElement = function (name, ...rest) {
    const element = create.call(this, name, ...rest);
    if (String(name).toLowerCase() === "audio") {
      probe.audios.push(element);
      // From the first moment on: a test on a busy machine comes late.
      queueMicrotask(() => element.srcObject && probe.listen(element.srcObject));
    }
    return element;
  };
  if (window.RTCPeerConnection) {
    window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
      construct(target, args) {
        const peer = new target(...args);
        probe.peers.push(peer);
        return peer;
      },
    });
  }
  for (const event of ["click", "keydown"]) {
    document.addEventListener(event, () => { probe.clickedAt = performance.now(); }, true);
  }

  probe.connected = () => probe.peers.filter((peer) => peer.connectionState === "connected");

  probe.decoded = async (peer) => {
    for (const row of (await peer.getStats()).values()) {
      if (row.type === "inbound-rtp" && row.kind === "video") return row.framesDecoded ?? 0;
    }
    return 0;
  };

  // ---- sound ----------------------------------------------------------------------------------

  const EVERY_MS = 10;
  const KEPT = 6000; // samples: a minute

  class Ear {
    constructor(stream) {
      this.stream = stream;
      this.track = null;
      this.samples = []; // [ms of performance.now(), root mean square of the last 21 ms]
      probe.ticking.push(setInterval(() => this.tick(), EVERY_MS));
    }

    tick() {
      probe.context ??= new AudioContext({ sampleRate: 48000 });
      if (probe.context.state !== "running") void probe.context.resume();
      const track = this.stream.getAudioTracks()[0] ?? null;
      if (track !== this.track) this.follow(track);
      if (!this.analyser || probe.context.state !== "running") return;
      const data = new Float32Array(this.analyser.fftSize);
      this.analyser.getFloatTimeDomainData(data);
      const square = data.reduce((sum, value) => sum + value * value, 0) / data.length;
      this.samples.push([performance.now(), Math.sqrt(square)]);
      if (this.samples.length > KEPT) this.samples.shift();
    }

    follow(track) {
      this.source?.disconnect();
      this.track = track;
      this.analyser = null;
      if (!track) return;
      this.source = probe.context.createMediaStreamSource(new MediaStream([track]));
      this.analyser = probe.context.createAnalyser();
      this.analyser.fftSize = 1024;
      this.source.connect(this.analyser);
    }
  }

  probe.listen = (stream) => {
    let ear = probe.ears.get(stream);
    if (!ear) probe.ears.set(stream, (ear = new Ear(stream)));
    return ear;
  };

  probe.ear = (root) => probe.listen(root.__ipyavatar.stream);

  /**
   * Seconds in which there was sound since then (ms of performance.now()). A busy page samples rarely, so
   * time is counted; between two samples with sound, up to half a second counts as such.
   */
  probe.sounded = (root, threshold, since = 0) => {
    const samples = probe.ear(root).samples.filter(([at]) => at >= since);
    let ms = 0;
    for (let i = 1; i < samples.length; i += 1) {
      const [[before, levelBefore], [at, level]] = [samples[i - 1], samples[i]];
      if (level > threshold) ms += Math.min(at - before, levelBefore > threshold ? 500 : 100);
    }
    return ms / 1000;
  };

  /** Seconds, of the last `windowMs`, in which there was sound. */
  probe.sounding = (root, windowMs, threshold) => {
    const ear = probe.ear(root);
    const since = performance.now() - windowMs;
    const recent = ear.samples.filter(([at]) => at >= since);
    return recent.length ? recent.filter(([, rms]) => rms > threshold).length / recent.length : 0;
  };

  /** Whether the page's speakers get this stream. */
  probe.audible = (root) =>
    probe.audios.some((audio) => audio.srcObject === root.__ipyavatar.stream && !audio.paused && !audio.muted && audio.volume > 0);

  // ---- captions -------------------------------------------------------------------------------

  /** The captions that are shown from now on. */
  probe.captions = (root) => {
    if (root.__captions) return root.__captions;
    const captions = root.querySelector(".ipyavatar-captions");
    const shown = (root.__captions = [captions.textContent]);
    new MutationObserver(() => shown.push(captions.textContent))
      .observe(captions, { subtree: true, childList: true, characterData: true });
    return shown;
  };

  /** Whether one like this was shown; those before it are forgotten. */
  probe.captioned = (root, pattern) => {
    const shown = probe.captions(root);
    const found = shown.findIndex((text) => RegExp(pattern).test(text));
    if (found > 0) shown.splice(0, found);
    return found >= 0;
  };

  // ---- pictures -------------------------------------------------------------------------------

  class Eye {
    constructor(video) {
      this.video = video;
      this.frames = []; // ms of performance.now() of each painted frame
      this.region = null; // [x, y, width, height], parts of the picture
      this.moves = []; // mean absolute difference of the region, from frame to frame, 0 to 255
      this.canvas = create.call(document, "canvas");
      this.canvas.width = this.canvas.height = 32;
      this.pen = this.canvas.getContext("2d", { willReadFrequently: true });
      const next = () => {
        this.frames.push(performance.now());
        if (this.region) this.look();
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    }

    grey() {
      const { videoWidth: w, videoHeight: h } = this.video;
      const [x, y, dx, dy] = this.region;
      this.pen.drawImage(this.video, x * w, y * h, dx * w, dy * h, 0, 0, 32, 32);
      const { data } = this.pen.getImageData(0, 0, 32, 32);
      return Float32Array.from({ length: 1024 }, (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3);
    }

    look() {
      const now = this.grey();
      if (this.before) this.moves.push(now.reduce((sum, value, i) => sum + Math.abs(value - this.before[i]), 0) / now.length);
      this.before = now;
    }
  }

  probe.eye = (root) => {
    const video = root.querySelector("video");
    let eye = probe.eyes.get(video);
    if (!eye) probe.eyes.set(video, (eye = new Eye(video)));
    return eye;
  };

  /** Mean brightness of the whole picture, 0 to 255; 0 where there is none. */
  probe.brightness = (root) => {
    const video = root.querySelector("video");
    if (!video.videoWidth) return 0;
    const eye = probe.eye(root);
    const region = eye.region;
    eye.region = [0, 0, 1, 1];
    const grey = eye.grey();
    eye.region = region;
    return grey.reduce((sum, value) => sum + value, 0) / grey.length;
  };

  // ---- screen readers -------------------------------------------------------------------------

  const LIVE = { status: "polite", log: "polite", alert: "assertive" };

  /** The live region an element is in, if it is one that is read now. */
  const findLiveRegion = (node) => {
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    const region = element?.closest("[aria-live], [role=status], [role=log], [role=alert]");
    const live = region?.getAttribute("aria-live") ?? LIVE[region?.getAttribute("role")] ?? "off";
    return live !== "off" && region.checkVisibility() ? region : null;
  };

  /**
   * What a screen reader would say by itself from now on, as `{at, text, heard}`: what comes into live
   * regions, and whether the avatar's own voice could be heard then.
   */
  probe.listenToReader = (root) => {
    const said = [];
    new MutationObserver((records) => {
      for (const { target, addedNodes, type } of records) {
        const region = findLiveRegion(target);
        if (!region) continue;
        const added = type === "characterData" ? [target] : [...addedNodes];
        const text = added.map((node) => node.textContent).join(" ").trim();
        if (text) said.push({ at: performance.now(), text, heard: probe.audible(root) });
      }
    }).observe(root, { subtree: true, childList: true, characterData: true });
    root.__said = said;
    return said;
  };

  // ---- layout ---------------------------------------------------------------------------------

  const PARTS = "button, input, .ipyavatar-words, .ipyavatar-what, .ipyavatar-fix";

  /** What sticks out of the widget or its cell, is cut off, or lies on another control; in words. */
  probe.crowded = (root) => {
    const box = (element) => element.getBoundingClientRect();
    const name = (element) => element.ariaLabel || element.className;
    const card = box(root.querySelector(".ipyavatar-card"));
    const problems = [];
    if (card.right > box(root.closest(".jp-OutputArea-output")).right + 1) problems.push("wider than its cell");
    const parts = [...root.querySelectorAll(PARTS)].filter(
      (part) => part.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && box(part).width > 0,
    );
    for (const [index, part] of parts.entries()) {
      const { left, right, top, bottom } = box(part);
      const inside = left > card.left - 1 && right < card.right + 1 && top > card.top - 1 && bottom < card.bottom + 1;
      if (!inside) problems.push(`${name(part)} sticks out`);
      if (part.tagName !== "INPUT" && part.scrollWidth > part.clientWidth + 1) problems.push(`${name(part)} is cut off`);
      for (const other of parts.slice(index + 1)) {
        if (other.contains(part) || part.contains(other)) continue;
        if (part.closest(".ipyavatar-panel") || other.closest(".ipyavatar-panel")) continue; // it covers the picture
        const its = box(other);
        const wide = Math.min(right, its.right) - Math.max(left, its.left);
        const high = Math.min(bottom, its.bottom) - Math.max(top, its.top);
        if (wide > 1 && high > 1) problems.push(`${name(part)} lies on ${name(other)}`);
      }
    }
    return problems;
  };
})();
