// What the doctor's page says of its browser, in browsers that lack one thing or another.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nameBrowser, readFacts } from "../../src/doctor/facts";

const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

test("a browser is named by its kind and version, and by nothing else", () => {
  assert.equal(nameBrowser(CHROME), "Chrome 140");
  assert.equal(nameBrowser(`${CHROME} Edg/139.0.1`), "Edge 139");
  assert.equal(nameBrowser("Mozilla/5.0 (Macintosh) Gecko/20100101 Firefox/128.0"), "Firefox 128");
  assert.equal(nameBrowser("Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/17.4 Safari/605.1"), "Safari 17");
  assert.equal(nameBrowser("curl/8"), "another browser");
});

test("a browser that has nothing says so, and fails in nothing", async () => {
  const facts = await readFacts({ navigator: { userAgent: "" } } as never);
  assert.deepEqual(facts, {
    browser: "another browser",
    secure: false,
    webrtc: false,
    candidates: [],
    webcodecs: false,
    autoplay: null,
    microphone: "unavailable",
  });
});

test("a browser that has all of it says what it allows", async () => {
  class Peer {
    onicecandidate: ((event: { candidate: { type: string } | null }) => void) | null = null;
    createDataChannel(): void {}
    async createOffer(): Promise<object> {
      return {};
    }
    async setLocalDescription(): Promise<void> {
      this.onicecandidate?.({ candidate: { type: "host" } });
      this.onicecandidate?.({ candidate: null });
    }
    close(): void {}
  }
  class Sound {
    state = "suspended";
    resume(): Promise<void> {
      return new Promise(() => undefined);
    }
    async close(): Promise<void> {}
  }
  const facts = await readFacts({
    isSecureContext: true,
    RTCPeerConnection: Peer,
    VideoDecoder: class {},
    AudioDecoder: class {},
    AudioContext: Sound,
    navigator: {
      userAgent: CHROME,
      mediaDevices: { getUserMedia: () => undefined },
      permissions: { query: async () => ({ state: "prompt" }) },
    },
  } as never);
  assert.deepEqual(facts, {
    browser: "Chrome 140",
    secure: true,
    webrtc: true,
    candidates: ["host"],
    webcodecs: true,
    autoplay: false,
    microphone: "prompt",
  });
});
