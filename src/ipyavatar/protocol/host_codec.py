"""The messages between the kernel and the host as they travel: frames of msgpack."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import msgspec

from ..core.decode import Hook, decode_msgpack
from ..core.secret import Secret
from ..errors import InvalidArgument
from .framing import MAX_FRAME_BYTES, add_length
from .host import Command, Event
from .options import AnyService, ServiceOptions

OptionsType = Callable[[str], type[ServiceOptions]]
"""The options' type of a service, by its name."""


def encode(message: Command | Event) -> bytes:
    """`message` as one frame, length included.

    Raises:
        InvalidArgument: It is longer than the other side takes.
        ValueError: Something in it cannot be sent at all.
    """
    body = _ENCODER.encode(message)
    if len(body) > MAX_FRAME_BYTES:
        raise InvalidArgument(
            f"{type(message).__name__} has {len(body):,} bytes; {MAX_FRAME_BYTES:,} are the most.",
            "Give shorter text.",
        )
    return add_length(body)


def decode_command(body: bytes, options_type: OptionsType) -> Command:
    """Parse the body of a frame that came down.

    Args:
        body: The frame without its length.
        options_type: Finds a service's own type of options.

    Raises:
        MalformedData: It is not a command of this protocol.
    """
    hook = _hide_options(options_type)
    command: Command = decode_msgpack(body, Command, hook, max_bytes=MAX_FRAME_BYTES)
    return command


def decode_event(body: bytes) -> Event:
    """Parse the body of a frame that came up.

    Raises:
        MalformedData: It is not an event of this protocol.
    """
    event: Event = decode_msgpack(body, Event, _hide, max_bytes=MAX_FRAME_BYTES)
    return event


def _reveal(value: Any) -> Any:
    # The pipe between kernel and host is one of two places where a secret stands in the open (the
    # other is the message to the page that needs it): nobody else can read it, and both ends hide
    # it at once.
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"{type(value).__name__} cannot be sent")


def _hide(kind: type, value: Any, options_type: OptionsType | None = None) -> Any:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    if issubclass(kind, AnyService) and options_type is not None:
        own = options_type(value["credentials"]["provider"])
        return msgspec.convert(value, own, dec_hook=_hide)
    raise NotImplementedError(f"{kind.__name__} cannot be received")


@functools.lru_cache(maxsize=8)
def _hide_options(options_type: OptionsType) -> Hook:
    return functools.partial(_hide, options_type=options_type)


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_reveal)
