// What every peer connection of ours has in common: it receives one picture and one sound.

import type { StreamEvents } from "./stream";

/** Codecs the host encodes well, best first; others stay behind them. */
const VIDEO_CODECS = ["video/h264", "video/vp8"];

export type PeerFactory = (configuration: RTCConfiguration) => RTCPeerConnection;

export function supportsWebRtc(): boolean {
  return typeof RTCPeerConnection === "function" && typeof MediaStream === "function";
}

/** `speaks`: a microphone may be heard some day, without another offer. Nothing is sent before it has a track. */
export function addReceivers(pc: RTCPeerConnection, speaks = false): void {
  preferCodecs(pc.addTransceiver("video", { direction: "recvonly" }));
  pc.addTransceiver("audio", { direction: speaks ? "sendrecv" : "recvonly" });
}

/** Sends this track in place of the one before, or none; false where the other side takes none. */
export function sendSound(pc: RTCPeerConnection, track: MediaStreamTrack | null): boolean {
  const way = pc.getTransceivers().find(({ currentDirection }) => currentDirection === "sendrecv");
  // It fails where the connection was closed meanwhile: then there is another one soon.
  way?.sender.replaceTrack(track).catch(() => undefined);
  return way !== undefined;
}

export function findVideoReceiver(pc: RTCPeerConnection): RTCRtpReceiver | undefined {
  return pc.getReceivers().find(({ track }) => track.kind === "video");
}

const answered = new WeakSet<RTCPeerConnection>();

/**
 * Takes the answer, unless it comes a second time or after the connection was closed. An offer that was sent again is
 * answered again, on a busy machine while the browser is still at the first: it would then refuse the second.
 */
export async function acceptAnswer(pc: RTCPeerConnection, sdp: string): Promise<void> {
  if (answered.has(pc) || pc.signalingState !== "have-local-offer") return;
  answered.add(pc);
  await pc.setRemoteDescription({ type: "answer", sdp });
}

/** Tells what a peer connection's state means, now. */
export function reportConnectionState(
  state: RTCPeerConnectionState,
  events: StreamEvents,
  interruptionMs: number,
): void {
  if (state === "connected") events.connected();
  else if (state === "disconnected") events.interrupted(interruptionMs);
  else if (state === "failed") events.lost("the connection failed");
  else if (state === "closed") events.lost("the connection was closed");
}

/** `.local` candidates cost the host a second of looking up, mostly in vain. */
export function dropMdnsCandidates(sdp: string): string {
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
