"""Captions with their times, and the files they are kept in: WebVTT and SubRip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .speech import SpokenWord

LONGEST = 84
"""Characters of a caption at most: two lines of 42, as is usual for subtitles."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption and its time.

    Attributes:
        start: Seconds from the beginning of the movie, or the transcript.
        end: Likewise.
        text: What is shown.
        words: Words with their times on the same clock; empty where they are not known.
    """

    start: float
    end: float
    text: str
    words: tuple[SpokenWord, ...] = ()


def make_cues(
    text: str, words: Sequence[SpokenWord], start: float, end: float, longest: int = LONGEST
) -> list[Cue]:
    """The captions of something that is said from `start` to `end`: cut between words if long.

    Args:
        text: All that is said.
        words: Its words in order, with seconds from `start`.
        start: When it begins, in seconds.
        end: When it ends, in seconds.
        longest: Characters of a caption at most; a longer word is not cut.
    """
    text = " ".join(text.split())
    placed = [(word, start + a, start + b) for word, a, b in words]
    if len(text) <= longest or not placed:
        return [Cue(start, end, text, tuple(placed))] if text else []
    parts = list(_cut(placed, longest))
    ends = [part[0][1] for part in parts[1:]] + [end]
    return [
        Cue(part[0][1] if i else start, until, " ".join(w for w, _, _ in part), tuple(part))
        for i, (part, until) in enumerate(zip(parts, ends, strict=True))
    ]


def _cut(words: Sequence[SpokenWord], longest: int) -> Iterator[list[SpokenWord]]:
    part: list[SpokenWord] = []
    length = 0
    for word in words:
        if part and length + 1 + len(word[0]) > longest:
            yield part
            part, length = [], 0
        length += len(word[0]) + bool(part)
        part.append(word)
    if part:
        yield part


def to_srt(cues: Iterable[Cue]) -> str:
    """The captions as a SubRip file."""
    return "".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_safe(cue.text)}\n\n"
        for number, cue in enumerate(cues, 1)
    )


def to_vtt(cues: Iterable[Cue], *, word_times: bool = False) -> str:
    """The captions as a WebVTT file.

    Args:
        cues: The captions.
        word_times: Put the time of each word into the text, as players use it that colour words.
    """
    return "WEBVTT\n\n" + "".join(
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n"
        f"{_timed(cue) if word_times and cue.words else _escape(cue.text)}\n\n"
        for cue in cues
    )


def _timed(cue: Cue) -> str:
    words = (f"<{_clock(start, '.')}>{_escape(word)}" for word, start, _ in cue.words[1:])
    return " ".join((_escape(cue.words[0][0]), *words))


def _escape(text: str) -> str:
    return _safe(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _safe(text: str) -> str:
    """Without empty lines, which end a caption, and without the arrow, which begins one."""
    return "\n".join(line for line in text.splitlines() if line.strip()).replace("-->", "→")


def _clock(seconds: float, point: str) -> str:
    milliseconds = max(0, round(seconds * 1000))
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
