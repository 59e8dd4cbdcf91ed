"""What `listen(source=...)` hears in place of a microphone: sound of a script's own.

To the host it is the microphone of a page: same voice activity, same barge-in. It is heard at the
pace of time, however fast it comes.
"""

from __future__ import annotations

import inspect
import itertools
import os
import threading
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..core.log import get_logger
from ..core.system_time import SystemTime
from ..core.text import name_error
from ..core.threads import GuardedThread
from ..engine.pcm import to_int16
from ..engine.sound.audio import Audio
from ..engine.sound.resample import StreamResampler
from ..engine.sound.sound_file import looks_like_sound
from ..errors import AvatarError, InvalidArgument, MediaError, type_name
from ..protocol.listening import HEARD_RATE, ListeningUpdate, Microphone, MicrophoneSound
from .sound_pull import SoundPull

log = get_logger("ipyavatar")

Source = (
    str | os.PathLike[str] | bytes | Audio | Iterable[Any] | AsyncIterable[Any] | Callable[[], Any]
)
"""A sound file, or an `Audio`; samples, or an iterator of them, also an async one; or a function
that gives the next samples each time, and None at the end."""

AHEAD_S = 0.25
"""What comes faster than it is spoken waits; so much of it is sent ahead."""

PIECE_S = 0.06

EMPTY_S = 0.01
"""A function that has nothing yet is asked again after this time."""

PAGE = "source"
"""The page whose microphone it is, to the host: with a number, for one follows another."""

_numbers = itertools.count(1)

SOURCE_FIX = "Give a file, an Audio, samples at 16 kHz, an iterator of them, or a function."

Send = Callable[[Microphone | MicrophoneSound, Sequence[bytes]], object]


def open_source(source: object) -> Callable[[SoundPull], Iterator[Any]]:
    """What gives the blocks of a user's `source`, run on the thread that asks.

    Raises:
        InvalidArgument: It is no sound.
    """
    if isinstance(source, Audio):
        audio = source
    elif isinstance(source, (str, os.PathLike)):
        audio = Audio(source)
    elif isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
        audio = Audio(data) if looks_like_sound(data) else Audio(data, HEARD_RATE)
    elif callable(source):
        function = source
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            return lambda pull: _blocks_of(Audio(function(), HEARD_RATE), pull)
        return lambda pull: _blocks_of(Audio(_asked(function, pull), HEARD_RATE), pull)
    elif isinstance(source, (Iterable, AsyncIterable)) or hasattr(source, "__array__"):
        audio = Audio(source, HEARD_RATE)
    else:
        raise InvalidArgument(f"source= takes no {type_name(source)}.", SOURCE_FIX)
    return lambda pull: _blocks_of(audio, pull)


def _blocks_of(audio: Audio, pull: SoundPull) -> Iterator[Any]:
    read = audio.reader()
    for raw in pull.pieces(audio.raw()):
        if pull.cancelled:  # looked at here, for what is empty is no block
            return
        yield from read(raw)


def _asked(function: Callable[[], Any | Awaitable[Any]], pull: SoundPull) -> Iterator[Any]:
    while (piece := pull.result(function())) is not None:
        if not len(piece):
            SystemTime.sleep(EMPTY_S)
        yield piece


class ListeningSource(GuardedThread):
    """Sends one source's sound, and ends with it. It begins when the host listens.

    Args:
        blocks: Gives its sound; called, and run, on this thread.
        send: Sends what a page would.
        on_heard: Told once that the host has heard all; with why, where the source has failed.
        now: Monotonic seconds.
        pause: Waits so many seconds, or until an event is set.
    """

    def __init__(
        self,
        blocks: Callable[[SoundPull], Iterator[Any]],
        send: Send,
        on_heard: Callable[[AvatarError | None], object],
        *,
        now: Callable[[], float] = SystemTime.monotonic,
        pause: Callable[[threading.Event, float], object] = threading.Event.wait,
    ) -> None:
        super().__init__(name="ipyavatar-listening-source", daemon=True)
        self._blocks, self._send, self._on_heard = blocks, send, on_heard
        self._now, self._pause = now, pause
        self._pull = SoundPull()
        self.page = f"{PAGE}-{next(_numbers)}"
        self._over = threading.Event()
        self._begun = False
        self._count = 0  # microphones that were on when the host last told it
        self._on = False  # the host was told so, and not that it is off
        self._off = True  # the host hears nothing of it
        self._sent = False
        self._failure: AvatarError | None = None
        self._began = now()
        self._seconds = 0.0  # of sound that was sent
        self._number = 0

    def note(self, update: ListeningUpdate) -> None:
        """The host tells how many microphones are on. Under the session's lock: does not wait.

        Those of pages may be on as well, and that of a source before this one.
        """
        if self._over.is_set() or update.mode == "off":
            return
        count = update.microphones
        if not self._begun:
            self._begun = True
            self.start()
        elif self._sent and (count == 0 or count < self._count):
            self._over.set()
            self._on_heard(self._failure)
        elif count == 0 or self.page in update.dropped:
            self._off = True  # the host is another one, or has waited for long
        self._count = count

    def drop(self) -> None:
        """Nobody listens any more. Idempotent."""
        self._over.set()
        self._pull.cancel()

    def give_up(self, error: AvatarError) -> None:
        """The host hears no more of it, since `error`. Under the session's lock: does not wait."""
        if not self._over.is_set():
            self.drop()
            self._on_heard(error)

    def run(self) -> None:
        """Send all of it."""
        resampler = StreamResampler(HEARD_RATE)
        try:
            for block in self._blocks(self._pull):
                if not self._send_sound(resampler.feed(block)):
                    break
            else:
                self._send_sound(resampler.flush())
        except AvatarError as error:
            self._failure = error
        except BaseException as error:
            log.debug("A source of sound failed", exc_info=error)
            self._failure = MediaError(f"The source of listen() raised {name_error(error)}.")
            self._failure.__cause__ = error
        finally:
            self._blocks = _nothing  # what is the user's is not kept
        over = self._over.is_set()
        if self._off and not over:
            self._turn_on()
        self._sent = not over
        if self._on:  # also where nobody listens any more: somebody may listen again
            self._send(Microphone(self.page, "off"), ())

    def _turn_on(self) -> None:
        self._off, self._on, self._number = False, True, 0
        self._send(Microphone(self.page, "on", "messages"), ())

    def _send_sound(self, samples: np.ndarray[Any, np.dtype[np.float32]]) -> bool:
        """Send it in its time; False where nobody listens any more."""
        step = int(PIECE_S * HEARD_RATE)
        for at in range(0, len(samples), step):
            piece = samples[at : at + step]
            ahead = self._seconds - (self._now() - self._began)
            if ahead < 0:
                self._began -= ahead  # it comes no faster: what comes at once now is not behind
            elif ahead > AHEAD_S:
                self._pause(self._over, ahead - AHEAD_S)
            if self._over.is_set():
                return False
            if self._off:
                self._turn_on()
            self._number += 1
            self._seconds += len(piece) / HEARD_RATE
            sound = to_int16(piece).astype("<i2", copy=False).tobytes()
            self._send(MicrophoneSound(self.page, self._number, HEARD_RATE), (sound,))
        return not self._over.is_set()


def _nothing(pull: SoundPull) -> Iterator[Any]:
    del pull
    return iter(())
