"""Has a script said into files: movies, sound, captions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from ..core.paths import refuse_pipe, unwritable
from ..core.quality import QUALITIES
from ..core.script import Script, parse_script
from ..core.subtitles import Cue, to_srt, to_vtt
from ..core.text import clean_text
from ..core.validate import require_known
from ..errors import AvatarError, InvalidArgument, SpeechFailed, UnknownName
from ..media.movie_formats import FORMATS, check_captions, format_of

if TYPE_CHECKING:
    from ..media.movie_thread import MovieThread

CAPTION_FILES: dict[str, Callable[[Sequence[Cue]], str]] = {".srt": to_srt, ".vtt": to_vtt}
"""Files that hold captions alone, by the end of their name."""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a script.

    Attributes:
        seconds: How long it is.
        took_s: How long it took.
        cues: Its captions.
        chapters: Where each begins, in seconds, and its title.
    """

    seconds: float
    took_s: float
    cues: tuple[Cue, ...]
    chapters: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class SayOptions:
    """How a script is said.

    Attributes:
        character: Who speaks where the script names nobody.
        voice: That one's voice; the one that fits when None.
        quality: The size of the picture: `"low"`, `"medium"`, `"high"`.
        captions: `"track"`, `"burn"`, `"none"`; None: a track where the file can have one.
        codec: Of the pictures; the usual one when None.
        layout: `"side"` (by side) or `"cut"`: whoever speaks.
    """

    character: str = "ava"
    voice: str | None = None
    quality: str = "medium"
    captions: str | None = None
    codec: str | None = None
    layout: str = "side"


def say(
    text: str,
    outputs: Sequence[str | Path],
    options: SayOptions | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Said:
    """Have `text` said into one movie, or sound, and any number of files of captions.

    Args:
        text: A sentence, a Markdown text with headings for chapters, or a conversation.
        outputs: Files, by the end of their name.
        options: How.
        on_progress: Told how many characters were said, of how many.

    Raises:
        UnknownName: There is no such character, voice, size, layout, codec or kind of file.
        InvalidArgument: There is nothing to say, or what is asked for does not go together.
        MediaError: A file cannot be written; what was written until then plays.
        SpeechFailed: The voice failed.
    """
    from ..engine.face import CHARACTERS
    from ..engine.voice import VOICES

    options = options or SayOptions()
    require_known("character", options.character, CHARACTERS)
    require_known("quality", options.quality, QUALITIES)
    if options.voice is not None:
        require_known("voice", options.voice, VOICES)
    require_known("layout", options.layout, ("side", "cut"))
    names = [str(output) for output in outputs]
    movie_name = _check_outputs(names, options)
    script = parse_script(clean_text(text), CHARACTERS, options.character)
    if not script.lines:
        raise InvalidArgument("There is nothing to say.", "Give some text.")
    captions = [name for name in names if name != movie_name]
    for name in captions:  # before the work, and without a change to what is there
        _check_writable(name)
    begin = time.monotonic()
    player = _play(script, movie_name, captions, options, on_progress)
    took_s = time.monotonic() - begin
    return Said(player.seconds, took_s, tuple(player.cues), tuple(player.chapters))


def _play(
    script: Script,
    movie_name: str | None,
    captions: Sequence[str],
    options: SayOptions,
    on_progress: Callable[[int, int], None] | None,
) -> Any:
    from ..engine.resources import EngineResources
    from ..media.script_player import ScriptPlayer

    resources = EngineResources()
    total = sum(len(line.text) for line in script.lines)
    done = 0

    def progress(characters: int) -> None:
        nonlocal done
        done += characters
        if on_progress is not None:
            on_progress(done, total)

    try:
        names = {name: _voice_of(name, options) for name in script.speakers}
        picture, movie = None, None
        if movie_name is not None:  # first of all, since that may fail
            picture, movie = _open_movie(script, movie_name, options)
        voices = {
            name: resources.voice_executor.submit(resources.voice, voice).result()
            for name, voice in names.items()
        }
        player = ScriptPlayer(voices, resources.voice_executor, picture, movie, progress)
        try:
            player.play(script)
        except AvatarError:
            raise
        except Exception as error:
            raise SpeechFailed(f"The voice failed: {error}.") from error
        finally:  # also of what was said until somebody interrupted it
            try:
                if movie is not None:
                    movie.close(player.chapters)
            finally:
                _write_captions(captions, player.cues)
        return player
    finally:
        resources.close(wait=False)


def _open_movie(script: Script, name: str, options: SayOptions) -> tuple[Any, MovieThread]:
    from ..media.group_picture import GroupPicture
    from ..media.movie import Movie
    from ..media.movie_thread import MovieThread

    size = QUALITIES[options.quality]
    found, _ = format_of(name)
    captions = options.captions
    if captions is None:
        captions = "track" if found.captions else "none"
    movie = Movie(name, size, codec=options.codec, captions=captions, threads=2)
    layout: Any = options.layout
    picture = GroupPicture(script.speakers, size, layout) if movie.pictures else None
    return picture, MovieThread(movie)


def _voice_of(character: str, options: SayOptions) -> str:
    """The voice that was asked for, else the one that goes with the character."""
    from ..engine.face import CHARACTERS
    from ..engine.voice import VOICES

    if options.voice is not None and character == options.character:
        return options.voice
    hint = CHARACTERS[character].voice
    return next(name for name, info in VOICES.items() if info.description.startswith(hint))


def _check_outputs(names: Sequence[str], options: SayOptions) -> str | None:
    """The movie among the files, if there is one."""
    if not names:
        raise InvalidArgument("There is no file to say it into.", "Give one: -o out.mp4.")
    movies = []
    for name in names:
        suffix = PurePath(name).suffix.lower()
        if suffix in FORMATS:
            movies.append(name)
        elif suffix not in CAPTION_FILES:
            raise UnknownName.of("kind of file", suffix, (*FORMATS, *CAPTION_FILES))
    if len(movies) > 1:
        what = f"One movie is made at a time, and not {', '.join(movies)}."
        raise InvalidArgument(what, "Call it once for each; captions may go along.")
    movie = movies[0] if movies else None
    if movie is not None:
        format_of(movie, options.codec)
        if options.captions is not None:
            check_captions(movie, options.captions)
    return movie


def _check_writable(name: str) -> None:
    path = Path(name)
    refuse_pipe(path)
    try:
        with path.open("ab"):
            pass
    except (OSError, ValueError) as error:
        raise unwritable(name, error) from error


def _write_captions(names: Sequence[str], cues: Sequence[Cue]) -> None:
    for name in names:
        text = CAPTION_FILES[PurePath(name).suffix.lower()](cues)
        try:
            Path(name).write_text(text, encoding="utf-8")
        except (OSError, ValueError) as error:
            raise unwritable(name, error) from error
