"""`Audio`: sound that the avatar speaks instead of a text."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.secret import hide_keys
from ...errors import InvalidArgument, type_name
from .samples import (
    SoundBlock,
    as_bytes_or_array,
    check_duration,
    check_rate,
    mono_samples,
    pcm_samples,
)
from .sound_file import SoundFile, looks_like_sound

RawSound = Iterable[Any] | AsyncIterable[Any]


class Audio:
    """Sound for `speak()`: lips follow it, and what is said in it can be shown as captions.

        avatar.speak(Audio(samples, 24_000, text="Good morning."))
        avatar.speak(Audio("lesson.mp3"))

    Args:
        source: Samples, as an array or list of shape `[n]` or `[n, channels]`: floats in -1 to 1,
            or integers. Or a path, or the bytes, of a sound file: wav, mp3, ogg and others. Or an
            iterator, also an asynchronous one, of chunks of samples. With a `rate`, bytes are raw
            samples: 16 bit, little endian, mono.
        rate: Samples per second, from 4,000 to 192,000; a file knows its own.
        text: What is said in it, for captions and transcript.

    Raises:
        InvalidArgument: It is no sound, has no end within three hours, or its rate is missing.
    """

    def __init__(self, source: Any, rate: float | None = None, *, text: str = "") -> None:
        source, rate = hide_keys(source, rate)
        self.text = _checked_text(text)
        self.duration: float | None = None
        """Seconds, where they are known before it is spoken."""
        self._rate = None if rate is None else check_rate(rate)
        self._samples: NDArray[np.float32] | None = None
        self._file: SoundFile | None = None
        self._chunks: RawSound | None = None
        self._begun = False
        self._take(source)

    def __repr__(self) -> str:
        length = "as it comes" if self.duration is None else f"{self.duration:.1f} s"
        return f"<Audio {length}{f', {self.text!r:.40}' if self.text else ''}>"

    def raw(self) -> RawSound:
        """What it is made of, in pieces for `reader()`: for one speech.

        Raises:
            InvalidArgument: It is an iterator, and was spoken before.
        """
        if self._samples is not None:
            return [SoundBlock(self._samples, self._known_rate())]
        if self._file is not None:
            return self._file.blocks()
        chunks = self._chunks
        assert chunks is not None  # noqa: S101  # one of the three is there
        once = hasattr(chunks, "__next__") or hasattr(chunks, "__anext__")
        if self._begun and once:
            raise InvalidArgument(
                "These chunks of sound were spoken before, and an iterator gives them only once.",
                "Make another iterator for each speech.",
            )
        self._begun = True
        return chunks

    def reader(self) -> Callable[[Any], Iterator[SoundBlock]]:
        """Checks one raw piece after the other, as `read_sound` does."""
        return SoundReader(self._rate, plain=self._rate is not None)

    def _take(self, source: Any) -> None:
        if isinstance(source, Audio):
            raise InvalidArgument("This is an Audio already.", "Give it to speak() as it is.")
        source = as_bytes_or_array(source)
        if isinstance(source, bytes) and self._rate is not None:
            self._take_samples(pcm_samples(source[: len(source) // 2 * 2]))
        elif isinstance(source, (str, bytes, os.PathLike)):
            if self._rate is not None:
                raise InvalidArgument("A sound file knows its own rate.", "Leave rate= out.")
            self._file = SoundFile.look_at(source)
            self.duration = self._file.duration
        elif _are_chunks(source):
            self._chunks = source
        else:
            if self._rate is not None:  # before it is copied: ten hours are gigabytes
                check_duration(max(getattr(source, "shape", None) or (0,)) / self._rate)
            self._take_samples(mono_samples(source))

    def _take_samples(self, samples: NDArray[np.float32]) -> None:
        if not len(samples):
            raise InvalidArgument("The sound is empty.", "Give at least one sample.")
        self._samples = samples
        self.duration = len(samples) / self._known_rate()
        check_duration(self.duration)

    def _known_rate(self) -> int:
        if self._rate is None:
            raise InvalidArgument(
                "Samples alone do not say how fast they are played.",
                "Give their rate: Audio(samples, 24000).",
            )
        return self._rate


def _checked_text(text: object) -> str:
    if not isinstance(text, str):
        what = f"Audio(text=) takes text, not {type_name(text)}."
        raise InvalidArgument(what, "Give what is said in it, or nothing.")
    return text


class SoundReader:
    """Makes blocks of what iterators and voices give, whatever of the many forms it has.

    Args:
        rate: Of pieces that do not say it themselves; None where they have to.
        plain: Bytes are samples, and never a file.
    """

    def __init__(self, rate: int | None, *, plain: bool = False) -> None:
        self._rate = rate
        self._plain = plain
        self._half = b""  # of a sample that two pieces of bytes share

    def __call__(self, piece: Any) -> Iterator[SoundBlock]:
        """The blocks of one piece; none for an empty one.

        Raises:
            InvalidArgument: It is no sound.
        """
        rate = self._rate
        if isinstance(piece, SoundBlock):
            yield piece
            return
        if isinstance(piece, tuple) and len(piece) == 2 and np.ndim(piece[1]) == 0:
            piece, rate = piece[0], check_rate(piece[1])
        piece = as_bytes_or_array(piece)
        if isinstance(piece, Audio):
            yield from _own_blocks(piece)
        elif isinstance(piece, bytes):
            yield from self._read_bytes(piece, rate)
        elif isinstance(piece, os.PathLike):
            yield from SoundFile.look_at(piece).blocks()
        elif piece is not None:
            samples = mono_samples(piece)
            if len(samples):
                yield SoundBlock(samples, _required(rate))

    def _read_bytes(self, data: bytes, rate: int | None) -> Iterator[SoundBlock]:
        if not self._plain and not self._half and looks_like_sound(data):
            yield from SoundFile.look_at(data).blocks()
        else:
            yield from self.read_plain(data, rate)

    def read_plain(self, data: bytes, rate: int | None = None) -> Iterator[SoundBlock]:
        """Bytes of 16-bit samples, cut anywhere; what they look like does not matter."""
        rate = self._rate if rate is None else rate
        data = self._half + data
        whole = len(data) // 2 * 2
        self._half = data[whole:]
        if whole:
            yield SoundBlock(pcm_samples(data[:whole]), _required(rate))


def _own_blocks(audio: Audio) -> Iterator[SoundBlock]:
    raw = audio.raw()
    if isinstance(raw, AsyncIterable):
        raise InvalidArgument(
            "An Audio within an iterator has to be made of samples, a file or plain chunks.",
            "Give the asynchronous iterator itself.",
        )
    read = audio.reader()
    for piece in raw:
        yield from read(piece)


def _required(rate: int | None) -> int:
    if rate is None:
        raise InvalidArgument(
            "Chunks of samples do not say how fast they are played.",
            "Give their rate: Audio(chunks, 24000), or chunks of (samples, rate).",
        )
    return rate


_PIECES = (np.ndarray, memoryview, bytes, bytearray, Audio, tuple)


def _are_chunks(source: object) -> bool:
    """Whether this gives sound in pieces: an iterator, or a list of arrays."""
    if isinstance(source, (list, tuple)):
        return bool(source) and isinstance(source[0], _PIECES)
    if isinstance(source, (np.ndarray, Mapping, Set)) or hasattr(source, "__array__"):
        return False
    return isinstance(source, (Iterable, AsyncIterable))


def as_audio(what: object) -> Audio | None:
    """What `speak()` was given, if it is sound; None where it is not.

    Raises:
        InvalidArgument: It is meant for sound, and is none.
    """
    if isinstance(what, Audio):
        return what
    if isinstance(what, os.PathLike):
        return Audio(what)
    if isinstance(what, (bytes, bytearray, memoryview)):
        return Audio(bytes(what)) if looks_like_sound(bytes(what[:16])) else None
    if isinstance(what, list) and what and isinstance(what[0], Audio):
        return Audio(what)
    parts = what if isinstance(what, (list, tuple)) else ()
    if hasattr(what, "__array__") or any(hasattr(part, "__array__") for part in parts[:1]):
        raise InvalidArgument(
            f"speak() takes no {type_name(what)}: samples alone do not say how fast they are.",
            "Give it an Audio(samples, rate).",
        )
    return None
