"""What is shown while the text of a speech is still being made."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from ..providers.base import Provider

THINKING = "Thinking…"


@contextlib.contextmanager
def thinking(provider: Provider, show: Callable[[str], None]) -> Iterator[None]:
    """The face looks aside, and the status says so; after it, nothing."""
    provider.think(True)
    show(THINKING)
    try:
        yield
    finally:
        provider.think(False)
        show("")
