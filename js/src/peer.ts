// One peer connection of the page: receive video and audio, talk over a data channel.

import { pictureDelayMs } from "./instep";

/** Label of the data channel; the host knows it by this name. */
export const CHANNEL = "control";

/** Codecs the host encodes well, best first; others stay behind them. */
const VIDEO_CODECS = ["video/h264", "video/vp8"];

export type PeerFactory = (configuration: RTCConfiguration) => RTCPeerConnection;

export interface PeerEvents {
  offer(sdp: string): void;
  track(track: MediaStreamTrack): void;
  state(state: RTCPeerConnectionState): void;
  /** The browser has found a way to be reached. */
  candidate(): void;
  opened(channel: RTCDataChannel): void;
  closed(): void;
  text(data: string): void;
  failed(error: unknown): void;
}

/** A connection with its offer under way; nothing is on the network before `connect`. */
export interface PreparedPeer {
  readonly pc: RTCPeerConnection;
  readonly channel: RTCDataChannel;
  readonly offer: Promise<RTCSessionDescriptionInit>;
}

export function supported(): boolean {
  return typeof RTCPeerConnection === "function" && typeof MediaStream === "function";
}

export function preparePeer(create: PeerFactory): PreparedPeer {
  // No STUN: the host is this machine or one that the browser already reaches.
  const pc = create({ iceServers: [] });
  preferCodecs(pc.addTransceiver("video", { direction: "recvonly" }));
  pc.addTransceiver("audio", { direction: "recvonly" });
  const channel = pc.createDataChannel(CHANNEL, { ordered: true });
  const offer = pc.createOffer();
  // Handled where it is used; a prepared peer may well never be.
  offer.catch(() => undefined);
  return { pc, channel, offer };
}

/** Puts the offer on its way. Ends with `signal`, which also closes the connection. */
export function connectPeer(peer: PreparedPeer, events: PeerEvents, signal: AbortSignal): void {
  const { pc, channel } = peer;
  const options = { signal };
  signal.addEventListener("abort", () => pc.close(), { once: true });
  pc.addEventListener("track", ({ receiver, track }) => {
    keepUp(receiver);
    events.track(track);
  }, options);
  pc.addEventListener("icecandidate", ({ candidate }) => {
    if (candidate?.candidate) events.candidate();
  }, options);
  pc.addEventListener("connectionstatechange", () => events.state(pc.connectionState), options);
  channel.addEventListener("open", () => events.opened(channel), options);
  channel.addEventListener("close", () => events.closed(), options);
  channel.addEventListener("message", ({ data }) => {
    if (typeof data === "string") events.text(data);
  }, options);
  void (async () => {
    try {
      const offer = await peer.offer;
      if (signal.aborted) return;
      await pc.setLocalDescription(offer);
      if (signal.aborted) return;
      // Not waiting for candidates saves 0.1 s: our checks reach the host's own candidates.
      events.offer(withoutMdns(pc.localDescription?.sdp ?? offer.sdp ?? ""));
    } catch (error) {
      if (!signal.aborted) events.failed(error);
    }
  })();
}

/** `.local` candidates cost the host a second of looking up, mostly in vain. */
export function withoutMdns(sdp: string): string {
  return sdp
    .split("\r\n")
    .filter((line) => !(line.startsWith("a=candidate") && line.includes(".local ")))
    .join("\r\n");
}

function preferCodecs(transceiver: RTCRtpTransceiver): void {
  // Old browsers lack these; then the host picks.
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.("video")?.codecs;
  if (!codecs || !transceiver.setCodecPreferences) return;
  const rank = (codec: { mimeType: string }): number => {
    const index = VIDEO_CODECS.indexOf(codec.mimeType.toLowerCase());
    return index < 0 ? VIDEO_CODECS.length : index;
  };
  transceiver.setCodecPreferences([...codecs].sort((one, other) => rank(one) - rank(other)));
}

function keepUp(receiver: RTCRtpReceiver): void {
  // After a stall Chromium keeps the delay it has grown; a target of zero asks it to catch up.
  if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
}

/** Lets pictures follow the sound; see `instep.ts`. */
export function follow(pc: RTCPeerConnection, soundHeldMs: number): void {
  const receiver = pc.getReceivers().find(({ track }) => track.kind === "video");
  if (!receiver || !("jitterBufferTarget" in receiver)) return;
  const asked = receiver.jitterBufferTarget ?? 0;
  const delay = pictureDelayMs(asked, soundHeldMs);
  if (delay !== asked) receiver.jitterBufferTarget = delay;
}
