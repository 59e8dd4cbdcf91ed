"""What one session has to do with listening: who listens, and what is made of what is heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import AvatarError, InvalidArgument
from ..protocol import host as m
from ..protocol.listening import ListeningUpdate, SoundHeard, TextHeard
from .listening import Listening
from .recognition import Recognition, Understood, understand_service

if TYPE_CHECKING:
    from .listening_source import ListeningSource

FELL_BACK = "The avatar that has taken over does not hear by itself, as the service did."
FELL_BACK_FIX = "Call listen(recognizer) for it."


@dataclass(frozen=True, slots=True)
class _Current:
    """Who listens. Without a recognition of ours the service's makes the text."""

    listening: Listening
    recognition: Recognition | None
    on_understood: Callable[[Understood], object]
    source: ListeningSource | None


def _is_of_another(told: ListeningUpdate | SoundHeard | TextHeard, current: _Current) -> bool:
    """Whether the host had not yet heard of this one: it is of who listened before.

    A source would take it for news of its own microphone, and turn that on again in the middle of
    a word; a recognizer would be asked for what somebody else was to hear.
    """
    return told.request not in (0, current.listening.command.request)


class SessionListening:
    """Not thread-safe: used under the session's lock.

    Args:
        send: Sends a command to the host.
    """

    def __init__(self, send: Callable[[m.Command], object]) -> None:
        self._send = send
        self._current: _Current | None = None

    def begin(
        self,
        listening: Listening,
        recognition: Recognition | None,
        on_understood: Callable[[Understood], object],
        source: ListeningSource | None = None,
    ) -> None:
        """Listen in this way from now on; whoever listened before does not any more.

        Args:
            listening: The user's handle.
            recognition: Makes text of sound; None where the service does.
            on_understood: Told what the service has understood.
            source: Is heard in place of a microphone.
        """
        self.end()
        self._current = _Current(listening, recognition, on_understood, source)

    def open(self) -> None:
        """The host has the session: have it listen."""
        if self._current is not None:
            self._send(self._current.listening.command)

    def take(self, heard: SoundHeard | TextHeard) -> None:
        """Somebody has said something."""
        current = self._current
        if current is None or _is_of_another(heard, current):
            return
        if isinstance(heard, SoundHeard):
            if current.recognition is not None:
                current.recognition.submit(heard)
        elif current.recognition is None:
            current.on_understood(understand_service(heard))

    def note(self, update: ListeningUpdate) -> None:
        """The host tells whether a microphone is on, and somebody speaks."""
        current = self._current
        if current is None or _is_of_another(update, current):
            return
        current.listening.take(update)
        if current.source is not None:
            current.source.note(update)

    def stop(self, listening: Listening, error: AvatarError | None = None) -> bool:
        """End this one, since `error`; whether the host is to listen no more."""
        if self._current is None or self._current.listening is not listening:
            return False
        self.end(error)
        return True

    def fall_back(self) -> bool:
        """Another avatar goes on; whether the host is to listen no more."""
        if self._current is None or self._current.recognition is not None:
            return False
        self.end(InvalidArgument(FELL_BACK, FELL_BACK_FIX))
        return True

    def rest(self, error: AvatarError) -> None:
        """The session has ended by itself: microphones wait for the next one, a source cannot.

        What it has heard until then is still understood.
        """
        if self._current is not None and self._current.source is not None:
            self._current.source.give_up(error)

    def end(self, error: AvatarError | None = None) -> None:
        """Nobody listens any more, since `error`; what was heard is given to nobody any more."""
        current, self._current = self._current, None
        if current is not None:
            if current.source is not None:
                current.source.drop()
            if current.recognition is not None:
                current.recognition.end()
            current.listening.end(error)
