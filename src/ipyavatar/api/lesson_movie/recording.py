"""How a notebook becomes a movie: what can fail is tried first, then it is played step by step."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...client.lesson import check_pause
from ...core.quality import QUALITIES
from ...core.text import clean_text
from ...core.validate import number_of, require_known, require_switch
from ...errors import InvalidArgument, MissingPart, describe
from ...media.lesson_layout import LessonLayout
from ...media.movie_formats import FORMATS
from ..movie_files import MovieFiles, sort_files
from ..movie_player import MovieOptions, open_player
from ..notebook_file import Notebook, Step, read_notebook, steps_of
from ..script_voices import ScriptVoice, choose_script_voice

if TYPE_CHECKING:
    from ...media.lesson_picture import LessonPicture
    from ...media.script_player import ScriptPlayer
    from .kernel import CellFailure
    from .slides import LessonPlan

PARTS = ("latex2mathml", "nbclient", "nbconvert", "playwright")
"""Packages of the extra `lesson`."""

BEFORE_S = 0.3
"""A step is seen for so long before it is spoken of."""

AFTER_S = 1.0
"""The end stays for so long."""


@dataclass(frozen=True, slots=True)
class RecordedLesson:
    """What became of a lesson.

    Attributes:
        seconds: How long the movie is.
        took_s: How long it took.
        chapters: Where each begins, in seconds, and its title.
        failures: Cells that raised, and were to: each has a `number`, from 1, and an `error`.
    """

    seconds: float
    took_s: float
    chapters: tuple[tuple[float, str], ...]
    failures: tuple[CellFailure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonOptions:
    """How a lesson is recorded: the keywords of `record_lesson()`."""

    character: str = "ava"
    voice: object = None
    speed: float | None = None
    pitch: float | None = None
    language: str | None = None
    quality: str = "medium"
    captions: str | None = None
    codec: str | None = None
    pause: float = 1.0
    kernel: str | None = None
    allow_errors: bool = False
    cell_timeout_s: float | None = None


def record(
    notebook: str | os.PathLike[str],
    outputs: Sequence[Path],
    options: LessonOptions,
    on_progress: Callable[[int, int], None],
    notify: Callable[[str], object],
) -> RecordedLesson:
    """Make a movie of a notebook; see `record_lesson()`.

    Args:
        notebook: The file.
        outputs: One movie, and files of captions.
        options: How.
        on_progress: Told how many characters were said, of how many.
        notify: Told what the voice leaves out.
    """
    begin = time.monotonic()
    voice = _choose_voice(options)
    files = _sort_files(outputs, options)
    found = read_notebook(notebook)
    steps = tuple(steps_of(found.cells))
    _check_parts()
    plan = _make_plan(Path(notebook), found, steps, options)
    files.check_writable()
    for step in steps:
        left_out = voice.describe_unreadable(step.text)
        if left_out:
            notify(left_out)
    total, done = sum(len(step.text) for step in steps), 0

    def on_said(characters: int) -> None:
        nonlocal done
        done += characters
        on_progress(done, total)

    from ...media.lesson_picture import LessonPicture
    from .slides import LessonSlides

    burnt = options.captions == "burn"
    layout = LessonLayout.of(QUALITIES[options.quality], burnt=burnt)
    with contextlib.closing(LessonSlides(plan, layout)) as slides:
        slides.wait_until_ready()  # before the movie takes the place of one that is there
        on_said(0)  # a bar is there from here on
        picture = LessonPicture(options.character, layout, slides)
        movie = MovieOptions(options.quality, options.captions, options.codec)
        more: Any = {"make_picture": lambda _: picture, "on_said": on_said, "notify": notify}
        with open_player(files, movie, voices={options.character: voice}, **more) as player:
            _play(player, picture, steps, options)
        failures = tuple(slides.failures)
    took_s = time.monotonic() - begin
    return RecordedLesson(player.seconds, took_s, tuple(player.chapters), failures)


def _play(
    player: ScriptPlayer, picture: LessonPicture, steps: Sequence[Step], options: LessonOptions
) -> None:
    who = options.character
    for number, step in enumerate(steps):
        picture.begin(number)
        player.rest(who, BEFORE_S)
        if step.title:
            player.begin_chapter(step.title)
        if step.text:
            player.say(who, clean_text(step.text))
        while not picture.is_over(player.seconds):
            player.rest(who, player.STEP_S)
        player.rest(who, options.pause if number < len(steps) - 1 else AFTER_S)


def _make_plan(
    path: Path, found: Notebook, steps: tuple[Step, ...], options: LessonOptions
) -> LessonPlan:
    from .kernel import find_kernel
    from .slides import LessonPlan

    titles = (step.title for step in steps if step.title)
    return LessonPlan(
        title=found.title or next(titles, path.stem),
        steps=steps,
        folder=path.resolve().parent,
        kernel=find_kernel(options.kernel, found.kernel),
        language=found.language,
        allow_errors=options.allow_errors,
        cell_timeout_s=options.cell_timeout_s,
    )


def _choose_voice(options: LessonOptions) -> ScriptVoice:
    """Whose voice it is; all that is wrong in the options is told here, or by `_sort_files`."""
    from ...engine.face import CHARACTERS

    require_known("character", options.character, CHARACTERS)
    require_known("quality", options.quality, QUALITIES)
    check_pause(options.pause)
    require_switch("allow_errors", options.allow_errors)
    if options.cell_timeout_s is not None:
        seconds = number_of(options.cell_timeout_s)
        if seconds is None or seconds <= 0:
            what = f"cell_timeout_s={describe(options.cell_timeout_s)} cannot be waited."
            raise InvalidArgument(what, "Give seconds, more than 0, or leave it out.")
    more = {
        name: value
        for name in ("speed", "pitch", "language")
        if (value := getattr(options, name)) is not None
    }
    return choose_script_voice(options.voice, options.character, more)


def _sort_files(outputs: Sequence[Path], options: LessonOptions) -> MovieFiles:
    files = sort_files(outputs, options.codec, options.captions)
    if files.movie is None or not FORMATS[Path(files.movie).suffix.lower()].pictures:
        kinds = ", ".join(sorted(kind for kind, one in FORMATS.items() if one.pictures))
        raise InvalidArgument("A lesson is a movie, with pictures.", f"Name one of: {kinds}.")
    return files


def _check_parts() -> None:
    missing = [name for name in PARTS if importlib.util.find_spec(name) is None]
    if missing:
        what = f"Movies of notebooks need {', '.join(missing)}."
        raise MissingPart(what, 'Run: pip install "ipyavatar[lesson]"')
