// Puts the built widget into each of its states. Loaded by gallery.html, driven by gallery.py.

import { LIVE, SCENES } from "./gallery-scenes.js";

const query = new URLSearchParams(location.search);
document.body.className = query.get("theme") ?? "light";
const cell = Number(query.get("width") ?? 720);
document.body.style.setProperty("--cell", `${cell}px`);
document.documentElement.dir = query.get("dir") ?? "ltr";

// The widget's patience is shortened, so that the pictures need not wait for it; its notices stay.
const realTimeout = window.setTimeout;
const SCENE_MS = { 4000: 400, 6000: 60_000, 8000: 800 };
window.setTimeout = (run, ms, ...rest) => realTimeout(run, SCENE_MS[ms] ?? ms, ...rest);

let soundAllowed = true;
const realPlay = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function play() {
  if (this.tagName !== "AUDIO") return realPlay.call(this);
  return soundAllowed ? Promise.resolve() : Promise.reject(new DOMException("no gesture", "NotAllowedError"));
};

/** A moving picture with a face, in place of the host's. */
function picture() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const pen = canvas.getContext("2d");
  const disc = (color, x, y, rx, ry) => {
    pen.fillStyle = color;
    pen.beginPath();
    pen.ellipse(x, y, rx, ry, 0, 0, 7);
    pen.fill();
  };
  const draw = () => {
    const open = 14 + 12 * Math.sin(performance.now() / 120);
    const wall = pen.createLinearGradient(0, 0, 1280, 720);
    wall.addColorStop(0, "#b9cbe4");
    wall.addColorStop(1, "#7d93b6");
    pen.fillStyle = wall;
    pen.fillRect(0, 0, 1280, 720);
    disc("#3b241c", 640, 330, 190, 230);
    disc("#2f4f86", 640, 790, 300, 240);
    disc("#e7bd9f", 640, 540, 70, 90);
    disc("#f2cdb0", 640, 330, 140, 185);
    disc("#3b241c", 640, 190, 150, 70);
    for (const x of [580, 700]) {
      disc("#fff", x, 310, 26, 15);
      disc("#4a3023", x, 310, 12, 13);
    }
    disc("#8d3a40", 640, 430, 44, open);
  };
  draw();
  setInterval(draw, 40);
  return canvas.captureStream(25).getVideoTracks()[0];
}

const track = picture();
const sound = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];

class FakePeer extends EventTarget {
  connectionState = "new";
  signalingState = "stable";
  localDescription = null;
  channel = Object.assign(new EventTarget(), { readyState: "connecting", send() {} });
  #behaviour = FakePeer.next;
  static next = {};
  addTransceiver() {
    return {};
  }
  getTransceivers() {
    return [{ currentDirection: "sendrecv", sender: { replaceTrack: async () => undefined } }];
  }
  getReceivers() {
    return [];
  }
  createDataChannel() {
    return this.channel;
  }
  async createOffer() {
    return { type: "offer", sdp: "" };
  }
  async setLocalDescription(description) {
    this.localDescription = description;
    this.signalingState = "have-local-offer";
    if (this.#behaviour.noInterface) return;
    this.dispatchEvent(
      Object.assign(new Event("icecandidate"), {
        candidate: { candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host" },
      }),
    );
  }
  async setRemoteDescription() {
    if (this.#behaviour.blocked) return;
    for (const one of [track, sound])
      this.dispatchEvent(Object.assign(new Event("track"), { track: one.clone(), receiver: {} }));
    this.connectionState = "connected";
    this.dispatchEvent(new Event("connectionstatechange"));
    this.channel.readyState = "open";
    this.channel.dispatchEvent(new Event("open"));
    if (this.#behaviour.dropped) realTimeout(() => this.channel.dispatchEvent(new Event("close")), 300);
    const say = (messages = []) => {
      for (const message of messages) {
        this.channel.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
      }
    };
    say(this.#behaviour.says);
    const { saysLater } = this.#behaviour;
    realTimeout(() => say(saysLater), 2_000);
  }
  #calls = 0;
  async getStats() {
    this.#calls += 1;
    const at = this.#calls * 1000;
    return new Map([
      [
        "v",
        {
          id: "v",
          type: "inbound-rtp",
          kind: "video",
          timestamp: at,
          framesDecoded: this.#calls * 25,
          bytesReceived: this.#calls * 96_000,
          frameWidth: 1280,
          frameHeight: 720,
          codecId: "c",
          estimatedPlayoutTimestamp: 1000,
        },
      ],
      [
        "a",
        { id: "a", type: "inbound-rtp", kind: "audio", timestamp: at, jitter: 0.002, estimatedPlayoutTimestamp: 1008 },
      ],
      ["c", { id: "c", type: "codec", mimeType: "video/H264" }],
      ["p", { id: "p", type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.003 }],
    ]);
  }
  close() {}
}

/** Where a scene is said to be scrolled away, its cell is out of sight; what floats is in it. */
const RealObserver = window.IntersectionObserver;
class ScrolledAway {
  constructor(callback) {
    this.callback = callback;
  }
  observe(element) {
    const floats = element.closest(".ipyavatar-dock") !== null;
    realTimeout(() => this.callback([{ isIntersecting: floats, intersectionRatio: Number(floats) }]));
  }
  disconnect() {}
}

/** A service's room, in place of LiveKit's; its address is the name of its scene. */
window.openRoom = (name, events) => {
  const scene = SCENES[name];
  let looks = 0;
  realTimeout(() => {
    if (scene.over) {
      const [end, why] = scene.over;
      return end === "lost" ? events.lost(why) : events.rejected(end, why);
    }
    for (const one of [track, sound]) events.track(one.clone());
    events.connected();
    if (scene.interrupted) realTimeout(() => events.interrupted(20_000), 300);
  }, 20);
  const frames = () => {
    looks += 13;
    return scene.freezes ? Math.min(26, looks) : looks;
  };
  return {
    kind: "livekit",
    pc: null,
    acceptAnswer: async () => undefined,
    sendDataPacket() {},
    delayVideo() {},
    getStats: async () => [
      { id: "v", type: "inbound-rtp", kind: "video", timestamp: performance.now(), framesDecoded: frames() },
    ],
  };
};
const gzipped = async (text) => {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new DataView(await new Response(stream).arrayBuffer());
};
const PLAYER = await gzipped("export const open = ({ url }, options, events) => window.openRoom(url, events);");
const fetchBundle = async (name) => gzipped(await (await fetch(`./${name}.js`)).text());
const BUNDLES = {
  livekit: PLAYER,
  microphone: await fetchBundle("microphone"),
  floating: await fetchBundle("floating"),
};

const { default: widget } = await import("./widget.js");

async function stage(name, scene) {
  const cellElement = document.createElement("section");
  cellElement.append(Object.assign(document.createElement("h2"), { textContent: name }));
  document.querySelector("main").append(cellElement);
  const traits = {
    stream: "host",
    character: "Ava",
    muted: false,
    volume: 0.8,
    captions_on: true,
    badge: true,
    width: 0,
    session_id: name,
    error: {},
    stats: {},
    ...scene.traits,
  };
  const listeners = new Map();
  const tell = (message, buffers) =>
    realTimeout(() => {
      for (const listener of listeners.get("msg:custom") ?? []) listener(message, buffers);
    });
  let hellos = 0;
  let joins = 0;
  let offers = 0;
  const model = {
    get: (trait) => traits[trait],
    set: (trait, value) => {
      traits[trait] = value;
    },
    save_changes() {},
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    off() {},
    send(message) {
      if (message.type === "hello" && !scene.deaf && !(scene.deafAfterwards && hellos++ > 0)) {
        tell({ type: "welcome", protocol: message.protocol, epoch: "e" });
        tell(scene.session ?? LIVE);
      }
      if (message.type === "need-bundle")
        tell({ type: "bundle", name: message.name }, [
          (message.name === "livekit" && scene.player) || BUNDLES[message.name],
        ]);
      if (message.type === "join" && scene.answers !== false && joins++ < (scene.joins ?? 99)) {
        const grant = {
          kind: "livekit",
          url: name,
          token: "",
          offer: "",
          iceServers: [],
          relayOnly: false,
        };
        tell({ type: "stream-granted", page: message.page, peer: message.peer, grant });
      }
      if (message.type !== "offer" || scene.answers === false || scene.deaf || offers++ >= (scene.offers ?? 99)) return;
      const { page, peer } = message;
      if (scene.refused) tell({ type: "refused", page, peer, ...scene.refused });
      else tell({ type: "answer", page, peer, sdp: "", iceServers: [] });
    },
  };
  FakePeer.next = scene;
  window.RTCPeerConnection = scene.bare ? undefined : FakePeer;
  soundAllowed = !scene.silent;
  window.IntersectionObserver = scene.away ? ScrolledAway : RealObserver;
  const { initialize, render } = widget();
  initialize({ model });
  const el = document.createElement("div");
  cellElement.append(el);
  render({ model, el });
  const root = el.firstElementChild;
  await new Promise((done) => realTimeout(done, scene.silent || traits.stream !== "host" ? 400 : 60));
  if (scene.elsewhere) new BroadcastChannel(`ipyavatar-${name}`).postMessage({ at: Number.MAX_VALUE, page: "z" });
  if (scene.microphone) await pressMicrophone(root, scene.microphone);
  if (scene.heard) tell(scene.heard);
  if (scene.act) scene.act(root);
  if (scene.click) root.querySelector(scene.click).click();
  // Several scenes want the focus; a class does what `:focus-within` would.
  if (scene.focus) cellElement.dataset.focus = scene.focus;
}

/** Presses the button in a browser that answers so; `later` is what becomes of it then. */
async function pressMicrophone(root, { answer, secure = true, later, press = "click" }) {
  const button = await appears(() => root.querySelector(".ipyavatar-microphone:not([hidden])"));
  Object.defineProperty(window, "isSecureContext", { configurable: true, value: secure });
  const devices = answer && { getUserMedia: answer };
  Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: devices });
  button.dispatchEvent(new PointerEvent(press, { bubbles: true, detail: press === "click" ? 1 : 0 }));
  await new Promise((done) => realTimeout(done, 60));
  later?.(root);
}

async function appears(find) {
  while (!find()) await new Promise((done) => realTimeout(done, 20));
  return find();
}

const only = query.get("scene");
for (const [name, scene] of Object.entries(SCENES)) {
  if (only ? only === name : !scene.away) await stage(name, scene);
}
window.scenes = Object.keys(SCENES);
realTimeout(() => {
  window.ready = true;
}, 4600);
