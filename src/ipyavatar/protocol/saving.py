"""The messages about saving what was said, from a page. A part of `protocol.page`."""

from __future__ import annotations

from typing import Literal

from .message import PageMessage

TranscriptKind = Literal["txt", "vtt"]


class NeedTranscript(PageMessage, frozen=True, tag="need-transcript"):
    """The user wants to save what was said: as plain text, or as captions with their times."""

    page: str
    kind: TranscriptKind


class SavedTranscript(PageMessage, frozen=True, tag="saved-transcript"):
    """What was said, for the file of one page; empty where nothing was."""

    page: str
    kind: TranscriptKind
    text: str
