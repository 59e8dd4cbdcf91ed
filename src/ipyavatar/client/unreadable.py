"""A warning of what our voice will leave out."""

from __future__ import annotations

import sys
import warnings

from ..engine.voice.text_normalization import find_unreadable
from ..errors import UnreadableText


def warn_of_unreadable(text: str) -> None:
    """Warn, at the user's own line, of what the voice will leave out."""
    left_out = find_unreadable(text)
    if left_out:
        shown = left_out if len(left_out) <= 40 else left_out[:39] + "…"
        depth, frame = 1, sys._getframe()
        while frame.f_back is not None and frame.f_globals["__name__"].startswith("ipyavatar."):
            depth, frame = depth + 1, frame.f_back
        warnings.warn(
            f"The voice reads English; this part is left out: {shown!r}.",
            UnreadableText,
            stacklevel=depth,
        )
