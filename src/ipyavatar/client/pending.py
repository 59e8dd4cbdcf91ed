"""The handles of one session that wait for an answer. Every one gets one."""

from __future__ import annotations

import itertools

from ..core.handle import Handle
from ..core.live_object import LiveObject
from ..errors import AvatarError


class PendingHandles:
    """Not thread-safe: used under the session's lock.

    Who holds a handle holds its session by that: else nobody would answer it.
    """

    def __init__(self) -> None:
        self._starts: list[Handle[None]] = []
        self._ends: list[Handle[None]] = []
        self._keep_alives: dict[int, Handle[None]] = {}
        self._requests = itertools.count(1)

    def add_start(self, session: LiveObject) -> Handle[None]:
        """Somebody waits for the session to be live."""
        self._starts.append(handle := _handle(session))
        return handle

    def add_end(self, session: LiveObject) -> Handle[None]:
        """Somebody waits for its end."""
        self._ends.append(handle := _handle(session))
        return handle

    def add_keep_alive(self, session: LiveObject) -> tuple[int, Handle[None]]:
        """Somebody waits for a keep-alive, which goes out as this request."""
        request = next(self._requests)
        handle = self._keep_alives[request] = _handle(session)
        return request, handle

    def answer_starts(self, error: AvatarError | None) -> None:
        """It is live, or will not be."""
        starts, self._starts = self._starts, []
        for handle in starts:
            _answer(handle, error)

    def answer_ends(self) -> None:
        """It has ended."""
        ends, self._ends = self._ends, []
        for handle in ends:
            handle.finish(None)

    def answer_keep_alive(self, request: int, error: AvatarError | None) -> None:
        """A keep-alive is done, or has failed."""
        handle = self._keep_alives.pop(request, None)
        if handle is not None:
            _answer(handle, error)

    def fail_keep_alives(self, error: AvatarError) -> None:
        """No keep-alive that is under way will be answered by the host."""
        asked, self._keep_alives = self._keep_alives, {}
        for handle in asked.values():
            handle.fail(error)


def _handle(session: LiveObject) -> Handle[None]:
    handle = Handle[None]()
    handle.keep(session)
    return handle


def _answer(handle: Handle[None], error: AvatarError | None) -> None:
    if error is None:
        handle.finish(None)
    else:
        handle.fail(error)
