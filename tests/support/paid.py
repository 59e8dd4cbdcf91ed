"""Paid sessions in process: session, lease, ledger and driver against the twin, virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from ipyavatar.core.secret import Secret
from ipyavatar.engine.voice.base import VoiceChunk, Word
from ipyavatar.host.session_factory import Desk
from ipyavatar.paid.ledger import Ledger
from ipyavatar.paid.process_identity import ProcessIdentity
from ipyavatar.protocol import events
from ipyavatar.protocol import host as m
from ipyavatar.protocol.grants import SessionGrant, StreamGrant
from ipyavatar.providers.cloud.client_factory import ClientFactory
from ipyavatar.providers.cloud.provider import CloudProvider
from ipyavatar.providers.cloud.stream_access import OnServiceEvent
from ipyavatar.session.session import Session
from ipyavatar.twin import TwinSettings, create_app
from ipyavatar.twin.faults import Fault
from tests.support.virtual_time import VirtualClock

KEY = "seeded-secret-key-0815"
URL = "http://127.0.0.1"
EPOCH = 1_800_000_000.0
FACES = {"heygen": "Ann_Therapist_public", "kaltura": "64b1f0c2a1b2c3d4e5f60718"}


class Murmur:
    """A voice of silence: 15 characters a second, in chunks of a few words."""

    async def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        for line in text.split(". "):
            seconds = max(0.1, len(line) / 15)
            audio = np.zeros(round(seconds * 24_000), np.float32)
            yield VoiceChunk(audio, 24_000, (), (Word(line, 0.0, seconds),), line)


class PretendRoom:
    """This process in a session's room, for tests without media."""

    def __init__(self, join: StreamGrant, heard: OnServiceEvent) -> None:
        self.join, self.heard = join, heard
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.sent: list[tuple[str, bytes]] = []

    async def send(self, topic: str, payload: bytes) -> None:
        self.sent.append((topic, payload))

    async def close(self) -> None:
        if not self.gone.done():
            self.gone.set_result("it was closed here")


def wall() -> float:
    """Unix time, on the loop's virtual clock."""
    return EPOCH + asyncio.get_running_loop().time()


class World:
    """One twin, one ledger, and sessions on them."""

    def __init__(self, path: Path, seed: int = 0, **twin: Any) -> None:
        self.random = random.Random(seed)
        self.clock = VirtualClock()
        self.app = create_app(
            TwinSettings(api_key=KEY, **twin),
            clock=wall,
            entropy=self.random.randbytes,
        )
        self.path = path / "sessions.db"
        self.events: list[events.Event] = []
        self.bench = ClientFactory(
            self.clock,
            wall,
            lambda: httpx.ASGITransport(self.app),
            random=self.random.random,
        )
        self.entered: list[PretendRoom] = []
        self.process = 0
        self.desk: Desk = self.new_process()

    @property
    def twin(self) -> Any:
        return self.app.state.twin

    @property
    def ledger(self) -> Ledger:
        return self.desk.ledger

    def new_process(self) -> Desk:
        """A new companion process on the same ledger; the ones before are gone."""
        self.process += 1
        self.desk = Desk(
            self.clock,
            Ledger(self.path, now=wall),
            self.bench,
            owner=ProcessIdentity("here", self.process, "began"),
            gone=lambda owner: owner.pid != self.process,
            random=self.random.random,
            enter=self._enter,
        )
        for provider in ("heygen", "liveavatar", "kaltura"):
            self.desk.know(m.Credentials(provider, URL, Secret(KEY)))
        return self.desk

    def fault(self, kind: Any, service: str = "*", call: str = "*", **more: Any) -> None:
        self.twin.faults.add(Fault(kind, service, call, **more))

    def session(
        self,
        provider: str,
        session_id: str = "x",
        ticket: SessionGrant | None = None,
        **options: Any,
    ) -> Session:
        """A session that is not yet started."""
        options.setdefault("avatar_id", FACES.get(provider))
        if provider == "liveavatar":
            options.setdefault("sandbox", True)
        service = m.ServiceSettings(m.Credentials(provider, URL, Secret(KEY)), **options)
        desk, tickets = self.desk, [ticket]

        def make() -> CloudProvider:
            held = tickets.pop() if tickets else None
            return desk.provider(m.Options(provider, service=service), Murmur(), held)

        return Session(session_id, make, self.events.append, self.clock)

    async def _enter(self, join: StreamGrant, heard: OnServiceEvent) -> PretendRoom:
        self.entered.append(PretendRoom(join, heard))
        return self.entered[-1]

    # ---- looking ----------------------------------------------------------------------------

    def open_at_twin(self) -> set[str]:
        """Ids of what still exists at the services."""
        now = self.twin.now()
        return {s.id for service in self.twin.services.values() for s in service.sessions.open(now)}

    def statuses(self, session_id: str = "x") -> list[str]:
        found: list[str] = []
        for e in self.events:
            ours = isinstance(e, events.StatusChanged) and e.session == session_id
            if ours and found[-1:] != [e.status]:
                found.append(e.status)
        return found

    def states(self, speech: str) -> list[str]:
        return [
            e.state
            for e in self.events
            if isinstance(e, events.SpeechChanged) and e.speech == speech
        ]

    def of(self, kind: type) -> list[Any]:
        return [e for e in self.events if isinstance(e, kind)]

    def calls(self, name: str) -> list[dict[str, Any]]:
        return [c for c in self.twin.state()["calls"] if c["call"] == name]
