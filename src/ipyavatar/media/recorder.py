"""Records what a pump plays, into a file, on a thread of its own.

Sound is never left out; pictures are, where the machine cannot encode them in time and somebody
watches live. Where nobody does the pump waits, so that a recording may be made faster than time.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ..core.log import get_logger
from ..core.quality import QUALITIES
from ..core.subtitles import Cue, make_cues
from ..core.threads import GuardedThread
from ..engine.playout import SAMPLE_RATE
from ..errors import AvatarError, MediaError
from .movie import Movie
from .sinks import SpokenCaption

log = get_logger(__name__)

ENOUGH_PICTURES = 6
"""With so many that wait for the encoder the pump waits, where nobody watches."""

WAITING_PICTURES = 10
"""So many wait at most, 14 MB at 720p: of more, the newest are left out."""

STALLED_S = 30.0
"""An encoder that takes nothing for so long is not waited for any more."""

WAITING_S = 120.0
"""Seconds of sound that wait for the disk at most; one that takes nothing for so long is broken."""

STAYS_S = 0.5
"""The last caption stays in the picture for so long: pictures come ahead of its next part."""

PACKET = SAMPLE_RATE // 50

_Item = tuple[int, NDArray[np.float32] | NDArray[np.uint8] | SpokenCaption]


class Recorder:
    """A sink of a pump. `end()` finishes the file; `on_end` is called on the recorder's thread.

    Args:
        make_movie: Opens the file, for the size of the first picture; called on the thread. Later
            ones of another size are made to fit.
        on_ready: It takes more again; called on the thread.
        on_end: The file is complete, or what went wrong.
        clock: Monotonic seconds.

    Attributes:
        seconds: Recorded so far.
        bytes: Written so far.
        dropped: Pictures left out so far.
    """

    def __init__(
        self,
        make_movie: Callable[[tuple[int, int]], Movie],
        on_ready: Callable[[], None],
        on_end: Callable[[AvatarError | None], None],
        clock: Callable[[], float],
    ) -> None:
        self._make_movie = make_movie
        self._size = (0, 0)
        self._on_ready, self._on_end = on_ready, on_end
        self._clock = clock
        self._items: deque[_Item] = deque()
        self._changed = threading.Condition()
        self._waiting = 0  # pictures
        self._full_since: float | None = None
        self._ending = False
        self._failure: AvatarError | None = None
        self._broken = False
        self._begin: int | None = None  # position of the first sound, or picture
        self._early: SpokenCaption | None = None  # told before that
        self._cues: list[Cue] = []  # being said, or about to be
        self._written: deque[Cue] = deque()  # not yet taken
        self.seconds = 0.0
        self.bytes = 0
        self.dropped = 0
        self._thread = GuardedThread(target=self._run, name="ipyavatar-recorder", daemon=True)
        self._thread.start()

    # ---- `MediaSink`, on the pump's loop ----------------------------------------------------

    @property
    def pictures(self) -> bool:
        """Whether it takes pictures: it may turn out that the file has none."""
        return not self._broken

    @property
    def hold_until(self) -> float | None:
        """It is waited for while it is busy with what it has."""
        return None if self._full_since is None else self._full_since + STALLED_S

    def put_audio(self, start: int, audio: NDArray[np.float32] | None) -> None:
        """20 ms of sound."""
        with self._changed:
            sounds = len(self._items) - self._waiting
            if self._broken or self._ending:
                return
            if sounds > WAITING_S * 50:
                self._broken = True  # said by the thread, if it ever gets there
            self._add((start, np.zeros(PACKET, np.float32) if audio is None else audio))

    def put_picture(self, start: int, picture: NDArray[np.uint8]) -> None:
        """A picture; left out where the encoder has not kept up."""
        with self._changed:
            if self._broken or self._ending:
                return
            if self._waiting >= WAITING_PICTURES:
                self.dropped += 1
                return
            self._waiting += 1
            if self._waiting >= ENOUGH_PICTURES:
                self._full_since = self._clock()
            self._add((start, picture.copy()))

    def put_caption(self, caption: SpokenCaption) -> None:
        """This is being said from now on."""
        with self._changed:
            self._add((caption.at, caption))

    def take_cues(self) -> list[Cue]:
        """The captions whose end has become known since this was asked last."""
        return [self._written.popleft() for _ in range(len(self._written))]

    def end(self) -> None:
        """Finish the file. Idempotent; returns at once."""
        with self._changed:
            self._ending = True
            self._changed.notify()

    def fail(self, error: AvatarError) -> None:
        """Finish the file with what there is, and tell."""
        self._failure = self._failure or error
        self.end()

    def join(self, timeout: float) -> bool:
        """Wait until the file is finished; returns whether it is."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _add(self, item: _Item) -> None:
        self._items.append(item)
        self._changed.notify()

    # ---- on the recorder's thread -----------------------------------------------------------

    def _run(self) -> None:
        error: AvatarError | None = None
        try:
            self._size = self._first_size()
            movie = self._make_movie(self._size)
            try:
                while (item := self._next()) is not None:
                    self._write(movie, *item)
                    self.seconds, self.bytes = movie.seconds, movie.bytes
                if self._broken:
                    raise MediaError(f"{movie.path}: the disk took nothing for {WAITING_S:.0f} s.")
                self._end_cue(movie, movie.seconds)
            finally:
                movie.close()
                self.seconds, self.bytes = movie.seconds, movie.bytes
            error = self._failure
        except AvatarError as failure:
            error = failure
        except Exception as failure:
            log.exception("A recording failed, in a way nobody foresaw")
            error = MediaError(f"The recording failed: {failure!r}.")
            error.__cause__ = failure
        with self._changed:
            self._broken = True
            self._items.clear()
            self._full_since = None
        self._on_ready()
        self._on_end(error)

    def _first_size(self) -> tuple[int, int]:
        """The size of the first picture, once it is there."""
        with self._changed:
            while True:
                for _, item in self._items:
                    if isinstance(item, np.ndarray) and item.ndim == 2:
                        return item.shape[1], item.shape[0] * 2 // 3
                if self._failure is not None and not self._items:
                    raise self._failure  # and no file is left of nothing
                if self._ending:
                    return QUALITIES["low"]
                self._changed.wait()

    def _next(self) -> _Item | None:
        with self._changed:
            while not self._items:
                if self._ending:
                    return None
                self._changed.wait()
            start, item = self._items.popleft()
            if isinstance(item, np.ndarray) and item.ndim == 2:
                self._waiting -= 1
            free = self._full_since is not None and self._waiting < ENOUGH_PICTURES
            if free:
                self._full_since = None
        if free:
            self._on_ready()
        return start, item

    def _write(
        self,
        movie: Movie,
        start: int,
        item: NDArray[np.float32] | NDArray[np.uint8] | SpokenCaption,
    ) -> None:
        if self._begin is None:
            if isinstance(item, SpokenCaption):  # no clock to go by: it may be an old one
                self._early = item
                return
            self._begin = start
            if self._early is not None:
                self._change_caption(movie, self._early, self._early.at - start)
        position = start - self._begin
        if isinstance(item, SpokenCaption):
            self._change_caption(movie, item, position)
        elif item.ndim == 1:
            movie.put_audio(cast("NDArray[np.float32]", item))
        elif position >= 0:
            item = cast("NDArray[np.uint8]", item)
            self._next_cue(movie, position / SAMPLE_RATE)
            movie.put_picture(position, self._fit(item))

    def _change_caption(self, movie: Movie, caption: SpokenCaption, position: int) -> None:
        at = begin = position / SAMPLE_RATE
        if caption.goes_on:
            self._extend_cue(movie, at + caption.seconds)
            return
        if self._cues and _grows(self._cues[0], caption):
            begin, self._cues = self._cues[0].start, []
        self._end_cue(movie, max(0.0, at))
        if caption.text:
            cues = make_cues(caption.text, caption.words, begin, at + caption.seconds)
            self._cues = [_from_begin(cue) for cue in cues if cue.end > 0]
            self._show(movie, self._cues[0] if self._cues else None)

    def _next_cue(self, movie: Movie, now: float) -> None:
        while len(self._cues) > 1 and now >= self._cues[0].end:
            self._put_cue(movie, self._cues.pop(0))
            self._show(movie, self._cues[0])
        if self._cues and now >= self._cues[0].end + STAYS_S:
            movie.show(None)

    def _show(self, movie: Movie, cue: Cue | None) -> None:
        movie.show(None if cue is None else replace(cue, end=cue.end + STAYS_S))

    def _extend_cue(self, movie: Movie, end: float) -> None:
        """What is being said goes on until then."""
        if self._cues and end > self._cues[-1].end:
            self._cues[-1] = replace(self._cues[-1], end=end)
            self._show(movie, self._cues[0])

    def _end_cue(self, movie: Movie, at: float) -> None:
        """What was being said ends now, at the latest: it may have been interrupted."""
        for cue in self._cues:
            if cue.start < at:
                self._put_cue(movie, Cue(cue.start, min(cue.end, at), cue.text, cue.words))
        self._cues = []
        movie.show(None)

    def _put_cue(self, movie: Movie, cue: Cue) -> None:
        if any(character.isalnum() for character in cue.text):  # else it only shows that it thinks
            self._written.append(cue)
            movie.put_cue(cue)

    def _fit(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        width, height = self._size
        if picture.shape == (height * 3 // 2, width):
            return picture
        return fit_i420(picture, width, height)


def _grows(cue: Cue, caption: SpokenCaption) -> bool:
    """Whether it is the same line, of which a service has told more."""
    return not (cue.words or caption.words) and caption.text.startswith(cue.text)


def _from_begin(cue: Cue) -> Cue:
    """What of it is in the movie."""
    words = tuple(word for word in cue.words if word[1] >= 0)
    return cue if cue.start >= 0 else Cue(0.0, cue.end, cue.text, words)


def fit_i420(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """An I420 picture in another size."""
    old_height, old_width = picture.shape[0] * 2 // 3, picture.shape[1]
    out = np.empty((height * 3 // 2, width), np.uint8)
    cv2.resize(picture[:old_height], (width, height), dst=out[:height])
    old = picture[old_height:].reshape(2, old_height // 2, old_width // 2)
    half = out[height:].reshape(2, height // 2, width // 2)
    for before, after in zip(old, half, strict=True):
        cv2.resize(before, (width // 2, height // 2), dst=after)
    return out
