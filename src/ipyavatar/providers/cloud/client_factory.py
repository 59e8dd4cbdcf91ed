"""A service, where it is and who we are there: makes clients and drivers."""

from __future__ import annotations

import random as _random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import httpx

from ...core.clock import Clock
from ...core.retry import RetryPolicy
from ...core.secret import Secret
from ...errors import NotOffered
from ..heygen.client import HeyGenClient
from ..heygen.driver import HeyGenDriver
from ..kaltura.client import KalturaClient
from ..kaltura.driver import KalturaDriver
from ..liveavatar.client import LiveAvatarClient
from ..liveavatar.driver import LiveAvatarDriver
from .driver import Driver, LocalVoice
from .http import HttpClient
from .models import ListedSession
from .options import ServiceOptions
from .spec import SERVICES


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
class ClientFactory:
    """What clients are made with; tests bring their own time and transport."""

    clock: Clock
    wall: Callable[[], float] = time.time
    transport: Transport | None = None
    retry: RetryPolicy | None = None
    random: Callable[[], float] = _random.random

    def wire(self, account: Account) -> HttpClient:
        """The account's service over HTTP."""
        return HttpClient(
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


def make_driver(
    account: Account, options: ServiceOptions, voice: LocalVoice, bench: ClientFactory
) -> Driver:
    """A driver for one new session."""
    wire = bench.wire(account)
    if account.provider == "heygen":
        return HeyGenDriver(HeyGenClient(wire, account.key), options, bench.clock, bench.wall)
    if account.provider == "kaltura":
        client = KalturaClient(wire, account.key, admin=account.admin)
        return KalturaDriver(client, options, bench.clock, voice)
    return LiveAvatarDriver(_liveavatar(wire, account), options, bench.clock, voice)


async def list_sessions(account: Account, bench: ClientFactory) -> tuple[ListedSession, ...]:
    """What the service lists as open.

    Raises:
        NotOffered: It has no list.
        ServiceError: It cannot be asked now.
    """
    return await _ask(account, bench, lambda client: client.open_sessions())


async def stop_session(account: Account, session_id: str, bench: ClientFactory) -> bool:
    """Stop a session by the account's key. False when it had ended before.

    Raises:
        NotOffered: The service does not let the key stop a session.
        ServiceError: It is not known to be over.
    """
    return await _ask(account, bench, lambda client: client.stop(session_id))


Lister = HeyGenClient | LiveAvatarClient


async def _ask(account: Account, bench: ClientFactory, call: Callable[[Lister], Awaitable[T]]) -> T:
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


def _liveavatar(wire: HttpClient, account: Account) -> LiveAvatarClient:
    return LiveAvatarClient(wire, account.key or Secret(""))
