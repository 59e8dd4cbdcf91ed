// What every peer connection of ours has in common: it receives one picture and one sound.

/** Codecs the host encodes well, best first; others stay behind them. */
const VIDEO_CODECS = ["video/h264", "video/vp8"];

export type PeerFactory = (configuration: RTCConfiguration) => RTCPeerConnection;

export function supported(): boolean {
  return typeof RTCPeerConnection === "function" && typeof MediaStream === "function";
}

export function receiveOnly(pc: RTCPeerConnection): void {
  preferCodecs(pc.addTransceiver("video", { direction: "recvonly" }));
  pc.addTransceiver("audio", { direction: "recvonly" });
}

/** Who receives the picture. */
export function pictures(pc: RTCPeerConnection): RTCRtpReceiver | undefined {
  return pc.getReceivers().find(({ track }) => track.kind === "video");
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
