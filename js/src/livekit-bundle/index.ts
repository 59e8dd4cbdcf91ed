// The LiveKit player: a bundle of its own, which Python sends when the page needs it. It joins a
// room, hands out the avatar's tracks, and passes data packets both ways.

import { LogLevel, type RemoteParticipant, type RemoteTrack, Room, RoomEvent, setLogLevel, Track } from "livekit-client";
import { type End, endOf, endOfAttempt } from "./disconnect-reasons";
import { choose, type Offered } from "./track-selection";

export interface RoomEvents {
  track(track: MediaStreamTrack): void;
  untrack(track: MediaStreamTrack): void;
  connected(): void;
  wobbling(): void;
  /** Not called for the end that `signal` makes. */
  over(end: End, why: string): void;
  data(topic: string, payload: string): void;
}

export interface JoinedRoom {
  publish(topic: string, payload: string): Promise<void>;
  stats(): Promise<unknown[]>;
  /** Who receives the picture, if there is one. */
  pictures(): RTCRtpReceiver | undefined;
}

/** For each of the two peer connections that a room may have. */
const PATIENCE_MS = 10_000;

setLogLevel(LogLevel.error);

/** Joins; ends with `signal`. */
export function join(url: string, token: string, events: RoomEvents, signal: AbortSignal): JoinedRoom {
  const room = new Room({
    adaptiveStream: false,
    // It would leave whenever the user is merely asked whether to leave; the page tells us itself.
    disconnectOnPageLeave: false,
  });
  let live = true;
  let joined = false;
  const end = (how: readonly [End, string]): void => {
    if (!live) return;
    live = false;
    events.over(...how);
  };
  signal.addEventListener("abort", () => {
    live = false;
    room.disconnect().catch(() => undefined);
  }, { once: true });

  const tracks = playing(events, () => live);
  room
    .on(RoomEvent.TrackSubscribed, (track, _, who) => tracks.add(track, who))
    .on(RoomEvent.TrackUnsubscribed, (track) => tracks.remove(track))
    .on(RoomEvent.DataReceived, (data, _who, _kind, topic) => {
      if (live) events.data(topic ?? "", new TextDecoder().decode(data));
    })
    .on(RoomEvent.SignalReconnecting, () => live && events.wobbling())
    .on(RoomEvent.Reconnecting, () => live && events.wobbling())
    .on(RoomEvent.Reconnected, () => live && events.connected())
    // Before it is joined, the promise of `connect` knows better.
    .on(RoomEvent.Disconnected, (reason) => joined && end(endOf(reason)));
  room.connect(url, token, { peerConnectionTimeout: PATIENCE_MS, websocketTimeout: PATIENCE_MS }).then(() => {
    joined = true;
    if (live) events.connected();
  }, (error: object) => end(endOfAttempt(error)));

  return {
    async publish(topic, payload) {
      const data = new TextEncoder().encode(payload);
      await room.localParticipant.publishData(data, { reliable: true, ...(topic ? { topic } : {}) });
    },
    pictures: () => tracks.chosen().find(({ kind }) => kind === Track.Kind.Video)?.receiver,
    async stats() {
      const reports = await Promise.all(tracks.chosen().map((track) => track.getRTCStatsReport()));
      return reports.flatMap((report) => (report ? [...report.values()] : []));
    },
  };
}

/** Keeps the two tracks that play those of the avatar. */
function playing(events: RoomEvents, live: () => boolean) {
  let offered: Offered<RemoteTrack>[] = [];
  let chosen: readonly RemoteTrack[] = [];
  const update = (): void => {
    const next = choose(offered);
    const [old, before] = [chosen, new Set(chosen)];
    chosen = next;
    if (!live()) return;
    for (const track of old) if (!next.includes(track)) events.untrack(track.mediaStreamTrack);
    for (const track of next) if (!before.has(track)) events.track(track.mediaStreamTrack);
  };
  return {
    chosen: () => chosen,
    add(track: RemoteTrack, { identity }: RemoteParticipant): void {
      const kind = track.kind === Track.Kind.Video ? "video" : track.kind === Track.Kind.Audio ? "audio" : "";
      offered.push({ identity, kind, track });
      update();
    },
    remove(track: RemoteTrack): void {
      offered = offered.filter((other) => other.track !== track);
      update();
    },
  };
}
