// The stream of a service that offers a peer connection itself. Python brings its offer, and takes our
// answer and our candidates to it; what the service tells comes over a data channel of its making.

import type { StreamGrant } from "../model/messages";
import { dropMdnsCandidates } from "../streams/peer-setup";
import type { ServiceOptions } from "../streams/service-stream";
import { type AvatarStream, type StreamEvents, shortMessage } from "../streams/stream";
import { createServicePeer, describePeerStream } from "./service-peer";

/** Answers the offer. Ends with `signal`. */
export function openWebRtcStream(
  grant: StreamGrant,
  options: ServiceOptions,
  events: StreamEvents,
  signal: AbortSignal,
): AvatarStream {
  const pc = createServicePeer(grant, options, events, signal);
  pc.addEventListener("datachannel", ({ channel }) => listen(channel, events, signal), { signal });
  answerOffer(pc, grant.offer, events, signal).catch((error: unknown) => {
    if (!signal.aborted) events.lost(shortMessage(error));
  });
  return describePeerStream("webrtc", pc);
}

async function answerOffer(
  pc: RTCPeerConnection,
  sdp: string,
  events: StreamEvents,
  signal: AbortSignal,
): Promise<void> {
  await pc.setRemoteDescription({ type: "offer", sdp });
  const answer = await pc.createAnswer();
  if (signal.aborted) return;
  // What is found is told one by one, and only once there is an answer that it belongs to.
  const found: RTCIceCandidate[] = [];
  let answered = false;
  pc.addEventListener(
    "icecandidate",
    ({ candidate }) => {
      // The service cannot look up `.local` names.
      if (!candidate?.candidate || candidate.candidate.includes(".local ")) return;
      if (answered) events.candidate(candidate);
      else found.push(candidate);
    },
    { signal },
  );
  await pc.setLocalDescription(answer);
  if (signal.aborted) return;
  answered = true;
  events.answerReady(dropMdnsCandidates(pc.localDescription?.sdp ?? answer.sdp ?? ""));
  for (const candidate of found) events.candidate(candidate);
}

function listen(channel: RTCDataChannel, events: StreamEvents, signal: AbortSignal): void {
  channel.binaryType = "arraybuffer";
  channel.addEventListener(
    "message",
    ({ data }: MessageEvent<string | ArrayBuffer>) =>
      events.dataPacket("", typeof data === "string" ? data : new TextDecoder().decode(data)),
    { signal },
  );
  // Only who ends the session closes it.
  channel.addEventListener("close", () => events.rejected("ended", "the service has closed the connection"), {
    signal,
  });
}
