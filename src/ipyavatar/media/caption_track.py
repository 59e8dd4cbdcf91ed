"""Captions as a track of a movie, and its chapters."""

from __future__ import annotations

import contextlib
import fractions
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import av
from av.packet import Packet

from ..core.subtitles import Cue
from ..errors import MediaError

_MS = fractions.Fraction(1, 1000)
_HEADER = (
    b"[Script Info]\nScriptType: v4.00+\nPlayResX: 384\nPlayResY: 288\n\n[V4+ Styles]\n"
    b"Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour,"
    b" Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline,"
    b" Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n"
    b"Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\n\n"
    b"[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


def add_caption_stream(container: Any, encoder: str) -> Any:
    """A stream for captions."""
    # Packets are made here; FFmpeg's encoder has to be opened all the same.
    stream = container.add_stream(cast(Any, encoder))
    stream.codec_context.subtitle_header = _HEADER
    stream.time_base = _MS
    return stream


def caption_packet(stream: Any, cue: Cue) -> Packet[Any]:
    """A caption as a packet of its stream."""
    text = cue.text.encode()
    long = stream.codec_context.name == "mov_text"
    packet = Packet(len(text).to_bytes(2, "big") + text if long else text)
    packet.stream, packet.time_base = stream, _MS
    packet.pts = packet.dts = round(cue.start * 1000)
    packet.duration = round((cue.end - cue.start) * 1000)
    return packet


def set_chapters(container: Any, chapters: Sequence[tuple[float, str]], seconds: float) -> None:
    """Where each begins, and its title."""
    if not chapters:
        return
    ends = [start for start, _ in chapters[1:]] + [max(seconds, chapters[-1][0])]
    container.set_chapters(
        [
            {
                "id": number,
                "start": round(start * 1000),
                "end": round(end * 1000),
                "time_base": _MS,
                "metadata": {"title": title},
            }
            for number, ((start, title), end) in enumerate(zip(chapters, ends, strict=True), 1)
        ]
    )


def add_captions(
    path: str, cues: Sequence[Cue], chapters: Sequence[tuple[float, str]], seconds: float
) -> None:
    """Give a complete MP4 a track of captions: it is copied, and takes the place of the first.

    Raises:
        MediaError: There is no room for it; the movie stays as it was.
    """
    part = f"{path}.part"
    try:
        _copy(path, part, cues, chapters, seconds)
        os.replace(part, path)
    except (OSError, ValueError, av.error.FFmpegError) as error:
        with contextlib.suppress(OSError):
            Path(part).unlink()
        reason = getattr(error, "strerror", None) or str(error)
        what = f"{path} is complete, but for its captions: {reason}."
        raise MediaError(what, "Free some space, or use captions='burn'.") from error


def _copy(
    path: str, part: str, cues: Sequence[Cue], chapters: Sequence[tuple[float, str]], seconds: float
) -> None:
    # Chapters belong to the beginning of the file, as everything does that says what is where.
    options = {"movflags": "+faststart"}
    with av.open(path) as source, av.open(part, "w", format="mp4", options=options) as target:
        streams = {
            stream.index: target.add_stream_from_template(stream)
            for stream in source.streams
            if stream.type in ("video", "audio")
        }
        track = add_caption_stream(target, "mov_text")
        set_chapters(target, chapters, seconds)
        target.start_encoding()
        waiting = _apart(cues)
        for packet in source.demux():
            if packet.dts is None or packet.stream.index not in streams:
                continue
            base = packet.time_base or _MS
            while waiting and waiting[0].start <= float(packet.dts * base):
                target.mux(caption_packet(track, waiting.pop(0)))
            packet.stream = streams[packet.stream.index]
            target.mux(packet)
        for cue in waiting:
            target.mux(caption_packet(track, cue))


def _apart(cues: Sequence[Cue]) -> list[Cue]:
    """In order, none before the end of the one before."""
    out: list[Cue] = []
    for cue in sorted(cues, key=lambda cue: cue.start):
        start = max(cue.start, out[-1].end if out else 0.0)
        if cue.end - start >= 0.01:
            out.append(Cue(start, cue.end, cue.text, cue.words))
    return out
