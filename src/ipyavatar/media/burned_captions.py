"""Captions drawn into a picture: white on a dark band, at its foot."""

from __future__ import annotations

import functools
import unicodedata
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_DIM = 0.35
_WHITE = 235
_LINES = 3
_IN_FONT = "¹²³ªº"
"""Raised letters that the font has; of others it draws a question mark."""


def burn(picture: NDArray[np.uint8], text: str) -> None:
    """Draw `text` into an I420 picture, in place."""
    height, width = picture.shape[0] * 2 // 3, picture.shape[1]
    mask, top = _band(text, width, height)
    rows = mask.shape[0]
    band = picture[top : top + rows]
    dark = (band * _DIM).astype(np.uint8)
    np.copyto(band, np.maximum(dark, mask))
    # Colours give way to grey, or the letters would have those of what is behind them.
    half = picture[height:].reshape(2, height // 2, width // 2)
    part = half[:, top // 2 : (top + rows) // 2]
    np.copyto(part, (128 + (part.astype(np.int16) - 128) * _DIM).astype(np.uint8))


@functools.lru_cache(maxsize=4)
def _band(text: str, width: int, height: int) -> tuple[NDArray[np.uint8], int]:
    """The letters as brightness, `uint8[rows, width]`, and the row where they begin."""
    size = max(12, height // 22)
    lines = _wrap("".join(map(_legible, text)), round(width * 0.86), size)[:_LINES]
    step = round(size * 1.35)
    rows = (len(lines) * step + size) // 2 * 2
    mask = np.zeros((rows, width), np.uint8)
    for number, line in enumerate(lines):
        x = (width - _measure(line, size)) // 2
        _write(mask, line, (x, size // 2 + number * step + round(size * 0.95)), size)
    return mask, (height - rows - height // 24) // 2 * 2


def _legible(letter: str) -> str:
    """The letter itself, or on the line where it is a raised or lowered one that the font lacks."""
    raised = unicodedata.decomposition(letter).startswith(("<sub>", "<super>"))
    return unicodedata.normalize("NFKC", letter) if raised and letter not in _IN_FONT else letter


def _wrap(text: str, room: int, size: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _measure(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@functools.cache
def _font() -> Any:
    """A font with more than Latin letters; None before OpenCV 5, which had none."""
    return cv2.FontFace("sans") if hasattr(cv2, "FontFace") else None


def _measure(line: str, size: int) -> int:
    font = _font()
    if font is None:
        return int(cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, size / 30, 2)[0][0])
    return int(cv2.getTextSize((0, 0), line, (0, 0), font, size)[2])


def _write(mask: NDArray[np.uint8], line: str, at: tuple[int, int], size: int) -> None:
    font: Any = _font()
    if font is None:
        colour, thick = (_WHITE,), max(1, size // 14)
        cv2.putText(mask, line, at, cv2.FONT_HERSHEY_SIMPLEX, size / 30, colour, thick, cv2.LINE_AA)
    else:
        cv2.putText(mask, line, at, (_WHITE,), font, size)
