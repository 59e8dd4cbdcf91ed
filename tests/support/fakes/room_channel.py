"""A driver's way into the service's room."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ipyavatar.errors import MissingPart


class FakeRoomChannel:
    """Takes the orders, and does with them what the test wants.

    Args:
        hears: Whether one of us is in the room.
        takes: Told each order.
        can_hear: Whether one of us can be there once that is asked for.
    """

    def __init__(
        self,
        hears: bool = True,
        takes: Callable[[dict[str, Any]], None] | None = None,
        can_hear: bool = False,
    ) -> None:
        self.hears = hears
        self._can_hear = can_hear
        self.orders: list[tuple[str, dict[str, Any]]] = []
        self.takes = takes or (lambda order: None)

    async def hear(self) -> None:
        self.hears = self.hears or self._can_hear
        if not self.hears:
            raise MissingPart("Nobody can be there.", "Show the avatar.")

    async def send(self, topic: str, payload: bytes) -> None:
        order = json.loads(payload)
        self.orders.append((topic, order))
        self.takes(order)
