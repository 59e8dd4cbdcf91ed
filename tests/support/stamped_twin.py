"""The offline twin as a process whose pictures carry their number; see `stamped_pictures`.

The first argument is a folder for the originals, of one session; the others are the twin's.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ipyavatar.engine import animator
from ipyavatar.engine.animator import Animator
from ipyavatar.engine.pose import Mouth
from ipyavatar.twin.server import main

from .stamped_pictures import Originals, stamp

FOLDER = pathlib.Path(sys.argv.pop(1))


class StampedAnimator(Animator):
    """Draws as an animator does; a picture that differs has another number."""

    def __init__(
        self, character: str, quality: str | tuple[int, int], seed: int, *source: Any
    ) -> None:
        super().__init__(character, quality, seed, *source)
        assert not isinstance(quality, str)
        self._originals = Originals(FOLDER, *quality, new=True)
        self._wanted: Hashable = None
        self._drawn: Hashable = None
        self._number = 0

    def key(self, at: float, mouth: Mouth, speaking: bool, stress: float) -> Hashable:
        self._wanted = super().key(at, mouth, speaking, stress)
        return self._wanted

    def draw(self) -> NDArray[np.uint8]:
        picture = super().draw()
        if self._wanted != self._drawn:
            self._drawn, self._number = self._wanted, self._number + 1
        stamp(picture, self._number)
        self._originals.keep(picture, self._number)
        return picture


animator.Animator = StampedAnimator  # type: ignore[misc]

if __name__ == "__main__":
    sys.exit(main())
