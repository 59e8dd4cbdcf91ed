"""A warning of what our voice will leave out."""

from __future__ import annotations

import sys
import warnings

from ..errors import UnreadableText


def warn_of_unreadable(text: str) -> None:
    """Warn, at the user's own line, of what the voice will leave out."""
    if text.isascii():
        return
    from ..providers.spoken_text import describe_unreadable  # late: most kernels never need it

    left_out = describe_unreadable(text)
    if left_out:
        depth, frame = 1, sys._getframe()
        while frame.f_back is not None and frame.f_globals["__name__"].startswith("ipyavatar."):
            depth, frame = depth + 1, frame.f_back
        warnings.warn(left_out, UnreadableText, stacklevel=depth)
