// The peer connection to a service, as WHEP and a service's own offer have it.

import { delayVideo } from "../media/av-sync";
import type { StreamGrant } from "../model/messages";
import { findVideoReceiver, reportConnectionState } from "../streams/peer-setup";
import type { ServiceOptions } from "../streams/service-stream";
import { type AvatarStream, type StreamEvents, type StreamKind, UNSUPPORTED } from "../streams/stream";

/** How long an interruption may last. Services themselves wait for a minute, our user does not. */
export const INTERRUPTION_MS = 6_000;

/** Reports what comes. Ends with `signal`. */
export function createServicePeer(
  grant: StreamGrant,
  { createPeer, firefox }: ServiceOptions,
  events: StreamEvents,
  signal: AbortSignal,
): RTCPeerConnection {
  const pc = createPeer({
    iceServers: grant.iceServers,
    iceTransportPolicy: grant.relayOnly && !firefox ? "relay" : "all",
    bundlePolicy: "max-bundle",
  });
  signal.addEventListener("abort", () => pc.close(), { once: true });
  pc.addEventListener("track", ({ track }) => events.track(track), { signal });
  pc.addEventListener(
    "connectionstatechange",
    () => reportConnectionState(pc.connectionState, events, INTERRUPTION_MS),
    { signal },
  );
  return pc;
}

/** What such a connection does for its stream. */
export function describePeerStream(kind: StreamKind, pc: RTCPeerConnection): AvatarStream {
  return {
    ...UNSUPPORTED,
    kind,
    pc,
    getStats: async () => [...(await pc.getStats()).values()],
    delayVideo: (audioHeldMs) => delayVideo(findVideoReceiver(pc), audioHeldMs),
  };
}
