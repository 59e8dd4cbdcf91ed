"""The files that something is said into: one movie or sound, and any number of captions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from ..core.paths import refuse_pipe, unwritable
from ..core.subtitles import Cue, to_srt, to_vtt
from ..errors import InvalidArgument, UnknownName
from ..media.movie_formats import FORMATS, check_captions, format_of, suffix_of

CAPTION_FILES: dict[str, Callable[[Sequence[Cue]], str]] = {".srt": to_srt, ".vtt": to_vtt}
"""Files that hold captions alone, by the end of their name."""


@dataclass(frozen=True, slots=True)
class MovieFiles:
    """Where to.

    Attributes:
        movie: The movie, or sound; None where there are captions alone.
        captions: Files of captions.
    """

    movie: str | None
    captions: tuple[str, ...]

    def check_writable(self) -> None:
        """See that they can be written, without a change to what is there.

        Raises:
            MediaError: They cannot.
        """
        for name in (*self.captions, *([self.movie] if self.movie else ())):
            path = Path(name)
            refuse_pipe(path)
            try:
                is_new = not path.exists()
                with path.open("ab"):
                    pass
                if is_new:
                    path.unlink()
            except (OSError, ValueError) as error:
                raise unwritable(name, error) from error

    def write_captions(self, cues: Sequence[Cue]) -> None:
        """Write the files of captions.

        Raises:
            MediaError: One cannot be written.
        """
        for name in self.captions:
            text = CAPTION_FILES[PurePath(name).suffix.lower()](cues)
            try:
                Path(name).write_text(text, encoding="utf-8")
            except (OSError, ValueError) as error:
                raise unwritable(name, error) from error


def sort_files(
    outputs: Sequence[str | Path], codec: str | None, captions: str | None
) -> MovieFiles:
    """Which of the files is what.

    Raises:
        UnknownName: There is no such kind of file, codec or way of captions.
        InvalidArgument: There is none, or they do not go together.
    """
    names = [str(output) for output in outputs]
    if not names:
        raise InvalidArgument("There is no file to say it into.", "Give its name, as out.mp4.")
    movies, others = list[str](), list[str]()
    for name in names:
        suffix = suffix_of(name)
        if suffix not in FORMATS and suffix not in CAPTION_FILES:
            raise UnknownName.of("kind of file", suffix, (*FORMATS, *CAPTION_FILES))
        (movies if suffix in FORMATS else others).append(name)
    if len(movies) > 1:
        what = f"One movie is made at a time, and not {', '.join(movies)}."
        raise InvalidArgument(what, "Call it once for each; captions may go along.")
    if movies:
        format_of(movies[0], codec)
        if captions is not None:
            check_captions(movies[0], captions)
    return MovieFiles(movies[0] if movies else None, tuple(others))
