"""Which files a recording can be kept in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from types import MappingProxyType

from ..core.validate import require_known
from ..errors import InvalidArgument, UnknownName, describe

CAPTIONS = ("track", "burn", "none")
"""What becomes of captions: a track that players show on request, in the picture, or nothing."""


@dataclass(frozen=True, slots=True)
class MovieFormat:
    """A container and what is in it.

    Attributes:
        container: FFmpeg's name of it.
        pictures: Encoders of pictures by the name users give, the first by default; may be empty.
        audio: Encoder of sound; empty where there is none.
        captions: Encoder of a track of captions; empty where there is none.
        options: Of the container: what keeps a file playable whose end was never written.
        captions_last: The track of captions is added when the rest is complete.
    """

    container: str
    pictures: Mapping[str, str]
    audio: str
    captions: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    captions_last: bool = False


FORMATS: Mapping[str, MovieFormat] = MappingProxyType(
    {
        # Fragments of two seconds, joined to an ordinary file at its end ("hybrid"). Captions come
        # to it then: FFmpeg (8.1) aborts the process over those of a fragmented file.
        ".mp4": MovieFormat(
            "mp4",
            {"h264": "libx264"},
            "aac",
            "mov_text",
            {"movflags": "+frag_keyframe+hybrid_fragmented"},
            captions_last=True,
        ),
        ".webm": MovieFormat(
            "webm",
            {"vp8": "libvpx", "vp9": "libvpx-vp9"},
            "libopus",
            "webvtt",
            {"cluster_time_limit": "2000"},
        ),
        ".wav": MovieFormat("wav", {}, "pcm_s16le"),
        ".gif": MovieFormat("gif", {"gif": "gif"}, ""),
    }
)
"""What can be recorded, by the end of the file's name."""


def suffix_of(path: str) -> str:
    """The end of a file's name, which says what is in it.

    Raises:
        InvalidArgument: It has none.
    """
    suffix = PurePath(path).suffix.lower()
    if not suffix:
        what = f"The name {describe(path)} does not end with a kind of file."
        raise InvalidArgument(what, "Give one like out.mp4.")
    return suffix


def format_of(path: str, codec: str | None = None) -> tuple[MovieFormat, str]:
    """The format of a file by its name, and FFmpeg's name of the encoder of its pictures.

    Raises:
        UnknownName: There is no such container, or no such codec in it.
        InvalidArgument: Its name has no end; or it has no pictures, and a codec was asked for.
    """
    suffix = suffix_of(path)
    if suffix not in FORMATS:
        raise UnknownName.of("kind of movie", suffix, FORMATS)
    found = FORMATS[suffix]
    if codec is None:
        return found, next(iter(found.pictures.values()), "")
    if not found.pictures:
        raise InvalidArgument(f"A {suffix} file has no pictures.", "Leave codec= out.")
    require_known("codec", codec, found.pictures, f"for {suffix}")
    return found, found.pictures[codec]


def check_captions(path: str, captions: str) -> None:
    """Refuse what cannot be done with captions in a file.

    Raises:
        UnknownName: There is no such way.
        InvalidArgument: That file has no such track, or no picture.
    """
    require_known("way of captions", captions, CAPTIONS)
    found, _ = format_of(path)
    suffix = PurePath(path).suffix.lower()
    if captions == "burn" and not found.pictures:
        what = f"A {suffix} file has no picture to draw captions in."
        raise InvalidArgument(what, "Use .mp4, .webm or .gif, or leave captions= out.")
    if captions == "track" and not found.captions:
        ways = "Use .mp4 or .webm, or leave captions= out."
        raise InvalidArgument(f"A {suffix} file has no track for captions.", ways)
