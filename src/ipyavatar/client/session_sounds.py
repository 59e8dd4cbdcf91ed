"""What one session has to do with sound in the kernel. Nothing is loaded before there is any."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from ..core.speech import Speech
from ..protocol import host as m

if TYPE_CHECKING:
    from ..engine.sound.audio import Audio
    from .sound_feed import SoundFeeds, Voice

    Sound = bytes | os.PathLike[str] | Audio
else:
    Sound = Any
"""What `speak()` takes for sound."""

SoundEvent = m.SoundWanted | m.SoundTaken | m.SoundDropped


def find_sound(what: object) -> Audio | None:
    """`what` as sound; None where it is none, so that it has to be text.

    Raises:
        InvalidArgument: It is meant for sound, and is none.
    """
    from ..engine.sound.audio import as_audio

    return as_audio(what)


class SessionSounds:
    """Answers the host's wishes for sound. Used under the session's lock."""

    def __init__(
        self, session: str, send: Callable[[m.Command], object], voice: object = None
    ) -> None:
        self._session, self._send = session, send
        self._voice = cast("Voice", voice) if callable(voice) else None
        self._feeds: SoundFeeds | None = None

    def on_event(self, event: SoundEvent, find_speech: Callable[[str], Speech | None]) -> None:
        """The host wants, has used, or does not want sound."""
        feeds = self._feeds = self._feeds or self._make_feeds()
        match event:
            case m.SoundWanted(speech=name):
                speech = find_speech(name) if name else None
                feeds.start(event, None if speech is None else cast("Audio", speech.sound))
            case m.SoundTaken():
                feeds.take(event.stream, event.pieces)
            case m.SoundDropped():
                feeds.drop(event.stream)

    def drop_all(self) -> None:
        """Nobody is there any more who wants any."""
        if self._feeds is not None:
            self._feeds.drop_all()

    def _make_feeds(self) -> SoundFeeds:
        from .sound_feed import SoundFeeds

        return SoundFeeds(self._session, self._send, self._voice)
