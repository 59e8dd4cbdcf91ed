// The line to a service's LiveKit room.

import type { Clock } from "../clock";
import { follow } from "../media/av-sync";
import { type Line, type LineEvents, UNABLE, words } from "./stream";
import type { JoinedRoom } from "../livekit-bundle/index";
import type { Room } from "../model/messages";
import { take } from "./livekit-bundle";
import { NO_PLAYER } from "../connection/problems";

/** LiveKit reconnects by itself, first keeping the media, then all anew; then our turn comes. */
export const WOBBLE_MS = 20_000;

/** Joins the room once the player is there. Ends with `signal`. */
export function roomLine(room: Room, clock: Clock, events: LineEvents, signal: AbortSignal): Line {
  let joined: JoinedRoom | null = null;
  let sending: Promise<void> = Promise.resolve();
  void (async () => {
    try {
      const player = await take(clock, signal);
      if (signal.aborted) return;
      if (!player) return events.lost("the player's code did not come");
      joined = player.join(room.url, room.token, {
        track: events.track,
        untrack: events.untrack,
        connected: events.connected,
        wobbling: () => events.wobbling(WOBBLE_MS),
        over: (end, why) => (end === "lost" ? events.lost(words(why)) : events.turnedAway(end, words(why))),
        data: events.data,
      }, signal);
    } catch (error) {
      if (signal.aborted) return;
      console.warn("[ipyavatar] the LiveKit player could not be loaded", error);
      events.broken(NO_PLAYER);
    }
  })();
  return {
    ...UNABLE,
    kind: "livekit",
    command(topic, payload) {
      // One after the other, in the order they came.
      sending = sending.then(() => joined?.publish(topic, payload)).catch((error: unknown) => {
        console.warn("[ipyavatar] a command did not reach the room", error);
      });
    },
    stats: async () => (await joined?.stats()) ?? [],
    follow: (soundHeldMs) => follow(joined?.pictures(), soundHeldMs),
  };
}
