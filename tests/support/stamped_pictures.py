"""Pictures that carry their number, and a place where the originals are found by it.

Whoever receives a picture can so tell which one it is, and how far it is from what was drawn.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sdk import TwinProcess

KEPT = 100
"""Originals kept: four seconds of talking."""

BLOCK = 16
BITS = 16
ROW = BLOCK * BITS  # pixels of the top row that the stamp covers

Picture = NDArray[np.uint8]


def stamp(picture: Picture, number: int) -> None:
    """Write `number` into the top left of an I420 picture: a block for each bit, lowest first."""
    height, width = len(picture) * 2 // 3, picture.shape[1]
    bits = np.array([number >> bit & 1 for bit in range(BITS)], np.uint8)
    picture[:BLOCK, :ROW] = np.repeat(16 + bits * 219, BLOCK)
    chroma = picture[height:].reshape(2, height // 2, width // 2)
    chroma[:, : BLOCK // 2, : ROW // 2] = 128


def number_of(luma: Picture) -> int:
    """The number in a picture, or in the luma of its top rows."""
    middle = luma[BLOCK // 2, BLOCK // 2 : ROW : BLOCK]
    return sum(1 << bit for bit, value in enumerate(middle) if value > 128)


class Originals:
    """The last `KEPT` pictures of one source, in files that other processes read."""

    def __init__(self, folder: pathlib.Path, width: int, height: int, *, new: bool = False) -> None:
        mode: Any = "w+" if new else "r"
        shape = (KEPT, height * 3 // 2, width)
        self._pictures = np.memmap(folder / "pictures", np.uint8, mode, shape=shape)
        self._numbers = np.memmap(folder / "numbers", np.int64, mode, shape=(KEPT,))
        if new:
            self._numbers[:] = -1

    def keep(self, picture: Picture, number: int) -> None:
        place = number % KEPT
        self._numbers[place] = -1
        self._pictures[place] = picture
        self._numbers[place] = number

    def newest(self) -> int:
        return int(self._numbers.max())

    def find(self, number: int) -> Picture | None:
        """The original of a number, or None when there is none any more."""
        place = number % KEPT
        found = self._pictures[place].copy()
        return found if self._numbers[place] == number else None


@contextlib.contextmanager
def stamped_twin(folder: pathlib.Path) -> Iterator[TwinProcess]:
    """A twin that stamps the pictures of its one session, and keeps the originals in `folder`."""
    command = [sys.executable, "-m", "tests.support.stamped_twin", str(folder), "--port", "0"]
    with subprocess.Popen([*command, "--warm"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield TwinProcess(process, json.loads(process.stdout.readline())["url"], None)
        finally:
            process.terminate()
            process.wait(10)
