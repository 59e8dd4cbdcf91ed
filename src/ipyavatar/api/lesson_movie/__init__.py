"""`record_lesson()`: a notebook as a movie, the avatar in a corner beside its cells."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence

from ...client.progress import counting_bar
from ...core.paths import path_of
from ...core.secret import hides_keys
from ...core.validate import require_switch
from ...errors import InvalidArgument, UnreadableText, type_name
from .recording import LessonOptions, RecordedLesson, record

__all__ = ["LessonOptions", "RecordedLesson", "record_lesson"]


@hides_keys
def record_lesson(
    notebook: str | os.PathLike[str],
    output: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    character: str = "ava",
    voice: object = None,
    speed: float | None = None,
    pitch: float | None = None,
    language: str | None = None,
    quality: str = "medium",
    captions: str | None = None,
    codec: str | None = None,
    pause: float = 1.0,
    kernel: str | None = None,
    allow_errors: bool = False,
    cell_timeout_s: float | None = None,
    progress: bool = False,
) -> RecordedLesson:
    """Make a movie of a notebook, faster than time: its cells, and the avatar in a corner.

    As in `lesson()`, the Markdown cells with the tag `speak` are said, and the code cells behind
    each run meanwhile, in a kernel of their own, in the notebook's folder. What comes out of them
    is drawn by a browser without a network. The file of the notebook is not changed.

    It needs `pip install "ipyavatar[lesson]"`, and Chromium, Chrome or Edge.

    Args:
        notebook: The file.
        output: The movie, `.mp4`, `.webm` or `.gif`; or a list with `.srt` and `.vtt`, too.
        character: Who gives it.
        voice: As `Avatar` takes it.
        speed: Of the voice.
        pitch: Of the voice.
        language: Of what is said.
        quality: The size of the picture: `"low"`, `"medium"`, `"high"`.
        captions: `"track"`, `"burn"`, `"none"`; a track where the file can have one.
        codec: Of a `.webm`: `"vp8"` or `"vp9"`.
        pause: Seconds of silence after each cell that was said.
        kernel: Which kernel runs it; the notebook's own when not given.
        allow_errors: It goes on where a cell raises, as it does for those tagged
            `raises-exception`.
        cell_timeout_s: A cell may take so long, rounded up to whole seconds; None: as long as it
            likes.
        progress: Show a bar.

    Raises:
        InvalidArgument: There is no such notebook, nothing to say in it, or no such kernel.
        MissingPart: The extra `lesson`, or a browser, is not installed.
        LessonStopped: A cell has failed. What was recorded until then plays.
        MediaError: The movie cannot be written; what was written until then plays.
    """
    files: object = [output] if isinstance(output, (str, os.PathLike)) else output
    if not isinstance(files, Sequence):  # users' code need not be typed
        what = f"A movie is a file, and not {type_name(output)}."
        raise InvalidArgument(what, 'Give its name: "lesson.mp4".')
    outputs = [path_of("record_lesson()", one) for one in files]
    options = LessonOptions(
        character=character,
        voice=voice,
        speed=speed,
        pitch=pitch,
        language=language,
        quality=quality,
        captions=captions,
        codec=codec,
        pause=pause,
        kernel=kernel,
        allow_errors=allow_errors,
        cell_timeout_s=cell_timeout_s,
    )

    def warn(left_out: str) -> None:
        warnings.warn(left_out, UnreadableText, stacklevel=2)

    progress = require_switch("progress", progress)
    title = outputs[0].name if outputs else ""
    with counting_bar(title, unit=" characters", shown=progress) as on_progress:
        return record(notebook, outputs, options, on_progress, warn)
