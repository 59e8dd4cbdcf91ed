"""What a saved notebook shows in place of an avatar, where nothing can run it."""

from __future__ import annotations

import base64
import functools
import pathlib
from collections.abc import Mapping
from types import MappingProxyType

PICTURES = pathlib.Path(__file__).parent / "saved"
"""Drawn by `tools/saved_pictures.py`: of each character, and one for those of services."""

LINE = "An avatar was here. Run this cell to bring it back."

NO_PAGE = "No page can show it here: use a notebook, or AvatarSession in a script."


@functools.cache
def saved_output(face: str) -> tuple[Mapping[str, str], Mapping[str, object]]:
    """Data and metadata of an output beside the widget's view.

    GitHub, nbviewer, exported HTML and a notebook that is opened without a kernel show the picture,
    which says how to bring the avatar back; what shows text, or reads it aloud, has the line.
    """
    path = PICTURES / f"{face}.png"
    if not face.isalpha() or not path.exists():
        path = PICTURES / "service.png"
    picture = base64.b64encode(path.read_bytes()).decode()
    alt = {"image/png": {"alt": LINE, "width": 400}}
    return MappingProxyType({"image/png": picture, "text/plain": LINE}), MappingProxyType(alt)
