"""A driver's way into the service's room."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


class FakeRoomChannel:
    """Takes the orders, and does with them what the test wants."""

    def __init__(
        self, hears: bool = True, takes: Callable[[dict[str, Any]], None] | None = None
    ) -> None:
        self.hears = hears
        self.orders: list[tuple[str, dict[str, Any]]] = []
        self.takes = takes or (lambda order: None)

    async def send(self, topic: str, payload: bytes) -> None:
        order = json.loads(payload)
        self.orders.append((topic, order))
        self.takes(order)
