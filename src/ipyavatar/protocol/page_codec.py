"""Messages of the page as they travel: JSON text of the data channel, dictionaries of widgets."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ..core import decode
from ..core.decode import decode_json
from ..core.secret import Secret
from ..errors import MalformedData
from . import page as p
from .frames import Frames
from .listening import SOUND_BYTES, MicrophoneSound
from .page_media import PIECE_BYTES, MediaPiece

PART_BYTES = 100
"""A `Part` without its text, at most."""


def parse(data: str | bytes) -> p.FromPage:
    """Parse one message of the data channel.

    Raises:
        MalformedData: It is not a message of the table, or no JSON.
    """
    message: p.FromPage = decode_json(data, p.FromPage)
    return message


def convert(content: object) -> p.FromPage:
    """Parse one widget message, already decoded from JSON.

    Raises:
        MalformedData: It is not a message of the table, or cannot be passed on.
    """
    message: p.FromPage = decode.convert(content, p.FromPage)
    if isinstance(message, p.Say):
        # Half an emoji can be neither said nor sent; the rest of the text can.
        text = message.text.encode("utf-8", "replace").decode("utf-8")
        message = msgspec.structs.replace(message, text=text)
    try:
        _ENCODER.encode(message)
    except (ValueError, OverflowError) as error:
        raise MalformedData("No message can hold it.") from error
    return message


def bytes_of(message: MicrophoneSound | MediaPiece, buffers: object) -> tuple[bytes, ...]:
    """What came with it, in its one buffer; nothing, where that is not as it should be."""
    if not isinstance(buffers, list | tuple) or len(buffers) != 1:
        return ()
    (data,) = buffers
    if not isinstance(data, bytes | bytearray | memoryview):
        return ()
    most = SOUND_BYTES if isinstance(message, MicrophoneSound) else PIECE_BYTES
    return (bytes(data),) if memoryview(data).nbytes <= most else ()


def builtins(message: p.ToPage) -> dict[str, Any]:
    """`message` as the plain dictionary that widget messages carry."""
    plain: dict[str, Any] = msgspec.to_builtins(_for_page(message), enc_hook=_reveal)
    return plain


def text(message: p.ToPage) -> str:
    """`message` as the JSON text that the data channel carries."""
    return _ENCODER.encode(_for_page(message)).decode()


def pack_frames(message: Frames, buffers: Sequence[bytes]) -> bytes:
    """`message` and the bytes of its frames as the one message that a WebSocket carries.

    First how many bytes of JSON follow, then these, then how many bytes each frame has, then those;
    numbers have four bytes, the lowest first.
    """
    head = _ENCODER.encode(message)
    sizes = struct.pack(f"<{len(buffers)}I", *map(len, buffers))
    return b"".join((struct.pack("<I", len(head)), head, sizes, *buffers))


def parts(text: str, max_bytes: int) -> Iterator[str]:
    """The JSON text of a message as texts of at most `max_bytes`: itself, or its `Part`s."""
    if len(text) * 4 <= max_bytes or len(text.encode()) <= max_bytes:
        yield text
        return
    # A character has 4 bytes at most; within a text of JSON, quotes and backslashes get one more.
    size = max(1, (max_bytes - PART_BYTES) // 4)
    for index, at in enumerate(range(0, len(text), size)):
        part = p.Part(index, at + size >= len(text), text[at : at + size])
        yield _ENCODER.encode(part).decode()


def _for_page(message: p.ToPage) -> p.ToPage:
    """Without what a page does not need, so that no message is long but the one with the text."""
    if isinstance(message, p.SpeechUpdate):
        text = message.text if message.state == "speaking" else ""
        return msgspec.structs.replace(message, text=text, words=[])
    return message


def _reveal(value: Any) -> Any:
    # A page needs the short-lived token of its stream; this is where it leaves Python.
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"{type(value).__name__} cannot be sent")


_ENCODER = msgspec.json.Encoder(enc_hook=_reveal)
