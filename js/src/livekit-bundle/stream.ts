// The stream of a service's LiveKit room.

import { delayVideo } from "../media/av-sync";
import type { StreamGrant } from "../model/messages";
import { type AvatarStream, type StreamEvents, shortMessage, UNSUPPORTED } from "../streams/stream";
import type { JoinedRoom, RoomEvents } from "./room";

/** LiveKit reconnects by itself, first keeping the media, then all anew; then our turn comes. */
export const INTERRUPTION_MS = 20_000;

export type JoinRoom = (url: string, token: string, events: RoomEvents, signal: AbortSignal) => JoinedRoom;

/** Joins the room. Ends with `signal`. */
export function openRoomStream(
  join: JoinRoom,
  { url, token }: StreamGrant,
  events: StreamEvents,
  signal: AbortSignal,
): AvatarStream {
  const joined = join(url, token, roomEvents(events), signal);
  let sending: Promise<void> = Promise.resolve();
  let sounding: Promise<void> = Promise.resolve();
  return {
    ...UNSUPPORTED,
    kind: "livekit",
    get resting() {
      return joined.isPictureStill();
    },
    sendDataPacket(topic, payload) {
      // Each packet waits for the one before, so that they arrive in the order they came.
      sending = sending
        .then(() => joined.publish(topic, payload))
        .catch((error: unknown) => {
          console.warn("[ipyavatar] a command did not reach the room", error);
        });
    },
    sendSound(track, onRefused) {
      sounding = sounding
        .then(() => joined.sendSound(track))
        .catch((error: unknown) => {
          if (track && !signal.aborted) onRefused?.(shortMessage(error));
        });
      return true;
    },
    getStats: () => joined.getStats(),
    delayVideo: (audioHeldMs) => delayVideo(joined.findVideoReceiver(), audioHeldMs),
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
