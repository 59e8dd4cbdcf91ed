"""Sound files: wav, mp3, ogg and whatever else FFmpeg reads, decoded piece by piece."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...core.paths import is_file, path_of
from ...errors import InvalidArgument, SpeechFailed
from .samples import SoundBlock, check_duration

if TYPE_CHECKING:
    from av.container import InputContainer

BEGINNINGS = (b"RIFF", b"RF64", b"ID3", b"OggS", b"fLaC", b"FORM", b"\x1aE\xdf\xa3", b"#!AMR")
"""How sound files begin, but for those without a head (mp3) and those with an offset (mp4)."""


def looks_like_sound(data: bytes) -> bool:
    """Whether `data` begins like a sound file."""
    return data.startswith(BEGINNINGS) or _is_mp3(data) or data[4:8] == b"ftyp"


def _is_mp3(data: bytes) -> bool:
    """Whether it begins with the head of an MPEG frame, layer III; -1 as samples does not."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return False
    version, layer = data[1] >> 3 & 3, data[1] >> 1 & 3
    bitrate, rate = data[2] >> 4, data[2] >> 2 & 3
    return version != 1 and layer == 1 and bitrate not in (0, 15) and rate != 3


@dataclass(frozen=True)
class SoundFile:
    """A file that was looked at, and can be decoded as often as one likes.

    Attributes:
        name: What errors call it.
        duration: Seconds, where its head tells.
    """

    source: str | bytes
    name: str
    duration: float | None

    @classmethod
    def look_at(cls, source: str | bytes | os.PathLike[str]) -> SoundFile:
        """Open it to see that there is sound in it.

        Raises:
            InvalidArgument: There is no such file, or no sound in it; or it is too long.
        """
        if isinstance(source, bytes):
            data, name = source, f"The sound ({len(source):,} bytes)"
            if not data:
                raise InvalidArgument("The sound is empty.", "Give the bytes of a sound file.")
            return cls(data, name, _look(data, name))
        path = path_of("speak()", source)
        if not is_file(path):
            raise InvalidArgument(f"There is no sound file {str(path)!r:.300}.", "Give its path.")
        name = f"The sound file {str(path)!r}"
        return cls(str(path), name, _look(str(path), name))

    def blocks(self) -> Iterator[SoundBlock]:
        """Its sound, mono, at its own rate.

        Raises:
            SpeechFailed: It is damaged; what was before the damage has come.
        """
        import av

        try:
            with _open(self.source) as file:
                stream = file.streams.audio[0]
                rate = stream.rate
                resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
                for frame in file.decode(stream):
                    for part in resampler.resample(frame):
                        yield SoundBlock(np.array(part.to_ndarray()[0], np.float32), rate)
                for part in resampler.resample(None):
                    yield SoundBlock(np.array(part.to_ndarray()[0], np.float32), rate)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise SpeechFailed(f"{self.name} is damaged: {error}.", "Give another one.") from error


def _look(source: str | bytes, name: str) -> float | None:
    import av

    try:
        with _open(source) as file:
            if not file.streams.audio:
                raise InvalidArgument(f"{name} has no sound.", "Give a wav, mp3 or ogg.")
            duration = None if file.duration is None else file.duration / av.time_base
    except (av.FFmpegError, OSError, ValueError) as error:
        if isinstance(error, InvalidArgument):
            raise
        raise InvalidArgument(
            f"{name} cannot be read as sound: {error}.", "Give a wav, mp3 or ogg."
        ) from error
    if duration is not None:
        check_duration(duration)
    return duration


def _open(source: str | bytes) -> InputContainer:
    import av

    return av.open(io.BytesIO(source) if isinstance(source, bytes) else source, "r")
