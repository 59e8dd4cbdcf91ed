"""The messages between the kernel and the host, the same whether a pipe or a queue carries them.

Commands go down to the host, events come up. Both are msgspec structs, tagged by name; a frame
on the pipe is a 4-byte little-endian length and a msgpack body. The first message each way is
`HostHello` / `Ready`; the two sides refuse each other when `PROTOCOL` differs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import msgspec

from ..core.secret import Secret
from ..core.speech import Mode
from .events import Event as SessionEvent
from .events import Message
from .grants import SessionGrant
from .options import AnyService, Credentials, ServiceOptions, SessionOptions
from .page import PageReport

PROTOCOL = 1
MAX_FRAME_BYTES = 64 * 1024 * 1024
"""A longer frame is a broken pipe, not a message."""


# ---- commands, kernel to host -------------------------------------------------------------------


class HostHello(Message, frozen=True):
    """First message: who asks. `owner` is the process id of the kernel.

    With `credentials`, those in the kernel's environment, sessions that a dead process left are
    stopped.
    """

    protocol: int
    owner: int
    credentials: tuple[Credentials, ...] = ()


class OpenSession(Message, frozen=True):
    """Make the session known and start it. Its first speech waits `audience_s` for a page.

    With a `grant` the open session of a host that died is taken over.
    """

    session: str
    options: SessionOptions
    audience_s: float
    grant: SessionGrant | None = None


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
    mode: Mode = "repeat"


class InterruptSpeech(Message, frozen=True):
    """Cut off one speech, or all of the session when `speech` is empty."""

    session: str
    speech: str


class ChangeQuality(Message, frozen=True):
    """Draw in another size from now on."""

    session: str
    quality: str


class KeepAlive(Message, frozen=True):
    """Keep the session alive now; answered with `KeptAlive` of the same `request`."""

    session: str
    request: int


class StopSession(Message, frozen=True):
    """End the session."""

    session: str


class OfferPeer(Message, frozen=True):
    """A page offers a peer connection."""

    session: str
    page: str
    peer: str
    sdp: str


class JoinStream(Message, frozen=True):
    """A page wants the stream of a service; answered with `StreamGranted` or `PeerRefused`."""

    session: str
    page: str
    peer: str


class PageTold(Message, frozen=True):
    """A page tells of a service's stream."""

    session: str
    report: PageReport


class ClosePeer(Message, frozen=True):
    """The page has closed this peer connection."""

    session: str
    peer: str


class Bye(Message, frozen=True):
    """Stop everything and end. The end of the pipe means the same."""


Command = (
    HostHello
    | OpenSession
    | ExpectAudience
    | SpeakText
    | InterruptSpeech
    | ChangeQuality
    | KeepAlive
    | StopSession
    | OfferPeer
    | JoinStream
    | PageTold
    | ClosePeer
    | Bye
)


# ---- events, host to kernel ---------------------------------------------------------------------


class Ready(Message, frozen=True):
    """First message: the host is there."""

    protocol: int
    pid: int


Event = Ready | SessionEvent


def _reveal(value: Any) -> Any:
    # The pipe between kernel and host is the one place where a key stands in the open: nobody
    # else can read it, and both ends hide it at once.
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"{type(value).__name__} cannot be sent")


OptionsType = Callable[[str], type[ServiceOptions]]
"""The options' type of a service, by its name."""


def _hide(kind: type, value: Any, options_type: OptionsType | None = None) -> Any:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    if issubclass(kind, AnyService) and options_type is not None:
        own = options_type(value["credentials"]["provider"])
        return msgspec.convert(value, own, dec_hook=_hide)
    raise NotImplementedError(f"{kind.__name__} cannot be received")


@functools.lru_cache(maxsize=8)
def _commands(options_type: OptionsType) -> msgspec.msgpack.Decoder[Command]:
    hook = functools.partial(_hide, options_type=options_type)
    return msgspec.msgpack.Decoder(Command, dec_hook=hook)


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_reveal)
_EVENTS = msgspec.msgpack.Decoder(Event, dec_hook=_hide)


def encode(message: Command | Event) -> bytes:
    """`message` as one frame, length included."""
    body = _ENCODER.encode(message)
    return len(body).to_bytes(4, "little") + body


def decode_command(body: bytes, options_type: OptionsType) -> Command:
    """Parse the body of a frame that came down.

    Args:
        body: The frame without its length.
        options_type: Finds a service's own type of options.

    Raises:
        msgspec.DecodeError: It is not a command of this protocol.
    """
    return _commands(options_type).decode(body)


def decode_event(body: bytes) -> Event:
    """Parse the body of a frame that came up.

    Raises:
        msgspec.DecodeError: It is not an event of this protocol.
    """
    event: Event = _EVENTS.decode(body)
    return event
