"""The messages between the notebook page and Python: one table for both sides.

They travel as widget messages (signalling, and everything where there is no data channel, as with
the streams of services) and as JSON text on the peer connection's data channel (page to host
directly, so that the buttons work while a cell runs). `tools/page_types.py` writes the same table
as TypeScript, and a test checks that the two agree.

Times are milliseconds where a name ends in `_ms`, otherwise seconds. `at_ms` of what the page sends
is the page's own wall clock (`Date.now()`) at the click, 0 where it is not told. `at` of what the
page is told is the machine's monotonic clock: each fact may reach a page by two ways, and the page
believes the newest.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ..core import decode
from ..core.decode import decode_json
from ..core.secret import Secret
from ..core.speech import SpeechState, SpokenWord
from ..errors import MalformedData
from .errors import Failure
from .grants import StreamGrant

PROTOCOL = 2
"""Raised when a message changes its meaning; page and Python refuse to guess."""

StatusName = Literal["idle", "starting", "live", "reconnecting", "stopping", "ended", "failed"]
StreamEnd = Literal["ended", "refused", "taken", "lost"]
Playback = Literal["playing", "sound-blocked", "paused", "waiting", "failed"]


class PageMessage(msgspec.Struct, frozen=True, tag_field="type", rename="camel"):
    """Base of every message of this table."""


# ---- the page says ------------------------------------------------------------------------------


class Hello(PageMessage, frozen=True, tag="hello"):
    """A page has loaded the widget's code. `page` is its own name, one per page and model."""

    page: str
    protocol: int
    at_ms: float = 0.0


class Offer(PageMessage, frozen=True, tag="offer"):
    """The page offers a peer connection. `peer` is made up by the page, one per attempt."""

    page: str
    peer: str
    sdp: str


class Join(PageMessage, frozen=True, tag="join"):
    """The page wants the stream of a service's session; answered with `StreamGranted` or `Refused`.

    `peer` is as in `Offer`. With `player` the page lacks the LiveKit player's code, and would have
    it (see `Player`).
    """

    page: str
    peer: str
    player: bool = False


class RoomData(PageMessage, frozen=True, tag="room-data"):
    """A data packet in the service's room; `payload` is its text.

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
    """The user typed this and pressed Send."""

    text: str
    interrupt: bool = False
    page: str = ""
    at_ms: float = 0.0


class Interrupt(PageMessage, frozen=True, tag="interrupt"):
    """Cut off one speech; with an empty id silence, now, and what is queued is dropped."""

    speech: str = ""


class Start(PageMessage, frozen=True, tag="start"):
    """Open the session."""


class Stop(PageMessage, frozen=True, tag="stop"):
    """End the session."""


class SetSound(PageMessage, frozen=True, tag="set-sound"):
    """The user moved mute or volume in the page. `volume` is 0 to 1."""

    muted: bool
    volume: float


class Media(PageMessage, frozen=True, tag="media"):
    """What became of playing the stream.

    `paused`: the page shows no view of it, nothing need be drawn. `waiting`: it shows one again.
    `failed` comes with what happened and what to do, in words for the user.
    """

    page: str
    playback: Playback
    what: str = ""
    fix: str = ""


class Stats(PageMessage, frozen=True, tag="stats"):
    """What the page measures of its stream, about once a second. Missing numbers are null.

    `audio_video_offset_ms`: how long sound is heard before its picture is seen; see media/stats.ts.
    """

    page: str
    width: int
    height: int
    fps: float
    bitrate_kbps: float
    packets_lost: int
    frames_dropped: int
    freezes: int
    jitter_ms: float | None = None
    round_trip_ms: float | None = None
    audio_video_offset_ms: float | None = None
    first_frame_ms: float | None = None
    codec: str = ""
    at_ms: float = 0.0


FromPage = (
    Hello
    | Offer
    | Join
    | RoomData
    | StreamOver
    | Hangup
    | Say
    | Interrupt
    | Start
    | Stop
    | SetSound
    | Media
    | Stats
)


PageReport = RoomData | StreamOver | Media
"""What a page tells of a service's stream."""


# ---- the page is told ---------------------------------------------------------------------------


class Welcome(PageMessage, frozen=True, tag="welcome"):
    """Answer to `Hello`: this model has a living kernel behind it. `epoch` differs per kernel."""

    protocol: int
    epoch: str


class Answer(PageMessage, frozen=True, tag="answer"):
    """The host's answer to the offer `peer` of `page`. Other pages ignore it."""

    page: str
    peer: str
    sdp: str


class StreamGranted(PageMessage, frozen=True, tag="stream-granted"):
    """Answer to `Join`: how the page gets the stream, with a token that is good for it alone.

    A page that may not POST to a WHEP address sends an `Offer` with the same `peer`; Python passes
    it on.
    """

    page: str
    peer: str
    grant: StreamGrant


class Player(PageMessage, frozen=True, tag="player"):
    """The LiveKit player: an ES module, gzipped, in the widget message's one buffer."""


class Refused(PageMessage, frozen=True, tag="refused"):
    """The offer cannot be answered: what happened, and what to do."""

    page: str
    peer: str
    what: str
    fix: str


class Status(PageMessage, frozen=True, tag="status"):
    """The session's status, one line for the user, and the error when it has failed."""

    status: StatusName
    text: str
    at: float
    error: Failure | None = None


class SpeechUpdate(PageMessage, frozen=True, tag="speech"):
    """A speech changed.

    `latency_ms` is from asking for it (the call, or the click) to its first sample leaving the
    host; `asked_at` is when that was. `words`, once it is said, are `[text, start, end]`, seconds
    from its first sample.
    """

    speech: str
    state: SpeechState
    text: str
    at: float
    asked_at: float = 0.0
    reason: str = ""
    latency_ms: float | None = None
    words: list[SpokenWord] = []


class Caption(PageMessage, frozen=True, tag="caption"):
    """These words are being spoken from now on; `words` are `[text, start, end]`, seconds from now.

    An empty `text` clears the caption.
    """

    speech: str
    text: str
    at: float
    words: list[SpokenWord] = []


class Goodbye(PageMessage, frozen=True, tag="goodbye"):
    """The host is closing this peer connection on purpose: why, and what to do."""

    what: str
    fix: str


ToPage = (
    Welcome
    | Answer
    | StreamGranted
    | Player
    | RoomData
    | Refused
    | Status
    | SpeechUpdate
    | Caption
    | Goodbye
)

Announcement = Status | SpeechUpdate | Caption
"""What every page is told: the facts of the session."""


def parse(data: str | bytes) -> FromPage:
    """Parse one message of the data channel.

    Raises:
        MalformedData: It is not a message of the table, or no JSON.
    """
    message: FromPage = decode_json(data, FromPage)
    return message


def convert(content: object) -> FromPage:
    """Parse one widget message, already decoded from JSON.

    Raises:
        MalformedData: It is not a message of the table, or cannot be passed on.
    """
    message: FromPage = decode.convert(content, FromPage)
    if isinstance(message, Say):
        # Half an emoji can be neither said nor sent; the rest of the text can.
        text = message.text.encode("utf-8", "replace").decode("utf-8")
        message = msgspec.structs.replace(message, text=text)
    try:
        _ENCODER.encode(message)
    except (ValueError, OverflowError) as error:
        raise MalformedData("No message can hold it.") from error
    return message


def builtins(message: ToPage) -> dict[str, Any]:
    """`message` as the plain dictionary that widget messages carry."""
    plain: dict[str, Any] = msgspec.to_builtins(message, enc_hook=_reveal)
    return plain


def text(message: ToPage) -> str:
    """`message` as the JSON text that the data channel carries."""
    return _ENCODER.encode(message).decode()


def _reveal(value: Any) -> Any:
    # A page needs the short-lived token of its stream; this is where it leaves Python.
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"{type(value).__name__} cannot be sent")


_ENCODER = msgspec.json.Encoder(enc_hook=_reveal)
