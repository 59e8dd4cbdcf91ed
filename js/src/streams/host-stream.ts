// The stream of our own host: a peer connection that receives, with a data channel to talk over.

import type { Clock } from "../clock";
import { delayVideo } from "../media/av-sync";
import type { IceServer } from "../model/messages";
import { gatherCandidates } from "./gather";
import {
  acceptAnswer,
  addReceivers,
  dropMdnsCandidates,
  findVideoReceiver,
  type PeerFactory,
  reportConnectionState,
  sendSound,
} from "./peer-setup";
import { type AvatarStream, type StreamEvents, shortMessage, UNSUPPORTED } from "./stream";

/** Label of the data channel; the host knows it by this name. */
export const CHANNEL = "control";

/** How long an interruption may last; ICE goes on by itself within this, or not at all. */
export const INTERRUPTION_MS = 3_000;

/** What a host takes that does not say how much (RFC 8841). */
const UNSAID_MESSAGE_BYTES = 65_536;

/** A connection with its offer under way; nothing is on the network before `openHostStream`. */
export interface PreparedPeer {
  readonly pc: RTCPeerConnection;
  readonly channel: RTCDataChannel;
  readonly offer: Promise<RTCSessionDescriptionInit>;
  /** It may come by ICE servers. */
  readonly relayed: boolean;
}

/** Without servers: the host is this machine or one that the browser already reaches. */
export function preparePeer(create: PeerFactory, iceServers: IceServer[] = []): PreparedPeer {
  const relayed = iceServers.length > 0;
  // One relay for all media, not one for each until the host agrees to that.
  const pc = create(relayed ? { iceServers, bundlePolicy: "max-bundle" } : { iceServers });
  addReceivers(pc, true);
  const channel = pc.createDataChannel(CHANNEL, { ordered: true });
  const offer = pc.createOffer();
  // A failure is handled where the offer is used; a prepared peer may well never be.
  offer.catch(() => undefined);
  return { pc, channel, offer, relayed };
}

/** Puts the offer on its way. Ends with `signal`, which also closes the connection. */
export function openHostStream(
  peer: PreparedPeer,
  clock: Clock,
  events: StreamEvents,
  signal: AbortSignal,
): AvatarStream {
  listen(peer, events, signal);
  void sendOffer(peer, clock, events, signal);
  const { pc, channel } = peer;
  return {
    ...UNSUPPORTED,
    kind: "host",
    pc,
    get hasChannel() {
      return channel.readyState === "open";
    },
    get unheardMs() {
      return readUnheardMs(pc);
    },
    send: (message) => sendText(pc, channel, JSON.stringify(message)),
    sendSound: (track) => sendSound(pc, track),
    acceptAnswer: (sdp) => acceptAnswer(pc, sdp),
    getStats: async () => [...(await pc.getStats()).values()],
    delayVideo: (audioHeldMs) => delayVideo(findVideoReceiver(pc), audioHeldMs),
  };
}

/** The browser knows for ten seconds which sound it has played; it plays the silence between words, too. */
function readUnheardMs(pc: RTCPeerConnection): number | null {
  const receiver = pc.getReceivers().find(({ track }) => track.kind === "audio");
  const [source] = receiver?.getSynchronizationSources?.() ?? [];
  return source ? performance.timeOrigin + performance.now() - source.timestamp : null;
}

/** False for what is too long for the host, or comes when the channel closes. */
function sendText(pc: RTCPeerConnection, channel: RTCDataChannel, text: string): boolean {
  const most = pc.sctp?.maxMessageSize || UNSAID_MESSAGE_BYTES;
  if (channel.readyState !== "open" || new TextEncoder().encode(text).length > most) return false;
  try {
    channel.send(text);
    return true;
  } catch {
    return false;
  }
}

function listen({ pc, channel }: PreparedPeer, events: StreamEvents, signal: AbortSignal): void {
  const options = { signal };
  signal.addEventListener("abort", () => pc.close(), { once: true });
  pc.addEventListener(
    "track",
    ({ receiver, track }) => {
      minimizeDelay(receiver);
      events.track(track);
    },
    options,
  );
  pc.addEventListener(
    "icecandidate",
    ({ candidate }) => {
      if (candidate?.candidate) events.candidateFound();
    },
    options,
  );
  pc.addEventListener(
    "icecandidateerror",
    ({ errorCode, errorText }) => events.relayError(errorCode, errorText),
    options,
  );
  pc.addEventListener(
    "iceconnectionstatechange",
    () => {
      if (["connected", "completed"].includes(pc.iceConnectionState)) events.pathFound();
    },
    options,
  );
  pc.addEventListener(
    "connectionstatechange",
    () => reportConnectionState(pc.connectionState, events, INTERRUPTION_MS),
    options,
  );
  channel.addEventListener("open", () => events.channelOpened(), options);
  channel.addEventListener("close", () => events.lost("the host has closed it"), options);
  channel.addEventListener(
    "message",
    ({ data }) => {
      if (typeof data === "string") events.channelMessage(data);
    },
    options,
  );
}

async function sendOffer(
  { pc, offer: created, relayed }: PreparedPeer,
  clock: Clock,
  events: StreamEvents,
  signal: AbortSignal,
): Promise<void> {
  try {
    const offer = await created;
    if (signal.aborted) return;
    await pc.setLocalDescription(offer);
    // Not waiting for candidates saves 0.1 s: our checks reach the host's own candidates. A relay
    // lets the host's packets through only once it knows where to look for us.
    if (relayed) await gatherCandidates(pc, clock, signal);
    if (signal.aborted) return;
    events.offerReady(dropMdnsCandidates(pc.localDescription?.sdp ?? offer.sdp ?? ""));
  } catch (error) {
    if (!signal.aborted) events.lost(shortMessage(error));
  }
}

function minimizeDelay(receiver: RTCRtpReceiver): void {
  // After a stall Chromium keeps the delay it has grown; a target of zero asks it to catch up.
  if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
}
