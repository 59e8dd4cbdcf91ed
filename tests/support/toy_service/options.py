"""What one may say about a session of the toy service."""

from __future__ import annotations

from typing import Literal

from ipyavatar.protocol.options import ServiceOptions
from ipyavatar.providers.cloud.options import ServiceKeywords


class ToyKeywords(ServiceKeywords, total=False):
    """Keywords of `Avatar("toy")`: `mood` is its own."""

    mood: str


class ToyOptions(ServiceOptions, frozen=True, kw_only=True):
    mood: Literal["calm", "jolly"] = "calm"
