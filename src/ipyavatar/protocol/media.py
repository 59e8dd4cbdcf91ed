"""The messages about sound and pictures that are wanted in Python: readers, and recordings.

A part of `protocol.host`, where the rest is.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ..core.decode import Count, Number
from ..core.subtitles import Cue
from .errors import Failure
from .message import Message

ReaderKind = Literal["frames", "audio"]

# ---- commands, kernel to host -------------------------------------------------------------------


class OpenReader(Message, frozen=True):
    """Somebody wants to read pictures or sound; answered with `MediaRead`, as much as is asked."""

    session: str
    reader: str
    kind: ReaderKind
    count: Count = 0


class AskForMedia(Message, frozen=True):
    """The reader takes so many more."""

    session: str
    reader: str
    count: Count


class CloseReader(Message, frozen=True):
    """Nothing more is to be kept for the reader; what is there is sent, and the end told."""

    session: str
    reader: str


class StartRecording(Message, frozen=True):
    """Record what is played from now on into a file; answered with `RecordingChanged`."""

    session: str
    recording: str
    path: str
    codec: str | None = None
    captions: str = "none"


class EndRecording(Message, frozen=True):
    """Finish the file."""

    session: str
    recording: str


MediaCommand = OpenReader | AskForMedia | CloseReader | StartRecording | EndRecording

# ---- events, host to kernel ---------------------------------------------------------------------


class MediaItem(msgspec.Struct, frozen=True):
    """A picture, I420 of `width` by `height`, or 20 ms of sound, `float32`; empty is silence."""

    at: Number
    data: bytes = b""
    width: Count = 0
    height: Count = 0


class MediaRead(Message, frozen=True):
    """What a reader asked for. `dropped` pictures, since it began, it was too slow for.

    With `ended` it was all; with a `failure` there should have been more.
    """

    session: str
    reader: str
    items: list[MediaItem]
    dropped: Count = 0
    ended: bool = False
    failure: Failure | None = None


class RecordingChanged(Message, frozen=True):
    """How far a recording is. With `ended` the file is complete, but for a `failure`.

    `cues` are the captions that came since it was told last.
    """

    session: str
    recording: str
    seconds: Number = 0.0
    bytes: Count = 0
    dropped: Count = 0
    ended: bool = False
    failure: Failure | None = None
    cues: tuple[Cue, ...] = ()


MediaEvent = MediaRead | RecordingChanged
