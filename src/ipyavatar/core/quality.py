"""The three picture sizes that `quality` means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

QUALITIES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"low": (854, 480), "medium": (1280, 720), "high": (1920, 1080)}
)
"""Width and height in pixels by quality."""
