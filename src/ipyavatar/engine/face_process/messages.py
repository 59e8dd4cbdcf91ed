"""What the process that draws is asked, and what it answers: fixed heads, then bytes.

Both ends are of one version and of this package, on one machine; pictures go as they are.
"""

from __future__ import annotations

import struct
from typing import IO

import numpy as np

from ..face.i420 import Patch
from ..face.pose_steps import POSE_KEYS
from ..pose import MOUTH_KEYS, Mouth, Pose

OPEN, DRAW, CLOSE = range(3)
REQUEST = struct.Struct("<BIHHB")
"""What to do, the number of the face, and for `OPEN` width, height and length of the character's
name, which follows. What follows `DRAW` is a pose."""

POSE = struct.Struct(f"<{len(POSE_KEYS)}d")

NOTHING_NEW, NEW, FAILED = range(3)
ANSWER = struct.Struct("<BHHHHI")
"""How it went, the rectangle of what is new, and how many bytes follow: pixels, or words."""


def pack_pose(pose: Pose) -> bytes:
    """The numbers of a pose."""
    mouth = [getattr(pose.mouth, name) for name in MOUTH_KEYS]
    return POSE.pack(*mouth, *(getattr(pose, name) for name in POSE_KEYS[len(MOUTH_KEYS) :]))


def unpack_pose(body: bytes) -> Pose:
    """The pose of `pack_pose`."""
    numbers = dict(zip(POSE_KEYS, POSE.unpack(body), strict=True))
    return Pose(mouth=Mouth(**{name: numbers.pop(name) for name in MOUTH_KEYS}), **numbers)


def write_patch(pipe: IO[bytes], patch: Patch | None) -> None:
    """Answer with what is new."""
    if patch is None:
        pipe.write(ANSWER.pack(NOTHING_NEW, 0, 0, 0, 0, 0))
    else:
        pipe.write(ANSWER.pack(NEW, *patch.rect, patch.pixels.nbytes))
        pipe.write(patch.pixels.data.cast("B"))
    pipe.flush()


def write_failure(pipe: IO[bytes], what: str) -> None:
    """Answer with what went wrong."""
    body = what.encode(errors="replace")
    pipe.write(ANSWER.pack(FAILED, 0, 0, 0, 0, len(body)) + body)
    pipe.flush()


def read_answer(pipe: IO[bytes]) -> Patch | str | None:
    """What is new, or what went wrong.

    Raises:
        EOFError: The other end is gone.
    """
    how, x0, y0, x1, y1, length = ANSWER.unpack(read(pipe, ANSWER.size))
    body = bytearray(read(pipe, length)) if how != NEW else bytearray()
    if how == FAILED:
        return body.decode(errors="replace")
    if how == NOTHING_NEW:
        return None
    pixels = np.empty(((y1 - y0) * 3 // 2, x1 - x0), np.uint8)
    if pixels.nbytes != length:
        raise EOFError(f"{length} bytes are no picture of {x1 - x0} x {y1 - y0}")
    into, at = pixels.data.cast("B"), 0
    while at < length:
        count = pipe.readinto(into[at:])  # type: ignore[attr-defined]  # a buffered reader's
        if not count:
            raise EOFError("the pipe has ended within a picture")
        at += count
    return Patch((x0, y0, x1, y1), pixels)


def read(pipe: IO[bytes], count: int) -> bytes:
    """So many bytes.

    Raises:
        EOFError: There are fewer.
    """
    body = pipe.read(count)
    if len(body) < count:
        raise EOFError("the pipe has ended")
    return body
