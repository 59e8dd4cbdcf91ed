// Waiting for a peer connection's candidates, where they have to be named in the offer.

import { type Clock, sleep } from "../clock";

/** Relays are far away, and there is no second chance to name their candidates. */
export const GATHER_MS = 1_500;

/** Ends when the browser knows all its candidates, or has had its time; or with the first from a relay. */
export async function gatherCandidates(pc: RTCPeerConnection, clock: Clock, signal: AbortSignal): Promise<void> {
  if (pc.iceGatheringState === "complete") return;
  const done = new AbortController();
  const listening = { signal: done.signal };
  const gathered = new Promise<void>((resolve) => {
    const check = (): void => {
      if (pc.iceGatheringState === "complete") resolve();
    };
    pc.addEventListener("icegatheringstatechange", check, listening);
    // One is enough to be reached, while a server that does not answer takes seconds.
    const note = ({ candidate }: RTCPeerConnectionIceEvent): void => {
      if (candidate?.candidate.includes(" typ relay")) resolve();
    };
    pc.addEventListener("icecandidate", note, listening);
  });
  await Promise.race([gathered, sleep(clock, GATHER_MS, signal)]);
  done.abort();
}
