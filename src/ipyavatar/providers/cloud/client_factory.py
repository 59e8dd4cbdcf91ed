"""What clients of services are made with: time, chance, and the way to the network."""

from __future__ import annotations

import random as _random
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from ...core.clock import Clock
from ...core.retry import RetryPolicy
from ...protocol.options import Credentials
from .http import HttpClient
from .profile import ServiceProfile


@dataclass(frozen=True, slots=True)
class ClientFactory:
    """Makes clients; tests bring their own time and transport.

    Attributes:
        clock: Monotonic time.
        wall: Unix time in seconds.
        transport: What carries requests; the network when None.
        retry: How often and how long to try again; the usual when None.
        random: Gives numbers in 0 to 1.
    """

    clock: Clock
    wall: Callable[[], float] = time.time
    transport: Callable[[], httpx.AsyncBaseTransport] | None = None
    retry: RetryPolicy | None = None
    random: Callable[[], float] = _random.random

    def make_http(self, profile: ServiceProfile, credentials: Credentials) -> HttpClient:
        """A service over HTTP, at the place the credentials are for."""
        return HttpClient(
            profile,
            credentials.base_url,
            transport=None if self.transport is None else self.transport(),
            retry=self.retry,
            clock=self.clock.now,
            sleep=self.sleep,
            random=self.random,
            wall=self.wall,
        )

    async def sleep(self, seconds: float) -> None:
        """Wait, by the clock."""
        await self.clock.sleep_until(self.clock.now() + seconds)
