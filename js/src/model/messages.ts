// Written by tools/page_types.py from src/ipyavatar/protocol/page.py. Do not edit.

import type { Shape } from "./shape";

export const PROTOCOL = 5;

/** Characters in one speech. */
export const LONGEST_TEXT = 200000;

/** In one piece of recorded media. */
export const PIECE_BYTES = 65536;

export type BundleName = "floating" | "frames" | "livekit" | "microphone" | "recording" | "service" | "socket";

export type FrameKind = "picture" | "sound";

export type ListeningMode = "off" | "open" | "push_to_talk";

export type MicrophoneState = "failed" | "off" | "on";

export type Playback = "failed" | "interrupted" | "paused" | "playing" | "sound-blocked" | "waiting";

export type SoundPath = "messages" | "track";

export type SpeechState = "failed" | "interrupted" | "queued" | "said" | "speaking";

export type StatusName = "ended" | "failed" | "idle" | "live" | "reconnecting" | "starting" | "stopping";

export type StreamEnd = "ended" | "lost" | "refused" | "taken";

export type TranscriptKind = "txt" | "vtt";

/**
 * An `AvatarError`: its class by name, and what it holds. Attributes: name: Name of the class in
 * `ipyavatar.errors`. what: What happened. fix: What to do. fields: Its further attributes.
 * open_sessions: Of a `ConcurrencyLimitError`.
 */
export interface Failure {
  name: string;
  what: string;
  fix: string;
  fields: Record<string, string | number | boolean | null>;
  open_sessions: Array<string>;
}

/**
 * How a viewer gets the picture. Attributes: kind: `"livekit"` (a room), `"whep"` (an address
 * for one viewer) or `"webrtc"` (one peer connection that the service has offered). url: The
 * LiveKit server, or the WHEP address. token: The viewer's LiveKit token. offer: The service's
 * SDP, for a peer connection. ice_servers: ICE servers to use; empty where the service needs
 * none. relay_only: Whether the stream may come through those and no other way.
 */
export interface StreamGrant {
  kind: "livekit" | "webrtc" | "whep";
  url: string;
  token: string;
  offer: string;
  iceServers: Array<IceServer>;
  relayOnly: boolean;
}

/**
 * A STUN or TURN server, the user's or a service's, as the browser's `RTCIceServer`. Attributes:
 * urls: Its addresses, each `stun:`, `stuns:`, `turn:` or `turns:`. username: Who we are there;
 * empty where it asks nobody. credential: What proves it.
 */
export interface IceServer {
  urls: Array<string>;
  username: string;
  credential: string;
}

/**
 * 20 ms of sound, as an Opus packet, or a picture, as a VP8 frame; or plain, see `Subscribe`.
 * Attributes: kind: What it is. number: Frames of one subscription are numbered from 1, sound
 * and pictures together. at_ms: When it is due, on the clock of the sound. key: It can be
 * decoded without the ones before.
 */
export interface MediaFrame {
  kind: FrameKind;
  number: number;
  atMs: number;
  key: boolean;
}

/** A page has loaded the widget's code. `page` is its own name, one per page and model. */
export interface Hello {
  type: "hello";
  page: string;
  protocol: number;
  atMs?: number;
}

/**
 * The page offers a peer connection. `peer` is made up by the page, one per attempt. With
 * `relay` the page has come by ICE servers of the user's, for it was not reached without them:
 * it names its candidates, and the host uses them as well.
 */
export interface Offer {
  type: "offer";
  page: string;
  peer: string;
  sdp: string;
  relay?: boolean;
}

/**
 * The page wants the stream of a service's session; answered with `StreamGranted` or `Refused`.
 * `peer` is as in `Offer`.
 */
export interface Join {
  type: "join";
  page: string;
  peer: string;
}

/** The page needs code that it does not have, and asks again until it comes (see `Bundle`). */
export interface NeedBundle {
  type: "need-bundle";
  name: BundleName;
}

/** The user wants to save what was said: as plain text, or as captions with their times. */
export interface NeedTranscript {
  type: "need-transcript";
  page: string;
  kind: TranscriptKind;
}

/**
 * The page answers the offer of a service that came with its grant, of the kind `webrtc`. It is
 * sent again until the page is connected, or `Refused`.
 */
export interface AcceptOffer {
  type: "accept-offer";
  page: string;
  peer: string;
  sdp: string;
}

/** A way in which the page can be reached: for the service whose offer it has answered. */
export interface Candidate {
  type: "candidate";
  page: string;
  peer: string;
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
}

/**
 * The page wants sound and pictures as `Frames`, or it is `Refused`. `peer` is as in `Offer`.
 * The page may ask again until the first frames come. With `plain` it has no decoders: sound is
 * samples, and pictures are JPEG. They come by widget message. With an `origin`, its own, the
 * page may reach ports of the host, and gets a `SocketGranted` besides.
 */
export interface Subscribe {
  type: "subscribe";
  page: string;
  peer: string;
  plain?: boolean;
  origin?: string;
}

/** The first that a page says over its WebSocket: whose it is, and the `token` it was given. */
export interface OpenSocket {
  type: "open-socket";
  page: string;
  peer: string;
  token: string;
}

/**
 * Frames up to this `number` have come, but for those from `lost_from` to `lost_to`. With `gap`
 * a keyframe is needed. What was lost is told once; 0 is nothing. `at_ms` is the page's own
 * clock as it says so.
 */
export interface Acknowledge {
  type: "acknowledge";
  page: string;
  peer: string;
  number: number;
  gap?: boolean;
  lostFrom?: number;
  lostTo?: number;
  atMs?: number;
}

/**
 * The page has the stream by another way than before, which broke. For so long, until it says
 * so, it has heard nothing.
 */
export interface Missed {
  type: "missed";
  page: string;
  ms: number;
}

/**
 * A data packet in the service's room, or over its data channel; `payload` is its text. From a
 * page: the service has sent it. To a page: send it, reliably.
 */
export interface RoomData {
  type: "room-data";
  page: string;
  topic: string;
  payload: string;
}

/**
 * A service's stream has ended for this page, or did not begin. `ended`: the service says that
 * there is no such session any more. `refused`: it does not take what the page joined with.
 * `taken`: somebody else is watching, where only one may. `lost`: the network; `text` has the
 * service's or the browser's own words.
 */
export interface StreamOver {
  type: "stream-over";
  page: string;
  peer: string;
  reason: StreamEnd;
  text?: string;
}

/** The page has closed this peer connection. */
export interface Hangup {
  type: "hangup";
  page: string;
  peer: string;
}

/**
 * The user typed this and pressed Send. A page may send it again until it hears of the speech,
 * which page and click name: it is said once.
 */
export interface Say {
  type: "say";
  text: string;
  interrupt?: boolean;
  page?: string;
  atMs?: number;
}

/** Cut off one speech; with an empty id silence, now, and what is queued is dropped. */
export interface Interrupt {
  type: "interrupt";
  speech?: string;
}

/** Open the session; with `resume` only if it has ended with `Status.resumes`. */
export interface Start {
  type: "start";
  resume?: boolean;
}

/** Somebody is at the page and has the avatar on the screen; about once a minute. */
export interface Active {
  type: "active";
  page: string;
}

/** End the session. */
export interface Stop {
  type: "stop";
}

/**
 * The user moved mute or volume in the page. `volume` is 0 to 1. It is of that page: other
 * pages, of other people perhaps, go on as they are.
 */
export interface SetSound {
  type: "set-sound";
  muted: boolean;
  volume: number;
  page?: string;
}

/** Answer to `Sync`. */
export interface Synced {
  type: "synced";
  page: string;
}

/**
 * What became of playing the stream. `paused`: nobody can see a view of it in the page, nothing
 * need be drawn; sound goes on, unless it is `silent`: no view is left, or the browser holds
 * sound back. `waiting`: one is in sight again. `interrupted`: a service's stream brings nothing
 * now, and may come back by itself. `failed` comes with what happened and what to do, in words
 * for the user. Numbered from 1 by its page, see `page_order.py`.
 */
export interface Media {
  type: "media";
  page: string;
  playback: Playback;
  what?: string;
  fix?: string;
  silent?: boolean;
  number?: number;
}

/**
 * What became of the page's microphone. `on`: its sound comes, by the peer connection's `track`
 * or by `messages`. `off`: it does not any more, and what was being said ends here (the key of
 * push to talk was let go of). `failed`: refused, unplugged, none there, no secure context; with
 * what happened and what to do, in words for the user. Numbered from 1 by its page, see
 * `page_order.py`.
 */
export interface Microphone {
  type: "microphone";
  page: string;
  state: MicrophoneState;
  via?: SoundPath;
  what?: string;
  fix?: string;
  number?: number;
}

/**
 * Some of the microphone's sound, where it comes by messages. Its one buffer has 16 bit samples,
 * little endian, mono, `rate` a second. Numbered from 1 since the microphone is on: what is
 * missing is silence.
 */
export interface MicrophoneSound {
  type: "microphone-sound";
  page: string;
  number: number;
  rate: number;
}

/**
 * Some bytes of the file that the page's browser records; in its one buffer. Numbered from 1,
 * which is empty and says that it has begun: what is not acknowledged is sent again.
 * `recorded_ms`: so long after the beginning it was there. So many bytes are `waiting`.
 */
export interface MediaPiece {
  type: "media-piece";
  page: string;
  sending: string;
  number: number;
  kind: string;
  recordedMs: number;
  waiting?: number;
}

/**
 * The page sends nothing more; or it cannot: what happened, and what to do. `final`: its browser
 * cannot, and asked again it could not either.
 */
export interface MediaOver {
  type: "media-over";
  page: string;
  sending: string;
  what: string;
  fix?: string;
  final?: boolean;
}

/**
 * What the page measures of its stream, about once a second. Missing numbers are null.
 * `audio_video_offset_ms`: how long sound is heard before its picture is seen; see
 * media/stats.ts. `local_candidate` and `remote_candidate`: by what kind of address each side is
 * reached, `relay` for a TURN server; `relay_protocol`: how the page speaks to its own.
 * `transport`: what the picture comes by: `webrtc`, `websocket` or `messages` from our own host,
 * else in the words of the trait `stream`.
 */
export interface Stats {
  type: "stats";
  page: string;
  width: number;
  height: number;
  fps: number;
  bitrateKbps: number;
  packetsLost: number;
  framesDropped: number;
  freezes: number;
  jitterMs?: number | null;
  roundTripMs?: number | null;
  audioVideoOffsetMs?: number | null;
  firstFrameMs?: number | null;
  codec?: string;
  localCandidate?: string;
  remoteCandidate?: string;
  relayProtocol?: string;
  transport?: string;
  atMs?: number;
}

export type FromPage =
  | Hello
  | Offer
  | Join
  | NeedBundle
  | NeedTranscript
  | AcceptOffer
  | Candidate
  | Subscribe
  | OpenSocket
  | Acknowledge
  | Missed
  | RoomData
  | StreamOver
  | Hangup
  | Say
  | Interrupt
  | Start
  | Active
  | Stop
  | SetSound
  | Synced
  | Media
  | Microphone
  | MicrophoneSound
  | MediaPiece
  | MediaOver
  | Stats;

/** Answer to `Hello`: this model has a living kernel behind it. `epoch` differs per kernel. */
export interface Welcome {
  type: "welcome";
  protocol: number;
  epoch: string;
}

/**
 * The host's answer to the offer `peer` of `page`. Other pages ignore it. `ice_servers` are the
 * user's, for an offer that has to come by them; nothing else tells a page.
 */
export interface Answer {
  type: "answer";
  page: string;
  peer: string;
  sdp: string;
  iceServers: Array<IceServer>;
}

/**
 * Answer to `Join`: how the page gets the stream, with a token that is good for it alone. A page
 * that may not POST to a WHEP address sends an `Offer` with the same `peer`; Python passes it
 * on.
 */
export interface StreamGranted {
  type: "stream-granted";
  page: string;
  peer: string;
  grant: StreamGrant;
}

/** Code of the page: an ES module, gzipped, in the widget message's one buffer. */
export interface Bundle {
  type: "bundle";
  name: BundleName;
}

/** What was said, for the file of one page; empty where nothing was. */
export interface SavedTranscript {
  type: "saved-transcript";
  page: string;
  kind: TranscriptKind;
  text: string;
}

/**
 * Sound and pictures for the subscription `peer`; each frame's bytes are a buffer, in order.
 * Sound comes ahead of its time: `clock_ms` is what the clock of the sound says as they are
 * sent. `flushes` counts how often what had not been played was dropped; where it grows, all
 * sound that came before is to be dropped, and with less than that it comes too late. With
 * `resting` nothing follows until the avatar has something to say: what is sent keeps a kernel
 * from being culled. The first after an acknowledgement has in `echo_ms` what that said of the
 * page's clock, and since when it was here: what the page's clock says less that is the time
 * there and back.
 */
export interface Frames {
  type: "frames";
  page: string;
  peer: string;
  frames: Array<MediaFrame>;
  clockMs: number;
  flushes: number;
  resting: boolean;
  echoMs: number | null;
}

/**
 * The page may open a WebSocket to this port of the host, once; it says `OpenSocket` there. From
 * then on frames come over it, each `Frames` as bytes (`page_codec.pack_frames`), and both sides
 * say over it, as JSON text, what goes over a data channel elsewhere. When it ends, frames come
 * by widget message again.
 */
export interface SocketGranted {
  type: "socket-granted";
  page: string;
  peer: string;
  port: number;
  token: string;
}

/**
 * The page cannot have the stream: what happened, and what to do. With `taken` somebody else is
 * watching, where only one may.
 */
export interface Refused {
  type: "refused";
  page: string;
  peer: string;
  what: string;
  fix: string;
  taken: boolean;
}

/**
 * The session's status, one line for the user, and the error when it has failed. With `resumes`
 * it has ended because nobody used it, costs nothing, and is to be opened again when somebody
 * looks at it.
 */
export interface Status {
  type: "status";
  status: StatusName;
  text: string;
  at: number;
  error: Failure | null;
  resumes: boolean;
}

/**
 * A speech changed. `latency_ms` is from asking for it (the call, or the click) to its first
 * sample leaving the host; `asked_at` is when that was. `words`, once it is said, are `[text,
 * start, end]`, seconds from its first sample. A page is told the text with the beginning, the
 * rest by the id, and no words: captions have them.
 */
export interface SpeechUpdate {
  type: "speech";
  speech: string;
  state: SpeechState;
  text: string;
  at: number;
  askedAt: number;
  reason: string;
  latencyMs: number | null;
  words: Array<[string, number, number]>;
}

/**
 * The speeches that have not ended, by id; whatever else a page takes for one of them is over. A
 * page that has lost messages is put right by it.
 */
export interface UnderWay {
  type: "under-way";
  queued: Array<string>;
  sounding: string;
  at: number;
}

/**
 * These words are being spoken from now on; `words` are `[text, start, end]`, seconds from now.
 * An empty `text` clears the caption. `clock_ms` is the media's clock then, where it is said in
 * frames: a page shows it with that sound, for however long it holds that.
 */
export interface Caption {
  type: "caption";
  speech: string;
  text: string;
  at: number;
  words: Array<[string, number, number]>;
  clockMs: number | null;
}

/**
 * Whether Python listens, and whether somebody is speaking; `page` is whose microphone that is.
 * `open`: all the time. `push_to_talk`: while a button or a key is held. So many `microphones`
 * are on. Those of the pages in `dropped` were given up, and are heard again once their page
 * says that they are on. It is of the `Listen` with this `request`; 0: of none, for nobody
 * asked.
 */
export interface ListeningUpdate {
  type: "listening";
  mode: ListeningMode;
  hearing: boolean;
  at: number;
  page: string;
  microphones: number;
  dropped: Array<string>;
  request: number;
}

/** The kernel has `MicrophoneSound` up to this `number`, as far as it came: more may follow. */
export interface MicrophoneTaken {
  type: "microphone-taken";
  page: string;
  number: number;
}

/**
 * What was understood of what was said at the microphone of `page`. An empty `text` comes with
 * the `reason`: nothing was understood.
 */
export interface Heard {
  type: "heard";
  text: string;
  at: number;
  reason: string;
  page: string;
}

/** The page is to send what it plays from now on, under this name; in place of any other. */
export interface SendMedia {
  type: "send-media";
  page: string;
  sending: string;
}

/** All pieces up to this `number` have come. */
export interface MediaTaken {
  type: "media-taken";
  page: string;
  sending: string;
  number: number;
}

/** Nobody wants it any more. */
export interface StopMedia {
  type: "stop-media";
  page: string;
  sending: string;
}

/**
 * All has been told for now. A page that was not told all of it sees that by the number. Widget
 * messages are numbered, since a notebook server drops them when a cell prints a lot: a page
 * that misses one says `Hello`, and is told where the session is. This one stands behind the
 * last, and is sent again until it is answered.
 */
export interface Sync {
  type: "sync";
}

/**
 * A piece of a message that is longer than the page takes at once. Pieces come in order; the
 * message is the texts of all of them, from `index` 0 to the `last`.
 */
export interface Part {
  type: "part";
  index: number;
  last: boolean;
  text: string;
}

/** The host is closing this peer connection on purpose: why, and what to do. */
export interface Goodbye {
  type: "goodbye";
  what: string;
  fix: string;
}

export type ToPage =
  | Welcome
  | Answer
  | StreamGranted
  | Bundle
  | SavedTranscript
  | RoomData
  | Frames
  | SocketGranted
  | Refused
  | Status
  | SpeechUpdate
  | UnderWay
  | Caption
  | ListeningUpdate
  | MicrophoneTaken
  | Heard
  | SendMedia
  | MediaTaken
  | StopMedia
  | Sync
  | Part
  | Goodbye;

export const SHAPES: Record<string, Record<string, Shape>> = {
  "welcome": {
    "protocol": "number",
    "epoch": "string"
  },
  "answer": {
    "page": "string",
    "peer": "string",
    "sdp": "string",
    "iceServers": {
      "items": {
        "fields": {
          "urls": {
            "items": "string"
          },
          "username": "string",
          "credential": "string"
        }
      }
    }
  },
  "stream-granted": {
    "page": "string",
    "peer": "string",
    "grant": {
      "fields": {
        "kind": {
          "oneOf": [
            "livekit",
            "webrtc",
            "whep"
          ]
        },
        "url": "string",
        "token": "string",
        "offer": "string",
        "iceServers": {
          "items": {
            "fields": {
              "urls": {
                "items": "string"
              },
              "username": "string",
              "credential": "string"
            }
          }
        },
        "relayOnly": "boolean"
      }
    }
  },
  "bundle": {
    "name": {
      "oneOf": [
        "floating",
        "frames",
        "livekit",
        "microphone",
        "recording",
        "service",
        "socket"
      ]
    }
  },
  "saved-transcript": {
    "page": "string",
    "kind": {
      "oneOf": [
        "txt",
        "vtt"
      ]
    },
    "text": "string"
  },
  "room-data": {
    "page": "string",
    "topic": "string",
    "payload": "string"
  },
  "frames": {
    "page": "string",
    "peer": "string",
    "frames": {
      "items": {
        "fields": {
          "kind": {
            "oneOf": [
              "picture",
              "sound"
            ]
          },
          "number": "number",
          "atMs": "number",
          "key": "boolean"
        }
      }
    },
    "clockMs": "number",
    "flushes": "number",
    "resting": "boolean",
    "echoMs": {
      "anyOf": [
        "number",
        "null"
      ]
    }
  },
  "socket-granted": {
    "page": "string",
    "peer": "string",
    "port": "number",
    "token": "string"
  },
  "refused": {
    "page": "string",
    "peer": "string",
    "what": "string",
    "fix": "string",
    "taken": "boolean"
  },
  "status": {
    "status": {
      "oneOf": [
        "ended",
        "failed",
        "idle",
        "live",
        "reconnecting",
        "starting",
        "stopping"
      ]
    },
    "text": "string",
    "at": "number",
    "error": {
      "anyOf": [
        {
          "fields": {
            "name": "string",
            "what": "string",
            "fix": "string",
            "fields": {
              "values": {
                "anyOf": [
                  "string",
                  "number",
                  "number",
                  "boolean",
                  "null"
                ]
              }
            },
            "open_sessions": {
              "items": "string"
            }
          }
        },
        "null"
      ]
    },
    "resumes": "boolean"
  },
  "speech": {
    "speech": "string",
    "state": {
      "oneOf": [
        "failed",
        "interrupted",
        "queued",
        "said",
        "speaking"
      ]
    },
    "text": "string",
    "at": "number",
    "askedAt": "number",
    "reason": "string",
    "latencyMs": {
      "anyOf": [
        "number",
        "null"
      ]
    },
    "words": {
      "items": {
        "tuple": [
          "string",
          "number",
          "number"
        ]
      }
    }
  },
  "under-way": {
    "queued": {
      "items": "string"
    },
    "sounding": "string",
    "at": "number"
  },
  "caption": {
    "speech": "string",
    "text": "string",
    "at": "number",
    "words": {
      "items": {
        "tuple": [
          "string",
          "number",
          "number"
        ]
      }
    },
    "clockMs": {
      "anyOf": [
        "number",
        "null"
      ]
    }
  },
  "listening": {
    "mode": {
      "oneOf": [
        "off",
        "open",
        "push_to_talk"
      ]
    },
    "hearing": "boolean",
    "at": "number",
    "page": "string",
    "microphones": "number",
    "dropped": {
      "items": "string"
    },
    "request": "number"
  },
  "microphone-taken": {
    "page": "string",
    "number": "number"
  },
  "heard": {
    "text": "string",
    "at": "number",
    "reason": "string",
    "page": "string"
  },
  "send-media": {
    "page": "string",
    "sending": "string"
  },
  "media-taken": {
    "page": "string",
    "sending": "string",
    "number": "number"
  },
  "stop-media": {
    "page": "string",
    "sending": "string"
  },
  "sync": {},
  "part": {
    "index": "number",
    "last": "boolean",
    "text": "string"
  },
  "goodbye": {
    "what": "string",
    "fix": "string"
  }
};
