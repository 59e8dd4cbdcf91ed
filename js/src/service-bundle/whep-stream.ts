// The stream of a service that speaks WHEP: the offer is POSTed, the answer comes back, and the
// address of our viewer with it, which we DELETE when we go.

import { sleep } from "../clock";
import type { StreamGrant } from "../model/messages";
import { gatherCandidates } from "../streams/gather";
import { acceptAnswer, addReceivers, dropMdnsCandidates } from "../streams/peer-setup";
import type { ServiceOptions } from "../streams/service-stream";
import { type AvatarStream, type StreamEvents, shortMessage } from "../streams/stream";
import { createServicePeer, describePeerStream } from "./service-peer";

/** A viewer who has just left (this page before its reload, say) is gone by then. */
export const TAKEN_RETRY_MS = 2_000;
export const TAKEN_TRIES = 4;

const SDP = "application/sdp";
/** The address is a secret between the service and us. */
const PRIVATE = { credentials: "omit", referrerPolicy: "no-referrer" } as const;

/** Opens the viewer. Ends with `signal`, which also closes the viewer at the service. */
export function openWhepStream(
  grant: StreamGrant,
  options: ServiceOptions,
  events: StreamEvents,
  signal: AbortSignal,
): AvatarStream {
  const pc = createServicePeer(grant, options, events, signal);
  new WhepViewer(pc, grant, options, events, signal).open().catch((error: unknown) => {
    if (!signal.aborted) events.lost(shortMessage(error));
  });
  return { ...describePeerStream("whep", pc), acceptAnswer: (sdp) => acceptAnswer(pc, sdp) };
}

/** Our viewer at the service, from the offer to the DELETE. */
class WhepViewer {
  readonly #pc: RTCPeerConnection;
  readonly #grant: StreamGrant;
  readonly #options: ServiceOptions;
  readonly #events: StreamEvents;
  readonly #signal: AbortSignal;

  constructor(
    pc: RTCPeerConnection,
    grant: StreamGrant,
    options: ServiceOptions,
    events: StreamEvents,
    signal: AbortSignal,
  ) {
    this.#pc = pc;
    this.#grant = grant;
    this.#options = options;
    this.#events = events;
    this.#signal = signal;
  }

  async open(): Promise<void> {
    const sdp = await this.#makeOffer();
    for (let tries = 1; !this.#signal.aborted; tries += 1) {
      let response: Response;
      try {
        response = await this.#post(sdp);
      } catch {
        // The service does not allow this page (CORS), or is out of its reach. Python has other ways.
        if (!this.#signal.aborted) this.#events.offerReady(sdp);
        return;
      }
      if (response.ok) return this.#enter(response);
      const why = shortMessage(await response.text());
      if (this.#signal.aborted) return;
      if (response.status === 404) return this.#events.rejected("ended", why);
      if (response.status !== 409) return this.#events.lost(`${response.status} ${why}`);
      if (tries >= TAKEN_TRIES) return this.#events.rejected("taken", why);
      await sleep(this.#options.clock, TAKEN_RETRY_MS, this.#signal);
    }
  }

  async #makeOffer(): Promise<string> {
    const pc = this.#pc;
    addReceivers(pc);
    await pc.setLocalDescription(await pc.createOffer());
    if (this.#grant.iceServers.length > 0) await gatherCandidates(pc, this.#options.clock, this.#signal);
    return dropMdnsCandidates(pc.localDescription?.sdp ?? "");
  }

  /** Not ended by the signal: a viewer that was made meanwhile has to be told to go. */
  #post(body: string): Promise<Response> {
    const { fetch } = this.#options;
    return fetch(this.#grant.url, { method: "POST", headers: { "Content-Type": SDP }, body, ...PRIVATE });
  }

  /** The service has made a viewer for us. */
  async #enter(response: Response): Promise<void> {
    const signal = this.#signal;
    const leave = (): void => {
      this.#remove(response).catch(() => undefined);
    };
    if (signal.aborted) return leave();
    signal.addEventListener("abort", leave, { once: true });
    const sdp = await response.text();
    if (!signal.aborted) await this.#pc.setRemoteDescription({ type: "answer", sdp });
  }

  async #remove(response: Response): Promise<void> {
    const { fetch } = this.#options;
    const location = response.headers.get("Location");
    if (!location) return;
    const address = new URL(location, response.url || this.#grant.url);
    // `keepalive`: it also goes out while the page is being closed. Nobody waits for it.
    await fetch(address, { method: "DELETE", keepalive: true, ...PRIVATE });
  }
}
