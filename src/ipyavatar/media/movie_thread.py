"""A movie that is written on a thread of its own: whoever gives waits while much is waiting."""

from __future__ import annotations

import queue
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..core.subtitles import Cue
from ..core.threads import GuardedThread
from .movie import Movie

WAITING = 12
"""Pieces of work under way: memory is the same for a minute and for an hour."""


class MovieThread:
    """Writes a movie; the same calls, in the same order. What fails is raised by a later call.

    Args:
        movie: What it writes; not used by anybody else until `close()` has returned.
    """

    def __init__(self, movie: Movie) -> None:
        self._movie = movie
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue(WAITING)
        self._error: BaseException | None = None
        self._thread = GuardedThread(target=self._run, name="ipyavatar-movie", daemon=True)
        self._thread.start()

    def put(
        self, position: int, sound: NDArray[np.float32], picture: NDArray[np.uint8] | None
    ) -> None:
        """The sound and the picture of a position."""
        self._do(partial(self._put, position, sound, picture))

    def put_cue(self, cue: Cue) -> None:
        """A caption that has begun: it is shown from now on, and in its track."""
        self._do(partial(self._put_cue, cue))

    def close(self, chapters: list[tuple[float, str]]) -> None:
        """Write what is waiting, and the end.

        Raises:
            MediaError: It cannot be written.
        """
        self._work.put(partial(self._movie.close, chapters))
        self._work.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _put(
        self, position: int, sound: NDArray[np.float32], picture: NDArray[np.uint8] | None
    ) -> None:
        self._movie.put_audio(sound)
        if picture is not None:
            self._movie.put_picture(position, picture)

    def _put_cue(self, cue: Cue) -> None:
        self._movie.show(cue)
        self._movie.put_cue(cue)

    def _do(self, work: Callable[[], None]) -> None:
        if self._error is not None:
            raise self._error
        self._work.put(work)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            if self._error is None:
                try:
                    work()
                except BaseException as error:
                    self._error = error
