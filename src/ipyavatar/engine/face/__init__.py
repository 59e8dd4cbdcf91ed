"""The drawn face: characters, a renderer from poses to pixels, and the life of an idle face.

Importing this is cheap; OpenCV is loaded with the first use of `FaceRenderer` or `I420Ring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .characters import CHARACTERS, CharacterInfo

if TYPE_CHECKING:
    from .i420 import I420Ring
    from .idle_motion import IdleMotion
    from .renderer import FaceRenderer

__all__ = ["CHARACTERS", "CharacterInfo", "FaceRenderer", "I420Ring", "IdleMotion"]


def __getattr__(name: str) -> object:
    if name == "FaceRenderer":
        from .renderer import FaceRenderer

        return FaceRenderer
    if name == "I420Ring":
        from .i420 import I420Ring

        return I420Ring
    if name == "IdleMotion":
        from .idle_motion import IdleMotion

        return IdleMotion
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
