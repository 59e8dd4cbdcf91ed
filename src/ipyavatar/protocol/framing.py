"""Frames on a pipe: a 4-byte little-endian length, then the body."""

from __future__ import annotations

from typing import IO

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""A longer frame is a broken pipe, not a message."""


def read_frame(source: IO[bytes]) -> bytes | None:
    """The next frame's body; None at the end of the pipe, also in the middle of a frame.

    Raises:
        ValueError: The length cannot be one: this is not our pipe, or it is out of step.
    """
    head = source.read(4)
    if len(head) < 4:
        return None
    length = int.from_bytes(head, "little")
    if length > MAX_FRAME_BYTES:
        raise ValueError(f"A frame of {length} bytes is longer than any message.")
    body = source.read(length)
    return body if len(body) == length else None


def add_length(body: bytes) -> bytes:
    """The frame of this body."""
    return len(body).to_bytes(4, "little") + body
