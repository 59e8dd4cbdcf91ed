"""The messages between the kernel and the host, the same whether a pipe or a queue carries them.

Commands go down to the host, events come up. Both are msgspec structs, tagged by name; a frame
on the pipe is a 4-byte little-endian length and a msgpack body. The first message each way is
`HostHello` / `Ready`; the two sides refuse each other when `PROTOCOL` differs.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..core.secret import Secret
from ..core.speech import Mode
from .events import Event as SessionEvent
from .events import Message
from .grants import SessionGrant
from .page import PageReport

PROTOCOL = 1
MAX_FRAME_BYTES = 64 * 1024 * 1024
"""A longer frame is a broken pipe, not a message."""


# ---- commands, kernel to host -------------------------------------------------------------------


class Credentials(msgspec.Struct, frozen=True):
    """Who we are at a service, and where it is. The secrets hide themselves; see `encode`."""

    provider: str
    base_url: str
    key: Secret | None = None
    partner: str = ""
    admin: Secret | None = None


class ServiceSettings(msgspec.Struct, frozen=True):
    """What a session of a paid service is made of; see `providers.options.ServiceOptions`."""

    account: Credentials
    avatar_id: str | None = None
    voice_id: str | None = None
    idle_timeout_s: int = 120
    max_idle_s: float = 600.0
    max_duration_s: float = 3600.0
    sandbox: bool = False
    lite: bool = False
    credits_per_minute: float | None = None
    relay: bool | None = None


class HostHello(Message, frozen=True):
    """First message: who asks. `owner` is the process id of the kernel.

    With `keys`, those in the kernel's environment, sessions that a dead process left are stopped.
    """

    protocol: int
    owner: int
    keys: tuple[Credentials, ...] = ()


class Options(msgspec.Struct, frozen=True):
    """What a session is made of; validated before it is sent."""

    provider: str = "embedded"
    character: str = "ava"
    voice: str = ""
    quality: str = "medium"
    service: ServiceSettings | None = None


class OpenSession(Message, frozen=True):
    """Make the session known and start it. Its first speech waits `audience_s` for a page.

    With a `ticket` the open session of a host that died is taken over.
    """

    session: str
    options: Options
    audience_s: float
    ticket: SessionGrant | None = None


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


def _hide(kind: type, value: Any) -> Any:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise NotImplementedError(f"{kind.__name__} cannot be received")


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_reveal)
_COMMANDS = msgspec.msgpack.Decoder(Command, dec_hook=_hide)
_EVENTS = msgspec.msgpack.Decoder(Event, dec_hook=_hide)


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
