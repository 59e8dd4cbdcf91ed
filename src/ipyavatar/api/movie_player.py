"""What plays into files: voices, pictures and a movie, closed whatever happens."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.address_space import require_address_space
from ..core.quality import QUALITIES
from ..core.subtitles import Cue
from ..core.text import name_error
from ..errors import AvatarError, SpeechFailed
from ..media.movie_formats import format_of
from .movie_files import MovieFiles
from .script_voices import ScriptVoice

if TYPE_CHECKING:
    from ..engine.voice.base import Voice
    from ..media.movie import Movie
    from ..media.script_player import Picture, ScriptPlayer

    MakePicture = Callable[[tuple[int, int]], Picture]


@dataclass(frozen=True, slots=True)
class MovieOptions:
    """What a movie is like.

    Attributes:
        quality: The size of the picture: `"low"`, `"medium"`, `"high"`.
        captions: `"track"`, `"burn"`, `"none"`; None: a track where the file can have one.
        codec: Of the pictures; the usual one when None.
    """

    quality: str = "medium"
    captions: str | None = None
    codec: str | None = None


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


@contextlib.contextmanager
def open_player(
    files: MovieFiles,
    options: MovieOptions,
    *,
    voices: Mapping[str, ScriptVoice],
    make_picture: MakePicture,
    on_said: Callable[[int], None],
    notify: Callable[[str], object],
) -> Iterator[ScriptPlayer]:
    """A player into `files`, which are complete when this is left, by an error too.

    Args:
        files: Where to.
        options: What the movie is like.
        voices: Who speaks.
        make_picture: Makes what draws; called where there are pictures.
        on_said: Told how many characters have been said.
        notify: Told what a voice leaves out.

    Raises:
        MediaError: A file cannot be written; what was written until then plays.
        SpeechFailed: A voice failed.
    """
    require_address_space("cv2", "onnxruntime")
    from ..engine.resources import EngineResources
    from ..media.movie_thread import MovieThread
    from ..media.script_player import ScriptPlayer

    files.check_writable()  # before the work, and without a change to what is there
    resources = EngineResources()
    with contextlib.ExitStack() as stack:
        stack.callback(resources.close, wait=False)
        executor, loaded = resources.voice_executor, {}
        for name, voice in voices.items():
            loaded[name] = executor.submit(voice.load, resources, notify).result()
            stack.callback(_close, loaded[name], executor)
        picture, thread = None, None
        if files.movie is not None:  # what is there is lost now
            movie = _open_movie(files.movie, options)
            picture = make_picture(QUALITIES[options.quality]) if movie.pictures else None
            thread = MovieThread(movie)
        player = ScriptPlayer(loaded, executor, picture, thread, on_said)
        try:
            yield player
        except AvatarError:
            raise
        except Exception as error:
            raise SpeechFailed(f"The voice failed: {name_error(error)}.") from error
        finally:  # also of what was said until somebody interrupted it
            try:
                if thread is not None:
                    thread.close(player.chapters)
            finally:
                files.write_captions(player.cues)


def _open_movie(name: str, options: MovieOptions) -> Movie:
    from ..media.movie import Movie

    captions = options.captions
    if captions is None:
        captions = "track" if format_of(name)[0].captions else "none"
    size = QUALITIES[options.quality]
    return Movie(name, size, codec=options.codec, captions=captions, threads=2)


def _close(voice: Voice, executor: Executor) -> None:
    """Close what keeps a line open, in the thread of voices, where it is used."""
    from ..media.blocking_voice import BlockingVoice

    if isinstance(voice, BlockingVoice):
        executor.submit(voice.close).result()
