"""The messages between the kernel and the host, the same whether a pipe or a queue carries them.

Commands go down to the host, events come up. Both are msgspec structs, tagged by name; a frame
on the pipe is a 4-byte little-endian length and a msgpack body. The first message each way is
`Hello` / `Ready`; the two sides refuse each other when `PROTOCOL` differs.
"""

from __future__ import annotations

import msgspec

from ..session.events import Event as SessionEvent
from ..session.events import Message

PROTOCOL = 1
MAX_FRAME_BYTES = 64 * 1024 * 1024
"""A longer frame is a broken pipe, not a message."""


# ---- commands, kernel to host -------------------------------------------------------------------


class Hello(Message, frozen=True):
    """First message: who asks. `owner` is the process id of the kernel."""

    protocol: int
    owner: int


class Options(msgspec.Struct, frozen=True):
    """What a session is made of; validated before it is sent."""

    provider: str = "embedded"
    character: str = "ava"
    voice: str = ""
    quality: str = "medium"


class OpenSession(Message, frozen=True):
    """Make the session known and start it. Its first speech waits `audience_s` for a page."""

    session: str
    options: Options
    audience_s: float


class ExpectAudience(Message, frozen=True):
    """The widget was displayed, a page is about to connect: speeches wait `audience_s` for it."""

    session: str
    audience_s: float


class SpeakText(Message, frozen=True):
    """Queue a speech; `interrupt` drops everything before it."""

    session: str
    speech: str
    text: str
    interrupt: bool


class InterruptSpeech(Message, frozen=True):
    """Cut off one speech, or all of the session when `speech` is empty."""

    session: str
    speech: str


class ChangeQuality(Message, frozen=True):
    """Draw in another size from now on."""

    session: str
    quality: str


class StopSession(Message, frozen=True):
    """End the session."""

    session: str


class OfferPeer(Message, frozen=True):
    """A page offers a peer connection."""

    session: str
    page: str
    peer: str
    sdp: str


class ClosePeer(Message, frozen=True):
    """The page has closed this peer connection."""

    session: str
    peer: str


class Bye(Message, frozen=True):
    """Stop everything and end. The end of the pipe means the same."""


Command = (
    Hello
    | OpenSession
    | ExpectAudience
    | SpeakText
    | InterruptSpeech
    | ChangeQuality
    | StopSession
    | OfferPeer
    | ClosePeer
    | Bye
)


# ---- events, host to kernel ---------------------------------------------------------------------


class Ready(Message, frozen=True):
    """First message: the host is there."""

    protocol: int
    pid: int


Event = Ready | SessionEvent

_ENCODER = msgspec.msgpack.Encoder()
_COMMANDS = msgspec.msgpack.Decoder(Command)
_EVENTS = msgspec.msgpack.Decoder(Event)


def encode(message: Command | Event) -> bytes:
    """`message` as one frame, length included."""
    body = _ENCODER.encode(message)
    return len(body).to_bytes(4, "little") + body


def decode_command(body: bytes) -> Command:
    """Parse the body of a frame that came down.

    Raises:
        msgspec.DecodeError: It is not a command of this protocol.
    """
    command: Command = _COMMANDS.decode(body)
    return command


def decode_event(body: bytes) -> Event:
    """Parse the body of a frame that came up.

    Raises:
        msgspec.DecodeError: It is not an event of this protocol.
    """
    event: Event = _EVENTS.decode(body)
    return event
