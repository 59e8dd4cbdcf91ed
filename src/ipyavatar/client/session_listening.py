"""What one session has to do with listening: who listens, and what is made of what is heard."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import AvatarError
from ..protocol import host as m
from ..protocol.listening import ListeningUpdate, SoundHeard
from .listening import Listening
from .recognition import Recognition


class SessionListening:
    """Not thread-safe: used under the session's lock.

    Args:
        send: Sends a command to the host.
    """

    def __init__(self, send: Callable[[m.Command], object]) -> None:
        self._send = send
        self._current: tuple[Listening, Recognition] | None = None

    def begin(self, listening: Listening, recognition: Recognition) -> None:
        """Listen in this way from now on; whoever listened before does not any more."""
        self.end()
        self._current = listening, recognition

    def open(self) -> None:
        """The host has the session: have it listen."""
        if self._current is not None:
            self._send(self._current[0].command)

    def take(self, sound: SoundHeard) -> None:
        """Somebody has said something."""
        if self._current is not None:
            self._current[1].submit(sound)

    def note(self, update: ListeningUpdate) -> None:
        """The host tells whether a microphone is on, and somebody speaks."""
        if self._current is not None:
            self._current[0].take(update)

    def stop(self, listening: Listening) -> bool:
        """End this one; whether the host is to listen no more."""
        if self._current is None or self._current[0] is not listening:
            return False
        self.end()
        return True

    def end(self, error: AvatarError | None = None) -> None:
        """Nobody listens any more, since `error`; what was heard is given to nobody any more."""
        current, self._current = self._current, None
        if current is not None:
            listening, recognition = current
            recognition.end()
            listening.end(error)
