"""The messages between the notebook page and Python: one table for both sides.

They travel as widget messages (signalling, and everything where there is no data channel, as with
the streams of services) and as JSON text on the peer connection's data channel, or a WebSocket
(page to host directly, so that the buttons work while a cell runs). `tools/page_types.py` writes
the same table as TypeScript, and a test checks that the two agree. What concerns microphones is in
`protocol.listening`, frames in `protocol.frames`, what a page records in `protocol.page_media`.

Times are milliseconds where a name ends in `_ms`, otherwise seconds. `at_ms` of what the page sends
is the page's own wall clock (`Date.now()`) at the click, 0 where it is not told. `at` of what the
page is told is the machine's monotonic clock: each fact may reach a page by two ways, and the page
believes the newest.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ..core.decode import Count, Number
from ..core.speech import SpeechState, SpokenWord
from .errors import Failure
from .frames import (
    Acknowledge,
    Frames,
    Missed,
    OpenSocket,
    SocketGranted,
    Subscribe,
)
from .grants import StreamGrant
from .listening import (
    Heard,
    ListeningUpdate,
    Microphone,
    MicrophoneSound,
    MicrophoneTaken,
)
from .message import PageMessage
from .options import IceServer
from .page_media import MediaOver, MediaPiece, MediaTaken, SendMedia, StopMedia
from .saving import NeedTranscript, SavedTranscript

PROTOCOL = 5
"""Raised when a message changes its meaning; page and Python refuse to guess."""

StatusName = Literal["idle", "starting", "live", "reconnecting", "stopping", "ended", "failed"]
StreamEnd = Literal["ended", "refused", "taken", "lost"]
BundleName = Literal[
    "livekit", "service", "microphone", "recording", "socket", "floating", "frames"
]
Playback = Literal["playing", "sound-blocked", "paused", "waiting", "interrupted", "failed"]


# ---- the page says ------------------------------------------------------------------------------


class Hello(PageMessage, frozen=True, tag="hello"):
    """A page has loaded the widget's code. `page` is its own name, one per page and model."""

    page: str
    protocol: Count
    at_ms: Number = 0.0


class Offer(PageMessage, frozen=True, tag="offer"):
    """The page offers a peer connection. `peer` is made up by the page, one per attempt.

    With `relay` the page has come by ICE servers of the user's, for it was not reached without
    them: it names its candidates, and the host uses them as well.
    """

    page: str
    peer: str
    sdp: str
    relay: bool = False


class Join(PageMessage, frozen=True, tag="join"):
    """The page wants the stream of a service's session; answered with `StreamGranted` or `Refused`.

    `peer` is as in `Offer`.
    """

    page: str
    peer: str


class NeedBundle(PageMessage, frozen=True, tag="need-bundle"):
    """The page needs code that it does not have, and asks again until it comes (see `Bundle`)."""

    name: BundleName


class AcceptOffer(PageMessage, frozen=True, tag="accept-offer"):
    """The page answers the offer of a service that came with its grant, of the kind `webrtc`.

    It is sent again until the page is connected, or `Refused`.
    """

    page: str
    peer: str
    sdp: str


class Candidate(PageMessage, frozen=True, tag="candidate"):
    """A way in which the page can be reached: for the service whose offer it has answered."""

    page: str
    peer: str
    candidate: str
    sdp_mid: str | None = None
    sdp_m_line_index: Count | None = None


class RoomData(PageMessage, frozen=True, tag="room-data"):
    """A data packet in the service's room, or over its data channel; `payload` is its text.

    From a page: the service has sent it. To a page: send it, reliably.
    """

    page: str
    topic: str
    payload: str


class StreamOver(PageMessage, frozen=True, tag="stream-over"):
    """A service's stream has ended for this page, or did not begin.

    `ended`: the service says that there is no such session any more. `refused`: it does not take
    what the page joined with. `taken`: somebody else is watching, where only one may. `lost`: the
    network; `text` has the service's or the browser's own words.
    """

    page: str
    peer: str
    reason: StreamEnd
    text: str = ""


class Hangup(PageMessage, frozen=True, tag="hangup"):
    """The page has closed this peer connection."""

    page: str
    peer: str


class Say(PageMessage, frozen=True, tag="say"):
    """The user typed this and pressed Send.

    A page may send it again until it hears of the speech, which page and click name: it is said
    once.
    """

    text: str
    interrupt: bool = False
    page: str = ""
    at_ms: Number = 0.0

    @property
    def speech(self) -> str:
        """The id of the speech; empty where the page does not say when it was."""
        named = self.page and self.at_ms > 0
        return f"page-{self.page[:40]}-{self.at_ms:.0f}" if named else ""


class Interrupt(PageMessage, frozen=True, tag="interrupt"):
    """Cut off one speech; with an empty id silence, now, and what is queued is dropped."""

    speech: str = ""


class Start(PageMessage, frozen=True, tag="start"):
    """Open the session; with `resume` only if it has ended with `Status.resumes`."""

    resume: bool = False


class Active(PageMessage, frozen=True, tag="active"):
    """Somebody is at the page and has the avatar on the screen; about once a minute."""

    page: str


class Stop(PageMessage, frozen=True, tag="stop"):
    """End the session."""


class SetSound(PageMessage, frozen=True, tag="set-sound"):
    """The user moved mute or volume in the page. `volume` is 0 to 1.

    It is of that page: other pages, of other people perhaps, go on as they are.
    """

    muted: bool
    volume: Number
    page: str = ""


class Synced(PageMessage, frozen=True, tag="synced"):
    """Answer to `Sync`."""

    page: str


class Media(PageMessage, frozen=True, tag="media"):
    """What became of playing the stream.

    `paused`: nobody can see a view of it in the page, nothing need be drawn; sound goes on, unless
    it is `silent`: no view is left, or the browser holds sound back. `waiting`: one is in sight
    again. `interrupted`: a service's stream brings nothing now, and may come back by itself.
    `failed` comes with what happened and what to do, in words for the user. Numbered from 1 by its
    page, see `page_order.py`.
    """

    page: str
    playback: Playback
    what: str = ""
    fix: str = ""
    silent: bool = False
    number: Count = 0


class Stats(PageMessage, frozen=True, tag="stats"):
    """What the page measures of its stream, about once a second. Missing numbers are null.

    `audio_video_offset_ms`: how long sound is heard before its picture is seen; see media/stats.ts.
    `local_candidate` and `remote_candidate`: by what kind of address each side is reached, `relay`
    for a TURN server; `relay_protocol`: how the page speaks to its own. `transport`: what the
    picture comes by: `webrtc`, `websocket` or `messages` from our own host, else in the words of
    the trait `stream`.
    """

    page: str
    width: Count
    height: Count
    fps: Number
    bitrate_kbps: Number
    packets_lost: Count
    frames_dropped: Count
    freezes: Count
    jitter_ms: Number | None = None
    round_trip_ms: Number | None = None
    audio_video_offset_ms: Number | None = None
    first_frame_ms: Number | None = None
    codec: str = ""
    local_candidate: str = ""
    remote_candidate: str = ""
    relay_protocol: str = ""
    transport: str = ""
    at_ms: Number = 0.0


FromPage = (
    Hello
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
    | Stats
)


ACTIVITY = (Say, Interrupt, Active)
"""What a page says because its user is there."""

PageReport = (
    Candidate
    | RoomData
    | StreamOver
    | Media
    | Synced
    | Acknowledge
    | Missed
    | Microphone
    | MediaPiece
    | MediaOver
)
"""What a page tells of its stream, of its microphone, and that it is there; it may go by it."""

StreamRequest = Offer | Join | AcceptOffer | Subscribe
"""How a page asks for the stream."""


# ---- the page is told ---------------------------------------------------------------------------


class Welcome(PageMessage, frozen=True, tag="welcome"):
    """Answer to `Hello`: this model has a living kernel behind it. `epoch` differs per kernel."""

    protocol: Count
    epoch: str


class Answer(PageMessage, frozen=True, tag="answer"):
    """The host's answer to the offer `peer` of `page`. Other pages ignore it.

    `ice_servers` are the user's, for an offer that has to come by them; nothing else tells a page.
    """

    page: str
    peer: str
    sdp: str
    ice_servers: tuple[IceServer, ...] = ()


class StreamGranted(PageMessage, frozen=True, tag="stream-granted"):
    """Answer to `Join`: how the page gets the stream, with a token that is good for it alone.

    A page that may not POST to a WHEP address sends an `Offer` with the same `peer`; Python passes
    it on.
    """

    page: str
    peer: str
    grant: StreamGrant


class Bundle(PageMessage, frozen=True, tag="bundle"):
    """Code of the page: an ES module, gzipped, in the widget message's one buffer."""

    name: BundleName


class Refused(PageMessage, frozen=True, tag="refused"):
    """The page cannot have the stream: what happened, and what to do.

    With `taken` somebody else is watching, where only one may.
    """

    page: str
    peer: str
    what: str
    fix: str
    taken: bool = False


class Status(PageMessage, frozen=True, tag="status"):
    """The session's status, one line for the user, and the error when it has failed.

    With `resumes` it has ended because nobody used it, costs nothing, and is to be opened again
    when somebody looks at it.
    """

    status: StatusName
    text: str
    at: Number
    error: Failure | None = None
    resumes: bool = False


class SpeechUpdate(PageMessage, frozen=True, tag="speech"):
    """A speech changed.

    `latency_ms` is from asking for it (the call, or the click) to its first sample leaving the
    host; `asked_at` is when that was. `words`, once it is said, are `[text, start, end]`, seconds
    from its first sample. A page is told the text with the beginning, the rest by the id, and no
    words: captions have them.
    """

    speech: str
    state: SpeechState
    text: str
    at: Number
    asked_at: Number = 0.0
    reason: str = ""
    latency_ms: Number | None = None
    words: list[SpokenWord] = msgspec.field(default_factory=list)


class UnderWay(PageMessage, frozen=True, tag="under-way"):
    """The speeches that have not ended, by id; whatever else a page takes for one of them is over.

    A page that has lost messages is put right by it.
    """

    queued: list[str]
    sounding: str
    at: Number


class Caption(PageMessage, frozen=True, tag="caption"):
    """These words are being spoken from now on; `words` are `[text, start, end]`, seconds from now.

    An empty `text` clears the caption. `clock_ms` is the media's clock then, where it is said in
    frames: a page shows it with that sound, for however long it holds that.
    """

    speech: str
    text: str
    at: Number
    words: list[SpokenWord] = msgspec.field(default_factory=list)
    clock_ms: Number | None = None


class Sync(PageMessage, frozen=True, tag="sync"):
    """All has been told for now. A page that was not told all of it sees that by the number.

    Widget messages are numbered, since a notebook server drops them when a cell prints a lot: a
    page that misses one says `Hello`, and is told where the session is. This one stands behind the
    last, and is sent again until it is answered.
    """


class Part(PageMessage, frozen=True, tag="part"):
    """A piece of a message that is longer than the page takes at once.

    Pieces come in order; the message is the texts of all of them, from `index` 0 to the `last`.
    """

    index: Count
    last: bool
    text: str


class Goodbye(PageMessage, frozen=True, tag="goodbye"):
    """The host is closing this peer connection on purpose: why, and what to do."""

    what: str
    fix: str


ToPage = (
    Welcome
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
    | Goodbye
)

Announcement = Status | SpeechUpdate | Caption | ListeningUpdate
"""What every page is told: the facts of the session."""

Fact = Announcement | UnderWay
"""What a page is told that knows nothing yet."""
