// The stream of a service, whatever it comes by: opened once the code for that is there.

import type { Clock } from "../clock";
import { loadBundle } from "../connection/bundles";
import { PLAYER_NOT_LOADED } from "../connection/problems";
import type { BundleName, StreamGrant } from "../model/messages";
import type { PeerFactory } from "./peer-setup";
import { type AvatarStream, type StreamEvents, UNSUPPORTED } from "./stream";

/** How long the code may be on its way, after the stream that it is for. */
export const BUNDLE_WAIT_MS = 8_000;

export interface ServiceOptions {
  readonly clock: Clock;
  readonly createPeer: PeerFactory;
  readonly fetch: typeof fetch;
  /** Firefox connects only directly where it is told to use relays alone. */
  readonly firefox: boolean;
}

/** Code that plays streams of services. */
export interface ServiceBundle {
  /** Opens it; ends with `signal`. */
  open(grant: StreamGrant, options: ServiceOptions, events: StreamEvents, signal: AbortSignal): AvatarStream;
}

/** What a stream of this kind is played by. */
export function bundleOf(kind: string): BundleName & ("livekit" | "service") {
  return kind === "livekit" ? "livekit" : "service";
}

export function openServiceStream(
  grant: StreamGrant,
  options: ServiceOptions,
  events: StreamEvents,
  signal: AbortSignal,
): AvatarStream {
  let opened: AvatarStream | null = null;
  const open = async (): Promise<void> => {
    const code = await loadBundle<ServiceBundle>(bundleOf(grant.kind), signal, {
      clock: options.clock,
      ms: BUNDLE_WAIT_MS,
    });
    if (signal.aborted) return;
    if (code) opened = code.open(grant, options, events, signal);
    else events.lost("the player's code did not come");
  };
  open().catch((error: unknown) => {
    if (signal.aborted) return;
    console.warn("[ipyavatar] the service's stream could not be opened", error);
    events.failed(PLAYER_NOT_LOADED);
  });
  return {
    ...UNSUPPORTED,
    kind: grant.kind,
    get pc() {
      return opened?.pc ?? null;
    },
    get resting() {
      return opened?.resting ?? false;
    },
    acceptAnswer: async (sdp) => opened?.acceptAnswer(sdp),
    sendSound: (track, onRefused) => opened?.sendSound(track, onRefused) ?? false,
    sendDataPacket: (topic, payload) => opened?.sendDataPacket(topic, payload),
    getStats: async () => (await opened?.getStats()) ?? [],
    delayVideo: (audioHeldMs) => opened?.delayVideo(audioHeldMs),
  };
}
