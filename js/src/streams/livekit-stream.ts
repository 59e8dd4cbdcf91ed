// The stream of a service's LiveKit room.

import type { Clock } from "../clock";
import { loadBundle } from "../connection/bundles";
import { PLAYER_NOT_LOADED } from "../connection/problems";
import type { JoinedRoom, RoomEvents } from "../livekit-bundle/index";
import { delayVideo } from "../media/av-sync";
import type { StreamGrant } from "../model/messages";
import { type AvatarStream, type StreamEvents, shortMessage, UNSUPPORTED } from "./stream";

/** LiveKit reconnects by itself, first keeping the media, then all anew; then our turn comes. */
export const INTERRUPTION_MS = 20_000;

/** How long the player's code may be on its way, after the room it is for. */
export const BUNDLE_WAIT_MS = 8_000;

/** Joins the room once the player's code is there. Ends with `signal`. */
export function openLiveKitStream(
  grant: StreamGrant,
  clock: Clock,
  events: StreamEvents,
  signal: AbortSignal,
): AvatarStream {
  let joined: JoinedRoom | null = null;
  let sending: Promise<void> = Promise.resolve();
  const join = async (): Promise<void> => {
    const bundle = await loadBundle("livekit", signal, { clock, ms: BUNDLE_WAIT_MS });
    if (signal.aborted) return;
    if (bundle) joined = bundle.join(grant.url, grant.token, roomEvents(events), signal);
    else events.lost("the player's code did not come");
  };
  join().catch((error: unknown) => {
    if (signal.aborted) return;
    console.warn("[ipyavatar] the LiveKit player could not be loaded", error);
    events.failed(PLAYER_NOT_LOADED);
  });
  return {
    ...UNSUPPORTED,
    kind: "livekit",
    sendDataPacket(topic, payload) {
      // Each packet waits for the one before, so that they arrive in the order they came.
      sending = sending
        .then(() => joined?.publish(topic, payload))
        .catch((error: unknown) => {
          console.warn("[ipyavatar] a command did not reach the room", error);
        });
    },
    getStats: async () => (await joined?.getStats()) ?? [],
    delayVideo: (audioHeldMs) => delayVideo(joined?.findVideoReceiver(), audioHeldMs),
  };
}

function roomEvents(events: StreamEvents): RoomEvents {
  return {
    track: events.track,
    trackEnded: events.trackEnded,
    connected: events.connected,
    interrupted: () => events.interrupted(INTERRUPTION_MS),
    left: (end, why) => (end === "lost" ? events.lost(shortMessage(why)) : events.rejected(end, shortMessage(why))),
    dataPacket: events.dataPacket,
  };
}
