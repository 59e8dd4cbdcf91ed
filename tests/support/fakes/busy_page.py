"""A page of a browser with a script that does not end."""

from __future__ import annotations

import asyncio
from typing import Any


class BusyPage:
    """Never answers."""

    async def evaluate(self, _script: str, _given: object) -> Any:
        """Wait for ever."""
        await asyncio.Event().wait()
