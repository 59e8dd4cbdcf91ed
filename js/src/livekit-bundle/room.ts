// A LiveKit room: joins it, hands out the avatar's tracks, and passes data packets both ways.

import {
  type LocalAudioTrack,
  LogLevel,
  type RemoteParticipant,
  type RemoteTrack,
  Room,
  RoomEvent,
  setLogLevel,
  Track,
} from "livekit-client";
import { explainDisconnect, explainFailedJoin, type RoomEnd } from "./disconnect-reasons";
import { isPictureStill, type OfferedTrack, selectTracks } from "./track-selection";

export interface RoomEvents {
  track(track: MediaStreamTrack): void;
  trackEnded(track: MediaStreamTrack): void;
  connected(): void;
  /** LiveKit tries to reconnect by itself. */
  interrupted(): void;
  /** The room is left, or could not be joined; not called when `signal` ended it. */
  left(end: RoomEnd, why: string): void;
  dataPacket(topic: string, payload: string): void;
}

export interface JoinedRoom {
  publish(topic: string, payload: string): Promise<void>;
  /** Publishes the microphone's sound, in place of what was published; or none. */
  sendSound(track: MediaStreamTrack | null): Promise<void>;
  /** Its picture stands still on purpose. */
  isPictureStill(): boolean;
  getStats(): Promise<unknown[]>;
  findVideoReceiver(): RTCRtpReceiver | undefined;
}

/** For each of the two peer connections that a room may have. */
const CONNECT_TIMEOUT_MS = 10_000;

setLogLevel(LogLevel.error);

/** Joins; ends with `signal`. */
export function join(url: string, token: string, events: RoomEvents, signal: AbortSignal): JoinedRoom {
  const room = new Room({
    adaptiveStream: false,
    // It would leave whenever the user is merely asked whether to leave; the page tells us itself.
    disconnectOnPageLeave: false,
  });
  let phase: "joining" | "joined" | "left" = "joining";
  const isActive = (): boolean => phase !== "left";
  const leave = ([end, why]: readonly [RoomEnd, string]): void => {
    if (!isActive()) return;
    phase = "left";
    events.left(end, why);
  };
  const stop = (): void => {
    phase = "left";
    room.disconnect().catch(() => undefined);
  };
  signal.addEventListener("abort", stop, { once: true });

  const tracks = new AvatarTracks(events, isActive);
  const microphone = new RoomMicrophone(room);
  const interrupt = (): void => {
    if (isActive()) events.interrupted();
  };
  room
    .on(RoomEvent.TrackSubscribed, (track, _, participant) => tracks.add(track, participant))
    .on(RoomEvent.TrackUnsubscribed, (track) => tracks.remove(track))
    .on(RoomEvent.TrackMuted, () => tracks.select())
    .on(RoomEvent.TrackUnmuted, () => tracks.select())
    .on(RoomEvent.DataReceived, (data, _participant, _kind, topic) => {
      if (isActive()) events.dataPacket(topic ?? "", new TextDecoder().decode(data));
    })
    .on(RoomEvent.SignalReconnecting, interrupt)
    .on(RoomEvent.Reconnecting, interrupt)
    .on(RoomEvent.Reconnected, () => {
      if (isActive()) events.connected();
    })
    .on(RoomEvent.Disconnected, (reason) => {
      // Before it is joined, the promise of `connect` knows better.
      if (phase === "joined") leave(explainDisconnect(reason));
    });
  const onJoined = (): void => {
    if (!isActive()) return;
    phase = "joined";
    events.connected();
  };
  room
    .connect(url, token, { peerConnectionTimeout: CONNECT_TIMEOUT_MS, websocketTimeout: CONNECT_TIMEOUT_MS })
    .then(onJoined, (error: object) => leave(explainFailedJoin(error)));

  return {
    publish: (topic, payload) =>
      room.localParticipant.publishData(new TextEncoder().encode(payload), { reliable: true, ...(topic && { topic }) }),
    sendSound: (track) => microphone.send(track),
    isPictureStill: () => isPictureStill(tracks.selected),
    findVideoReceiver: () => tracks.selected.find(({ kind }) => kind === Track.Kind.Video)?.receiver,
    async getStats() {
      const reports = await Promise.all(tracks.selected.map((track) => track.getRTCStatsReport()));
      return reports.flatMap((report) => (report ? [...report.values()] : []));
    },
  };
}

/** Keeps the two tracks that play those of the avatar. */
class AvatarTracks {
  #offered: OfferedTrack<RemoteTrack>[] = [];
  #selected: readonly RemoteTrack[] = [];
  readonly #events: RoomEvents;
  readonly #isActive: () => boolean;

  constructor(events: RoomEvents, isActive: () => boolean) {
    this.#events = events;
    this.#isActive = isActive;
  }

  get selected(): readonly RemoteTrack[] {
    return this.#selected;
  }

  add(track: RemoteTrack, { identity }: RemoteParticipant): void {
    this.#offered.push({ identity, kind: track.kind, track });
    this.select();
  }

  remove(track: RemoteTrack): void {
    this.#offered = this.#offered.filter((offered) => offered.track !== track);
    this.select();
  }

  /** Someone has come or gone, or sends nothing for a while. */
  select(): void {
    const before = this.#selected;
    const offered = this.#offered.map((one) => ({ ...one, muted: one.track.isMuted }));
    const now = selectTracks(offered, before);
    this.#selected = now;
    if (!this.#isActive()) return;
    for (const track of before) if (!now.includes(track)) this.#events.trackEnded(track.mediaStreamTrack);
    for (const track of now) if (!before.includes(track)) this.#events.track(track.mediaStreamTrack);
  }
}

/** Stays published, muted: a button that is held again is heard at once, without another agreement. */
class RoomMicrophone {
  readonly #room: Room;
  #track: LocalAudioTrack | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  async send(track: MediaStreamTrack | null): Promise<void> {
    if (!track) {
      await this.#track?.mute();
    } else if (this.#track) {
      await this.#track.replaceTrack(track, true);
      await this.#track.unmute();
    } else {
      const options = { source: Track.Source.Microphone, stopMicTrackOnMute: false };
      this.#track = (await this.#room.localParticipant.publishTrack(track, options)).audioTrack;
    }
  }
}
