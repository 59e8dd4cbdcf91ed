// The line to a service that speaks WHEP: the offer is POSTed, the answer comes back, and the
// address of our viewer with it, which we DELETE when we go.

import type { Clock } from "../clock";
import { follow } from "../media/av-sync";
import { type Line, type LineEvents, UNABLE, words } from "./stream";
import type { Whep } from "../model/messages";
import { told } from "./host-stream";
import { type PeerFactory, pictures, receiveOnly, withoutMdns } from "./peer-setup";

/** Relays are far away, and there is no second chance to name their candidates. */
export const GATHER_MS = 1_500;
/** How long an interruption may last. The service itself waits for a minute, our user does not. */
export const WOBBLE_MS = 6_000;
/** A viewer who has just left (this page before its reload, say) is gone by then. */
export const TAKEN_AGAIN_MS = 2_000;
export const TAKEN_TRIES = 4;

const SDP = "application/sdp";

export interface WhepSurroundings {
  clock: Clock;
  createPeer: PeerFactory;
  fetch: typeof fetch;
  /** Firefox connects only directly where it is told to use relays alone. */
  firefox: boolean;
}

/** Opens the viewer. Ends with `signal`, which also closes the viewer at the service. */
export function whepLine(whep: Whep, around: WhepSurroundings, events: LineEvents, signal: AbortSignal): Line {
  const pc = around.createPeer({
    iceServers: whep.iceUrls.length === 0 ? []
      : [{ urls: whep.iceUrls, username: whep.iceUsername, credential: whep.iceCredential }],
    iceTransportPolicy: whep.relayOnly && !around.firefox ? "relay" : "all",
    bundlePolicy: "max-bundle",
  });
  const options = { signal };
  signal.addEventListener("abort", () => pc.close(), { once: true });
  pc.addEventListener("track", ({ track }) => events.track(track), options);
  pc.addEventListener("connectionstatechange", () => told(pc.connectionState, events, WOBBLE_MS), options);
  open(pc, whep, around, events, signal).catch((error: unknown) => {
    if (!signal.aborted) events.lost(words(error));
  });
  return {
    ...UNABLE,
    kind: "whep",
    pc,
    async answer(sdp) {
      if (pc.signalingState === "have-local-offer") await pc.setRemoteDescription({ type: "answer", sdp });
    },
    stats: async () => [...(await pc.getStats()).values()],
    follow: (soundHeldMs) => follow(pictures(pc), soundHeldMs),
  };
}

async function open(
  pc: RTCPeerConnection, whep: Whep, around: WhepSurroundings, events: LineEvents, signal: AbortSignal,
): Promise<void> {
  receiveOnly(pc);
  await pc.setLocalDescription(await pc.createOffer());
  if (whep.iceUrls.length > 0) await gathered(pc, around.clock, signal);
  const sdp = withoutMdns(pc.localDescription?.sdp ?? "");
  for (let tries = 1; !signal.aborted; tries += 1) {
    let response: Response;
    try {
      // Not ended by `signal`: a viewer that was made meanwhile has to be told to go.
      response = await post(around, whep.url, sdp);
    } catch {
      // The service does not allow this page (CORS), or is out of its reach. Python has other ways.
      if (!signal.aborted) events.offer(sdp);
      return;
    }
    if (response.ok) return viewing(pc, whep, around, response, signal);
    const why = words(await response.text());
    if (signal.aborted) return;
    if (response.status === 404) return events.turnedAway("ended", why);
    if (response.status !== 409) return events.lost(`${response.status} ${why}`);
    if (tries >= TAKEN_TRIES) return events.turnedAway("taken", why);
    await after(around.clock, TAKEN_AGAIN_MS, signal);
  }
}

function post({ fetch }: WhepSurroundings, url: string, body: string): Promise<Response> {
  return fetch(url, {
    method: "POST", headers: { "Content-Type": SDP }, body, credentials: "omit", referrerPolicy: "no-referrer",
  });
}

async function viewing(
  pc: RTCPeerConnection, whep: Whep, { fetch }: WhepSurroundings, response: Response, signal: AbortSignal,
): Promise<void> {
  const location = response.headers.get("Location");
  const remove = async (): Promise<void> => {
    if (!location) return;
    const address = new URL(location, response.url || whep.url);
    // `keepalive`: it also goes out while the page is being closed. Nobody waits for it.
    await fetch(address, { method: "DELETE", keepalive: true, credentials: "omit", referrerPolicy: "no-referrer" });
  };
  const leave = (): void => void remove().catch(() => undefined);
  if (signal.aborted) return leave();
  signal.addEventListener("abort", leave, { once: true });
  const sdp = await response.text();
  if (!signal.aborted) await pc.setRemoteDescription({ type: "answer", sdp });
}

/** Ends when the browser knows all its candidates, or has had its time. */
async function gathered(pc: RTCPeerConnection, clock: Clock, signal: AbortSignal): Promise<void> {
  if (pc.iceGatheringState === "complete") return;
  const enough = new AbortController();
  const complete = new Promise<void>((resolve) => {
    pc.addEventListener("icegatheringstatechange", () => {
      if (pc.iceGatheringState === "complete") resolve();
    }, { signal: enough.signal });
  });
  await Promise.race([complete, after(clock, GATHER_MS, signal)]);
  enough.abort();
}

/** Ends after `ms`, or with `signal`. */
function after(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    signal.addEventListener("abort", () => {
      cancel();
      resolve();
    }, { once: true });
  });
}
