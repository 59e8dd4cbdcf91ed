"""Sound and pictures of a session in Python: its verbs that hand them out."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

from ..core.handle import Handle
from ..core.secret import hides_keys
from ..core.text import plain_text
from ..core.uninterrupted import locked
from ..core.validate import require_switch
from ..errors import InvalidArgument, describe
from . import phases
from .media_reader import AudioReader, FrameReader
from .progress import show_progress
from .recording import Recording, check_recording
from .session_media import Output, SessionMedia
from .session_pages import SessionPages
from .snapshot import Snapshot

T = TypeVar("T", bound=Output)


class SessionOutputs(SessionPages):
    """The verbs that give frames, sound, snapshots and recordings."""

    @hides_keys
    def frames(self, *, until: Handle[Any] | None = None) -> FrameReader:
        """Pictures from now on, for a loop or an async loop; opens the session where needed.

        Args:
            until: A handle, such as a speech, with whose end the loop ends.

        Raises:
            SessionClosed: The avatar was stopped, or closed.
            MediaError: At the first picture, where they cannot be had.
        """
        return self._get_media(lambda media: media.frames(_handle("frames", until)))

    @hides_keys
    def audio(self, *, until: Handle[Any] | None = None) -> AudioReader:
        """Sound from now on, likewise: pieces of 20 ms, silence included.

        Args:
            until: A handle, such as a speech, with whose end the loop ends.

        Raises:
            SessionClosed: The avatar was stopped, or closed.
            MediaError: At the first piece, where it cannot be had.
        """
        return self._get_media(lambda media: media.audio(_handle("audio", until)))

    def snapshot(self) -> Snapshot:
        """The picture of now; opens the session where needed. In a notebook it shows itself.

        Raises:
            SessionClosed: The avatar was stopped, or closed.
        """
        return self._get_media(SessionMedia.snapshot)

    @hides_keys
    def record(
        self,
        path: str | os.PathLike[str],
        *,
        captions: str = "none",
        codec: str | None = None,
        progress: bool = False,
    ) -> Recording:
        """Record what it says and shows from now on, until `stop()` or the end of a `with` block.

        Args:
            path: The file: `.mp4` (H264, AAC), `.webm` (VP8 or VP9, Opus), `.wav` or `.gif`.
            captions: `"track"` (players show it on request), `"burn"` (in the picture), `"none"`.
            codec: For `.webm`: `"vp8"` or `"vp9"`.
            progress: Show a bar: speeches said, of those asked for.

        Raises:
            UnknownName: There is no such kind of file, codec or way of captions.
            InvalidArgument: They do not go together, or that file is being recorded to already.
            MediaError: The file cannot be written.
            SessionClosed: The avatar was stopped, or closed.
        """
        check_recording(path, codec, captions)
        captions, codec = plain_text(captions), codec and plain_text(codec)
        progress = require_switch("progress", progress)
        recording = self._get_media(lambda media: media.record(path, codec, captions))
        if progress:
            show_progress(self._facts.reports.observe, recording)
        return recording

    # ---- inside ----------------------------------------------------------------------------

    @locked
    def _get_media(self, get: Callable[[SessionMedia], T]) -> T:
        self._refuse_if_ended()
        got = get(self._media)
        got.holds = self
        if self._phase not in phases.GOING_ON:
            self._start()
        elif self._phase in phases.OPEN:
            self._media.begin()
        return got


def _handle(verb: str, until: object) -> Handle[Any] | None:
    if until is not None and not isinstance(until, Handle):
        fix = "Give what a verb returned, such as a speech."
        raise InvalidArgument(f"{verb}() takes no until={describe(until)}.", fix)
    return until
