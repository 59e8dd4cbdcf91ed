// The line to our own host: a peer connection that receives, with a data channel to talk over.

import { follow } from "../media/av-sync";
import { type Line, type LineEvents, UNABLE, words } from "./stream";
import { type PeerFactory, pictures, receiveOnly, withoutMdns } from "./peer-setup";

/** Label of the data channel; the host knows it by this name. */
export const CHANNEL = "control";

/** How long an interruption may last; ICE goes on by itself within this, or not at all. */
export const WOBBLE_MS = 3_000;

/** A connection with its offer under way; nothing is on the network before `hostLine`. */
export interface PreparedPeer {
  readonly pc: RTCPeerConnection;
  readonly channel: RTCDataChannel;
  readonly offer: Promise<RTCSessionDescriptionInit>;
}

export function preparePeer(create: PeerFactory): PreparedPeer {
  // No STUN: the host is this machine or one that the browser already reaches.
  const pc = create({ iceServers: [] });
  receiveOnly(pc);
  const channel = pc.createDataChannel(CHANNEL, { ordered: true });
  const offer = pc.createOffer();
  // Handled where it is used; a prepared peer may well never be.
  offer.catch(() => undefined);
  return { pc, channel, offer };
}

/** Puts the offer on its way. Ends with `signal`, which also closes the connection. */
export function hostLine(peer: PreparedPeer, events: LineEvents, signal: AbortSignal): Line {
  listen(peer, events, signal);
  void makeOffer(peer, events, signal);
  const { pc, channel } = peer;
  return {
    ...UNABLE,
    kind: "host",
    pc,
    get direct() {
      return channel.readyState === "open";
    },
    send: (message) => channel.send(JSON.stringify(message)),
    async answer(sdp) {
      if (pc.signalingState === "have-local-offer") await pc.setRemoteDescription({ type: "answer", sdp });
    },
    stats: async () => [...(await pc.getStats()).values()],
    follow: (soundHeldMs) => follow(pictures(pc), soundHeldMs),
  };
}

function listen({ pc, channel }: PreparedPeer, events: LineEvents, signal: AbortSignal): void {
  const options = { signal };
  signal.addEventListener("abort", () => pc.close(), { once: true });
  pc.addEventListener("track", ({ receiver, track }) => {
    keepUp(receiver);
    events.track(track);
  }, options);
  pc.addEventListener("icecandidate", ({ candidate }) => {
    if (candidate?.candidate) events.candidate();
  }, options);
  pc.addEventListener("connectionstatechange", () => told(pc.connectionState, events, WOBBLE_MS), options);
  channel.addEventListener("open", () => events.opened(), options);
  channel.addEventListener("close", () => events.lost("the host has closed it"), options);
  channel.addEventListener("message", ({ data }) => {
    if (typeof data === "string") events.text(data);
  }, options);
}

/** What a peer connection's state means. */
export function told(state: RTCPeerConnectionState, events: LineEvents, wobbleMs: number): void {
  if (state === "connected") events.connected();
  else if (state === "disconnected") events.wobbling(wobbleMs);
  else if (state === "failed" || state === "closed") events.lost(`the connection ${state === "failed" ? "failed" : "was closed"}`);
}

async function makeOffer({ pc, offer: made }: PreparedPeer, events: LineEvents, signal: AbortSignal): Promise<void> {
  try {
    const offer = await made;
    if (signal.aborted) return;
    await pc.setLocalDescription(offer);
    if (signal.aborted) return;
    // Not waiting for candidates saves 0.1 s: our checks reach the host's own candidates.
    events.offer(withoutMdns(pc.localDescription?.sdp ?? offer.sdp ?? ""));
  } catch (error) {
    if (!signal.aborted) events.lost(words(error));
  }
}

function keepUp(receiver: RTCRtpReceiver): void {
  // After a stall Chromium keeps the delay it has grown; a target of zero asks it to catch up.
  if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
}
