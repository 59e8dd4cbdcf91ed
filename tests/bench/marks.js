// Put into a page before anything else: notes when the widget's connection comes along.
(() => {
  const notes = [];
  const now = () => performance.timeOrigin + performance.now();
  const note = (name, at = now()) => notes.push([name, at]);
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...configuration) {
      super(...configuration);
      note("initialize");
      this.addEventListener("connectionstatechange", () => note(`pc-${this.connectionState}`));
    }
    async setLocalDescription(description) {
      await super.setLocalDescription(description);
      note("offer");
    }
    setRemoteDescription(description) {
      note("answer");
      return super.setRemoteDescription(description);
    }
  };
  const seen = new WeakSet();
  const look = () => {
    for (const video of document.querySelectorAll("video.ipyavatar-video")) {
      if (seen.has(video)) continue;
      seen.add(video);
      note("render");
      video.requestVideoFrameCallback((_now, { expectedDisplayTime }) =>
        note("frame", performance.timeOrigin + expectedDisplayTime));
      const stage = video.parentElement;
      new MutationObserver(() => {
        if (stage.dataset.stage === "picture") note("uncovered");
      }).observe(stage, { attributes: true, attributeFilter: ["data-stage"] });
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  window.__bench = {
    now,
    /** The first mark of each name since the last cell was started. */
    marks() {
      const ran = performance.timeOrigin + (window.__ran ?? 0);
      const first = { run: ran };
      for (const [name, at] of notes) if (at >= ran && !(name in first)) first[name] = at;
      return first;
    },
  };
})();
