"""A recognizer of a Whisper model's folder, by faster-whisper."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.paths import path_of
from ..errors import InvalidArgument, MissingPart

if TYPE_CHECKING:
    import os

    import numpy as np
    from numpy.typing import NDArray

NEEDED = ("model.bin", "config.json")


class WhisperFolder:
    """A model in CTranslate2's format; loaded with the first sound. Nothing is downloaded.

    Args:
        folder: Where the model is.

    Raises:
        InvalidArgument: There is none.
        MissingPart: faster-whisper is not installed.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.path = _check_folder(path_of("recognizer=", folder))
        try:
            import faster_whisper  # noqa: F401
        except ImportError as error:
            what = "A Whisper model needs the package faster-whisper, which is not installed."
            fix = 'pip install "ipyavatar[listen]", or give a function or an address.'
            raise MissingPart(what, fix) from error
        self._lock = threading.Lock()
        self._model: Any = None

    def __repr__(self) -> str:
        if "path" not in vars(self):  # its making has failed: a verbose traceback shows it
            return "<WhisperFolder, not made>"
        return f"<WhisperFolder {self.path.name!r}>"

    def __call__(self, samples: NDArray[np.float32], *, language: str = "") -> str:
        """The text of what is said in `samples`, at 16 kHz."""
        with self._lock:  # one that took too long may still be at it
            segments, _ = self._load().transcribe(
                samples,
                language=language or None,
                beam_size=1,
                condition_on_previous_text=False,
                without_timestamps=True,
            )
            return " ".join(segment.text.strip() for segment in segments)

    def _load(self) -> Any:
        if self._model is None:
            from faster_whisper import WhisperModel

            self._model = WhisperModel(
                str(self.path), device="auto", compute_type="default", local_files_only=True
            )
        return self._model


def _check_folder(path: Path) -> Path:
    try:
        missing = [name for name in NEEDED if not (path / name).is_file()]
    except (OSError, ValueError):
        missing = list(NEEDED)
    if missing:
        raise InvalidArgument(
            f"There is no Whisper model in {str(path)!r:.200}: {missing[0]} is missing.",
            "Give the folder of a model in CTranslate2's format, such as a clone of "
            "Systran/faster-whisper-base.",
        )
    return path
