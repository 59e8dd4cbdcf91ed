"""A movie file that is being written: sound, pictures and captions in, on one clock.

Belongs to one thread at a time. Whatever ends it, what was written until then plays: MP4 is written
in fragments of two seconds, WebM in clusters. After a write has failed nothing more is written:
the end of a file, put where there is no room for it, would damage its beginning.
"""

from __future__ import annotations

import contextlib
import fractions
from collections.abc import Sequence
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ..core.subtitles import Cue
from ..engine.playout import SAMPLE_RATE
from ..errors import MediaError
from .burned_captions import burn
from .caption_track import add_caption_stream, add_captions, caption_packet, set_chapters
from .encoders import FPS
from .gif_palette import GifPalette
from .movie_file import MovieFile
from .movie_formats import format_of

SAMPLES_PER_PICTURE = SAMPLE_RATE // FPS
FRAGMENT = 2 * FPS
"""Pictures from one keyframe to the next: what a crash can cost is two seconds."""

AUDIO_BITRATE = 96_000
_SAMPLE = fractions.Fraction(1, SAMPLE_RATE)
_PICTURE = fractions.Fraction(1, FPS)

_ENCODING = {
    # "veryfast" costs hardly more than "superfast" on a drawn face, and needs a quarter of the
    # bytes. Pictures that wait for later ones would shift the other tracks of a fragment.
    "libx264": {"preset": "veryfast", "crf": "22", "bf": "0"},
    "libvpx": {"deadline": "realtime", "cpu-used": "-8", "static-thresh": "100"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "crf": "30"},
    "gif": {},
}


class Movie:
    """Writes one file. `close()` ends it; positions are samples from its beginning.

    Args:
        path: Where to; its end says what kind of file.
        size: Width and height of the pictures.
        codec: Of the pictures, by our name; the usual one when None.
        captions: `"track"`, `"burn"` or `"none"`.
        threads: Of the encoder of pictures.

    Raises:
        UnknownName: There is no such kind of file, or codec.
        MediaError: It cannot be written.
    """

    def __init__(
        self,
        path: str,
        size: tuple[int, int],
        *,
        codec: str | None = None,
        captions: str = "none",
        threads: int = 1,
    ) -> None:
        self.path = path
        self._format, encoder = format_of(path, codec)
        self._size = size
        self._burn = captions == "burn"
        self._cue: Cue | None = None
        self._number = -1  # of the last picture
        self._ended = False
        self.seconds = 0.0
        """Sound, or else pictures, written so far."""
        self._file = MovieFile(path)
        with self._failing():
            self._container = av.open(
                self._file, "w", format=self._format.container, options=dict(self._format.options)
            )
            self._video = self._add_video(encoder, threads) if encoder else None
            self._audio = self._add_audio() if self._format.audio else None
            track = self._format.captions if captions == "track" else ""
            direct = track and not self._format.captions_last
            self._captions = add_caption_stream(self._container, track) if direct else None
            self._container.start_encoding()
        self._kept: list[Cue] | None = [] if track and not direct else None
        self._gif = GifPalette(size) if encoder == "gif" else None

    @property
    def bytes(self) -> int:
        """Bytes written so far."""
        return self._file.length

    @property
    def pictures(self) -> bool:
        """Whether there are pictures in it."""
        return self._video is not None

    def put_audio(self, audio: NDArray[np.float32]) -> None:
        """The next sound, `float32[n]`.

        Raises:
            MediaError: It cannot be written.
        """
        if self._audio is None:
            return
        frame = AudioFrame.from_ndarray(audio[None], format="flt", layout="mono")
        frame.sample_rate, frame.time_base = SAMPLE_RATE, _SAMPLE
        frame.pts = round(self.seconds * SAMPLE_RATE)
        self.seconds += len(audio) / SAMPLE_RATE
        with self._failing():
            self._mux(self._audio.encode(frame))

    def put_picture(self, position: int, picture: NDArray[np.uint8]) -> None:
        """An I420 picture for a position; one that comes twice for a picture's time is left out.

        Raises:
            MediaError: It cannot be written.
        """
        number = position // SAMPLES_PER_PICTURE  # rounded, every second half would be lost
        if self._video is None or number <= self._number:
            return
        self._number = number
        if self._audio is None:
            self.seconds = (number + 1) / FPS
        if self._burn and self._cue is not None:
            at = position / SAMPLE_RATE
            if self._cue.start <= at < self._cue.end:
                picture = picture.copy()  # the same one may come again
                burn(picture, self._cue.text)
        with self._failing():
            if self._gif is not None:
                self._mux(self._gif.encode(self._video, picture, number))
                return
            frame = VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, _PICTURE
            self._mux(self._video.encode(frame))

    def put_cue(self, cue: Cue) -> None:
        """A caption whose end is known.

        Raises:
            MediaError: It cannot be written.
        """
        if self._kept is not None:
            self._kept.append(cue)
        elif self._captions is not None and cue.end > cue.start:
            with self._failing():
                self._container.mux(caption_packet(self._captions, cue))

    def show(self, cue: Cue | None) -> None:
        """What is burnt into pictures from now on, while its time lasts."""
        self._cue = cue

    def close(self, chapters: Sequence[tuple[float, str]] = ()) -> None:
        """Write the end. Idempotent; after a failure nothing is written any more.

        Args:
            chapters: Where each begins, in seconds, and its title.

        Raises:
            MediaError: It cannot be written.
        """
        if self._ended:
            return
        self._ended = True
        try:
            self._fill_empty()
            with self._failing():
                for stream in (self._video, self._audio):
                    if stream is not None:
                        self._mux(stream.encode(None))
                if chapters and not self._kept:
                    set_chapters(self._container, chapters, self.seconds)
                self._container.close()
            if self._kept:
                self._file.let_replace()
                add_captions(self.path, self._kept, chapters, self.seconds)
        finally:
            self._abandon()

    def _fill_empty(self) -> None:
        """Make what was stopped at once a black picture and a blink of silence.

        FFmpeg (8.1) ends the process over an MP4 without a packet, and no player opens the others.
        """
        if self._video is not None and self._number < 0:
            width, height = self._size
            picture = np.full((height * 3 // 2, width), 128, np.uint8)
            picture[:height] = 16
            self.put_picture(0, picture)
        if self._audio is not None and not self.seconds:
            self.put_audio(np.zeros(SAMPLES_PER_PICTURE, np.float32))

    def _add_video(self, encoder: str, threads: int) -> Any:
        width, height = GifPalette.size(self._size) if encoder == "gif" else self._size
        stream: Any = self._container.add_stream(
            encoder, rate=GifPalette.FPS if encoder == "gif" else FPS
        )
        stream.width, stream.height = width, height
        stream.pix_fmt = "pal8" if encoder == "gif" else "yuv420p"
        stream.options = dict(_ENCODING[encoder])
        if encoder.startswith("libvpx"):
            stream.bit_rate = max(900_000, width * height * 2)
        context = stream.codec_context
        # VP8's threads spin while they wait for each other: two cost more time than one.
        context.thread_count = 1 if encoder == "libvpx" else threads
        context.gop_size = FRAGMENT
        return stream

    def _add_audio(self) -> Any:
        stream: Any = self._container.add_stream(self._format.audio, rate=SAMPLE_RATE)
        stream.layout = "mono"
        if not self._format.audio.startswith("pcm"):
            stream.bit_rate = AUDIO_BITRATE
        return stream

    def _mux(self, packets: Sequence[Packet[Any]]) -> None:
        for packet in packets:
            self._container.mux(packet)

    @contextlib.contextmanager
    def _failing(self) -> Any:
        try:
            yield
        except MediaError:
            self._abandon()
            raise
        except (OSError, ValueError, av.error.FFmpegError) as error:
            cause = self._file.failure or error
            self._abandon()
            reason = getattr(cause, "strerror", None) or str(cause)
            plays = f" Its first {self.seconds:.1f} s play." if self.seconds > 0 else ""
            fix = "Free some space, or record to another place."
            raise MediaError(f"{self.path} cannot be written: {reason}.{plays}", fix) from cause

    def _abandon(self) -> None:
        """Write nothing more, and let go of the file."""
        self._ended = True
        self._file.refuse()
        container = self.__dict__.get("_container")
        if container is not None:
            with contextlib.suppress(Exception):  # the end that can no longer be written
                container.close()
        self._file.end()
