"""What a host and the process of one LiveKit room tell each other, as frames on its pipes."""

from __future__ import annotations

from typing import Any

import msgspec

from ....core.decode import Count, decode_msgpack
from ....core.secret import Secret
from ....protocol.framing import MAX_FRAME_BYTES, add_length
from ....protocol.message import Message

# ---- to the process ------------------------------------------------------------------------------


class Join(Message, frozen=True):
    """Join a room; answered with `Joined` or `NotJoined`."""

    url: Secret
    token: Secret
    avatar: str = ""  # what the service calls it there


class Send(Message, frozen=True):
    """Send a reliable data packet; answered with `Sent`."""

    number: Count
    topic: str
    payload: bytes


class Receive(Message, frozen=True):
    """Send sound and pictures of whoever shows some, or no more."""

    wanted: bool


class TakePictures(Message, frozen=True):
    """So many pictures more are taken: of those that come meanwhile the rest is left out."""

    count: Count


class Leave(Message, frozen=True):
    """Leave the room, and end."""


RoomCommand = Join | Send | Receive | TakePictures | Leave

# ---- from the process ----------------------------------------------------------------------------


class Loaded(Message, frozen=True):
    """The library is there."""


class NotLoaded(Message, frozen=True):
    """It is not, or does not work on this machine."""

    why: str


class Joined(Message, frozen=True):
    """It is in the room."""


class NotJoined(Message, frozen=True):
    """The room could not be joined; the words are the library's, and may hold the address."""

    why: str


class Line(Message, frozen=True):
    """Whether the line to the room is there; the library mends it by itself for a while."""

    up: bool


class Left(Message, frozen=True):
    """It is not in the room any more; the reason is LiveKit's name for it."""

    reason: str


class Data(Message, frozen=True):
    """Somebody sent this data packet."""

    topic: str
    payload: bytes


class Sent(Message, frozen=True):
    """A data packet was sent; with words, the kind of error by which it was not."""

    number: Count
    error: str = ""


class Sound(Message, frozen=True):
    """Sound: int16, mono, 48,000 samples a second."""

    samples: bytes


class Picture(Message, frozen=True):
    """An I420 picture, and its time in seconds on some clock of the library's."""

    at: float
    width: Count
    height: Count
    data: bytes


RoomEvent = Loaded | NotLoaded | Joined | NotJoined | Line | Left | Data | Sent | Sound | Picture


def _reveal(value: object) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"{type(value).__name__} cannot be sent")


def _hide(kind: type, value: Any) -> Any:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise NotImplementedError(f"{kind.__name__} cannot be received")


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_reveal)


def encode(message: RoomCommand | RoomEvent) -> bytes:
    """`message` as one frame."""
    return add_length(_ENCODER.encode(message))


def decode_command(body: bytes) -> RoomCommand:
    """What the host wants.

    Raises:
        MalformedData: It is nothing of this kind.
    """
    command: RoomCommand = decode_msgpack(body, RoomCommand, _hide)
    return command


def decode_event(body: bytes) -> RoomEvent:
    """What the process tells.

    Raises:
        MalformedData: It is nothing of this kind.
    """
    event: RoomEvent = decode_msgpack(body, RoomEvent, max_bytes=MAX_FRAME_BYTES)
    return event
