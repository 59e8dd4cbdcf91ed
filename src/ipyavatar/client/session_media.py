"""The readers and recordings of one session, in the kernel."""

from __future__ import annotations

import itertools
import os
import weakref
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from ..core.handle import Handle
from ..errors import AvatarError
from ..protocol import host as m
from ..protocol import media as mm
from .media_reader import AudioReader, FrameReader
from .recording import Recording, check_path, refuse_second
from .snapshot import Snapshot


class Output(Protocol):
    """A reader, a snapshot or a recording.

    Attributes:
        holds: The session: while somebody has its output it is not thrown away, and ended.
    """

    holds: object

    @property
    def command(self) -> mm.MediaCommand:
        """What has the host begin."""

    def take(self, event: Any) -> None:
        """The host tells something of it."""

    def end(self, error: AvatarError | None) -> None:
        """Nothing more is heard of it."""


O = TypeVar("O", bound=Output)  # noqa: E741


class SessionMedia:
    """Not thread-safe: used under the session's lock.

    Args:
        session: Its id.
        send: Sends a command to the host.
    """

    def __init__(self, session: str, send: Callable[[m.Command], object]) -> None:
        self._session, self._send = session, send
        self._names = (f"m{number}" for number in itertools.count(1))
        # A reader that nobody holds any more ends; a recording goes on until it is stopped.
        self._readers: weakref.WeakValueDictionary[str, Output] = weakref.WeakValueDictionary()
        self._kept: dict[str, Snapshot | Recording] = {}
        self._unsent: list[str] = []

    def frames(self, until: Handle[Any] | None) -> FrameReader:
        """Pictures, from now on."""
        name = next(self._names)
        return self._add(name, FrameReader(self._session, name, self._send, until))

    def audio(self, until: Handle[Any] | None) -> AudioReader:
        """Sound, from now on."""
        name = next(self._names)
        return self._add(name, AudioReader(self._session, name, self._send, until))

    def snapshot(self) -> Snapshot:
        """The picture of now."""
        name = next(self._names)
        self._kept[name] = shot = Snapshot(self._session, name, self._send)
        return self._add(name, shot)

    def record(self, path: str | os.PathLike[str], codec: str | None, captions: str) -> Recording:
        """Record from now on.

        Raises:
            InvalidArgument: Another recording writes to that file.
            MediaError: It cannot be written.
        """
        whole = check_path(path)
        refuse_second(whole)
        name = next(self._names)
        command = mm.StartRecording(self._session, name, whole, codec, captions)
        self._kept[name] = recording = Recording(command, self._send)
        return self._add(name, recording)

    def take(self, event: mm.MediaEvent) -> None:
        """The host tells something of one of them."""
        name = event.reader if isinstance(event, mm.MediaRead) else event.recording
        output = self._readers.get(name)
        if output is not None:
            output.take(event)
        if event.ended:
            self._kept.pop(name, None)

    def begin(self) -> None:
        """The host has the session: ask for all that was not asked for yet."""
        names, self._unsent = self._unsent, []
        for name in names:
            output = self._readers.get(name)
            if output is not None:
                self._send(output.command)

    def lose(self, error: AvatarError) -> None:
        """The host is gone, and with it all that it was asked for."""
        for name, output in list(self._readers.items()):
            if name not in self._unsent:
                output.end(error)
                self._readers.pop(name, None)
                self._kept.pop(name, None)

    def end(self) -> None:
        """The session is over. What the host had told its end before."""
        for output in list(self._readers.values()):
            output.end(None)
        self._readers.clear()
        self._kept.clear()
        self._unsent.clear()

    def _add(self, name: str, output: O) -> O:
        self._readers[name] = output
        self._unsent.append(name)
        return output
