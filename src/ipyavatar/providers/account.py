"""A service, where it is and who we are there: makes clients and drivers."""

from __future__ import annotations

import random as _random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import httpx

from ..core.clock import Clock
from ..core.retry import RetryPolicy
from ..core.secret import Secret
from ..errors import NotOffered
from .driver import Driver, OwnVoice
from .facts import SERVICES
from .heygen import HeyGenClient
from .heygen_driver import HeyGenDriver
from .http import Wire
from .kaltura import KalturaClient
from .kaltura_driver import KalturaDriver
from .liveavatar import LiveAvatarClient
from .liveavatar_driver import LiveAvatarDriver
from .models import OpenSession
from .options import ServiceOptions


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one service.

    Attributes:
        provider: The service.
        base_url: Where it is: the key is sent nowhere else.
        key: Its key; for Kaltura a KS, or None when one is minted from `admin`.
        admin: Kaltura's partner id and admin secret.
    """

    provider: str
    base_url: str
    key: Secret | None = None
    admin: tuple[str, Secret] | None = None

    @property
    def lists(self) -> bool:
        """Whether the service can say which sessions are open, and the key can stop them."""
        return SERVICES[self.provider].lists_sessions


T = TypeVar("T")
Transport = Callable[[], httpx.AsyncBaseTransport]


@dataclass(frozen=True, slots=True)
class Workbench:
    """What clients are made with; tests bring their own time and transport."""

    clock: Clock
    wall: Callable[[], float] = time.time
    transport: Transport | None = None
    retry: RetryPolicy | None = None
    random: Callable[[], float] = _random.random

    def wire(self, account: Account) -> Wire:
        """The account's service over HTTP."""
        return Wire(
            SERVICES[account.provider],
            account.base_url,
            transport=None if self.transport is None else self.transport(),
            retry=self.retry,
            clock=self.clock.now,
            sleep=self._sleep,
            random=self.random,
        )

    async def _sleep(self, seconds: float) -> None:
        await self.clock.sleep_until(self.clock.now() + seconds)


def driver_of(
    account: Account, options: ServiceOptions, voice: OwnVoice, bench: Workbench
) -> Driver:
    """A driver for one new session."""
    wire = bench.wire(account)
    if account.provider == "heygen":
        return HeyGenDriver(HeyGenClient(wire, account.key), options, bench.clock, bench.wall)
    if account.provider == "kaltura":
        client = KalturaClient(wire, account.key, admin=account.admin)
        return KalturaDriver(client, options, bench.clock, voice)
    return LiveAvatarDriver(_liveavatar(wire, account), options, bench.clock, voice)


async def listed(account: Account, bench: Workbench) -> tuple[OpenSession, ...]:
    """What the service lists as open.

    Raises:
        NotOffered: It has no list.
        ServiceError: It cannot be asked now.
    """
    return await _ask(account, bench, lambda client: client.open_sessions())


async def stopped(account: Account, session_id: str, bench: Workbench) -> bool:
    """Stop a session by the account's key. False when it had ended before.

    Raises:
        NotOffered: The service does not let the key stop a session.
        ServiceError: It is not known to be over.
    """
    return await _ask(account, bench, lambda client: client.stop(session_id))


Lister = HeyGenClient | LiveAvatarClient


async def _ask(account: Account, bench: Workbench, call: Callable[[Lister], Awaitable[T]]) -> T:
    facts = SERVICES[account.provider]
    if not account.lists:
        raise NotOffered(
            f"{facts.title} neither lists sessions nor ends them by key.",
            "A session there ends by itself soon after its process is gone.",
            service=account.provider,
            call="list",
        )
    async with bench.wire(account) as wire:
        if account.provider == "heygen":
            return await call(HeyGenClient(wire, account.key))
        return await call(_liveavatar(wire, account))


def _liveavatar(wire: Wire, account: Account) -> LiveAvatarClient:
    return LiveAvatarClient(wire, account.key or Secret(""))
