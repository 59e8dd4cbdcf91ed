"""A small picture of a character, for lists."""

from __future__ import annotations

import base64
import functools

import cv2

from ..pose import Pose
from .renderer import FaceRenderer

WIDTH, HEIGHT = 160, 90


@functools.cache
def portrait_url(character: str) -> str:
    """A `data:` address with a JPEG picture of a character at rest, 160 by 90 pixels."""
    # Drawn larger, then made smaller: thin lines stay lines.
    picture = FaceRenderer(character, 4 * WIDTH, 4 * HEIGHT).render(Pose())
    small = cv2.resize(picture[..., :3], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    done, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not done:
        raise OSError(f"cannot encode the portrait of {character}")
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode()
