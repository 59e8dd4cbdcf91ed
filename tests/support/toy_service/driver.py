"""One session of the toy service: it tells how long a text takes, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Container

from ipyavatar.core.clock import Clock
from ipyavatar.core.speech import SpokenWord, Utterance
from ipyavatar.core.text import split_text
from ipyavatar.protocol.grants import SessionGrant
from ipyavatar.providers.cloud.driver import RoomChannel, SpeechListener, follow_captions
from ipyavatar.providers.cloud.service_events import ServiceEvent

from .client import ToyClient
from .options import ToyOptions
from .profile import PROFILE


class ToyDriver:
    profile = PROFILE

    def __init__(self, client: ToyClient, options: ToyOptions, clock: Clock) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        self._id = ""

    def set_room(self, room: RoomChannel) -> None:
        """It has none."""

    def on_event(self, event: ServiceEvent) -> None:
        """It says nothing."""

    async def create(self, on_id: Callable[[str], None]) -> None:
        self._id = await self._client.open(self._options.avatar_id, self._options.mood)
        on_id(self._id)

    def adopt(self, grant: SessionGrant) -> None:
        self._id = grant.session_id

    def grant(self) -> SessionGrant:
        return SessionGrant(PROFILE.name, self._id)

    async def say(self, utterance: Utterance, listener: SpeechListener) -> list[SpokenWord]:
        for piece in split_text(utterance.text, PROFILE.text_limit):
            seconds = await self._client.say(self._id, piece)
            listener.on_first_sound()
            await follow_captions(self._clock, listener, piece, seconds)
        return []

    async def interrupt(self) -> None:
        await self._client.interrupt(self._id)

    async def keep_alive(self, timeout_s: float) -> None:
        await self._client.keep_alive(self._id, timeout_s)

    async def stop(self) -> bool:
        return await self._client.stop(self._id)

    async def stop_lost(self, known: Container[str], asked_at: float) -> bool:
        return True

    async def close(self) -> None:
        await self._client.http.close()
