"""What a session needs of the lease it is held by; the lease itself is in `paid`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from ...protocol.grants import SessionGrant
from ..base import ProviderListener
from .driver import Driver


class SessionLease(Protocol):
    """The rules a session is held by: opened, kept alive, brought to a certain end."""

    calls: int
    """Keep-alive calls made."""
    latest_s: float
    """The worst lateness of one, in seconds."""

    async def open(self, grant: SessionGrant | None = None) -> None:
        """Open a session, or take the grant's over."""

    def touch(self) -> None:
        """The user did something."""

    def speaking(self) -> AbstractContextManager[None]:
        """While a speech lasts, the session is in use."""

    async def keep_alive(self) -> None:
        """Keep it alive now, because the user asked."""

    async def check(self) -> None:
        """Something said that the session is gone: ask the service itself."""

    async def close(self, note: str) -> bool:
        """End the session. Whether its end is confirmed."""


MakeLease = Callable[[Driver, ProviderListener], SessionLease]
"""Makes the lease of the session that a driver drives."""
