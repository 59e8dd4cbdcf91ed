"""Paid sessions in process: session, lease, ledger and driver against the twin, virtual time."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from ipyavatar.core.clock import Clock
from ipyavatar.engine.resources import EngineResources
from ipyavatar.host.orphan_cleaner import GRACE_S, OrphanCleaner
from ipyavatar.host.paid_resources import PaidResources
from ipyavatar.host.session_factory import SessionFactory
from ipyavatar.paid.ledger import Ledger
from ipyavatar.paid.orphans import FIRST_PAUSE_S
from ipyavatar.paid.process_identity import ProcessIdentity
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.protocol.grants import SessionGrant, StreamGrant
from ipyavatar.protocol.options import SessionOptions
from ipyavatar.providers.base import Provider
from ipyavatar.providers.cloud.client_factory import ClientFactory
from ipyavatar.providers.cloud.stream_access import OnServiceEvent
from ipyavatar.providers.registry import service_spec, service_specs
from ipyavatar.session.session import Session
from ipyavatar.twin import TwinSettings
from ipyavatar.twin.faults import Fault
from tests.support.fakes.credentials import KEY, credentials_of
from tests.support.fakes.room_connection import FakeRoomConnection
from tests.support.fakes.silent_voice import SilentVoice
from tests.support.faults import create_app
from tests.support.virtual_time import VirtualClock

EPOCH = 1_800_000_000.0
FACES = {"heygen": "Ann_Therapist_public", "kaltura": "64b1f0c2a1b2c3d4e5f60718"}


_latest = [0.0]


def wall() -> float:
    """Unix time, on the loop's virtual clock; off the loop it stands still, as at its last look."""
    with contextlib.suppress(RuntimeError):
        _latest[0] = asyncio.get_running_loop().time()
    return EPOCH + _latest[0]


class World:
    """One twin, one ledger, and sessions on them."""

    def __init__(
        self,
        path: Path,
        seed: int = 0,
        *,
        wrap: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] = lambda it: it,
        paid_clock: Clock | None = None,
        faults_may_stay: bool = False,
        **twin: Any,
    ) -> None:
        self.random = random.Random(seed)
        self.clock = VirtualClock()
        self.app = create_app(
            TwinSettings(api_key=KEY, **twin),
            faults_may_stay=faults_may_stay,
            clock=wall,
            entropy=self.random.randbytes,
        )
        self.path = path / "sessions.db"
        self.events: list[m.Event] = []
        self.clients = ClientFactory(
            self.clock,
            wall,
            lambda: wrap(httpx.ASGITransport(self.app)),
            random=self.random.random,
        )
        self.paid_clock = paid_clock or self.clock
        self.rooms: list[FakeRoomConnection] = []
        self.process = 0
        self.new_process()

    @property
    def twin(self) -> Any:
        return self.app.state.twin

    @property
    def ledger(self) -> Ledger:
        return self.paid.ledger

    def new_process(self) -> None:
        """A new companion process on the same ledger; the ones before are gone."""
        self.process += 1
        self.paid = PaidResources(
            self.paid_clock,
            Ledger(self.path, now=wall, watch_every_s=None),
            self.clients,
            ProcessIdentity("here", self.process, "began"),
        )
        self.factory = SessionFactory(
            EngineResources(),
            self.paid,
            self.clock,
            random=self.random.random,
            make_voice=lambda session, options: SilentVoice(),
            connect_room=self._connect_room,
        )
        self.cleaner = OrphanCleaner(
            self.paid, self.clock, is_gone=lambda owner: owner.pid != self.process
        )
        for spec in service_specs():
            self.paid.add_credentials(credentials_of(spec.name))

    def fault(self, kind: Any, service: str = "*", call: str = "*", **more: Any) -> None:
        self.twin.faults.add(Fault(kind, service, call, **more))

    def session(
        self,
        provider: str,
        session_id: str = "x",
        grant: SessionGrant | None = None,
        **options: Any,
    ) -> Session:
        """A session that is not yet started."""
        options.setdefault("avatar_id", FACES.get(provider))
        if provider == "liveavatar":
            options = {"sandbox": True, "lite": False, **options}
        own = service_spec(provider).options_type(credentials=credentials_of(provider), **options)
        factory, grants = self.factory, [grant]

        def make() -> Provider:
            held = grants.pop() if grants else None
            return factory.make_provider(session_id, SessionOptions(provider, service=own), held)

        return Session(session_id, make, self.events.append, self.clock)

    async def _connect_room(
        self, grant: StreamGrant, on_event: OnServiceEvent, **more: Any
    ) -> FakeRoomConnection:
        self.rooms.append(FakeRoomConnection(grant, on_event))
        return self.rooms[-1]

    async def clean(self) -> list[Any]:
        """Clean up, after everybody has been gone for long enough; gives what became of what."""
        await self.cleaner.clean()  # takes note of who is gone
        await self.clock.sleep_until(self.clock.now() + max(GRACE_S, FIRST_PAUSE_S))
        return await self.cleaner.clean()

    # ---- looking ----------------------------------------------------------------------------

    def open_at_twin(self) -> set[str]:
        """Ids of what still exists at the services."""
        now = self.twin.now()
        return {s.id for service in self.twin.services.values() for s in service.sessions.open(now)}

    def statuses(self, session_id: str = "x") -> list[str]:
        found: list[str] = []
        for status in self.of(p.Status, session_id):
            if found[-1:] != [status.status]:
                found.append(status.status)
        return found

    def states(self, speech: str) -> list[str]:
        return [update.state for update in self.of(p.SpeechUpdate) if update.speech == speech]

    def of(self, kind: type, session_id: str | None = None) -> list[Any]:
        """Events of that kind, and messages of that kind in them."""
        found = []
        for event in self.events:
            if session_id is not None and getattr(event, "session", None) != session_id:
                continue
            value = event if isinstance(event, kind) else getattr(event, "message", None)
            if isinstance(value, kind):
                found.append(value)
        return found

    def calls(self, name: str) -> list[dict[str, Any]]:
        return [c for c in self.twin.state()["calls"] if c["call"] == name]
