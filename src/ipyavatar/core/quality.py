"""The three picture sizes that `quality` means, and the choice to have one chosen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

QUALITIES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"low": (854, 480), "medium": (1280, 720), "high": (1920, 1080)}
)
"""Width and height in pixels by quality, the smallest first."""

AUTO = "auto"
"""One of `QUALITIES`, by what the page measures; see `client.auto_quality`."""

AUTO_BEGINS = "medium"

CHOICES = (*QUALITIES, AUTO)
"""What the user may ask for."""


def begins(choice: str) -> str:
    """The size that `choice` begins with."""
    return AUTO_BEGINS if choice == AUTO else choice
