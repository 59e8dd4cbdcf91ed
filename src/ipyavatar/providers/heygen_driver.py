"""One HeyGen streaming session."""

from __future__ import annotations

import time
from collections.abc import Callable, Container

from ..core.clock import Clock
from ..core.secret import Secret
from ..core.text import split_text
from .base import SpokenWord, Utterance
from .driver import Room, Teller, follow, seconds_for
from .events import ServiceEvent
from .facts import HEYGEN
from .heygen import HeyGenClient, HeyGenSession
from .join import Join, Ticket
from .lost import stop_orphans
from .options import ServiceOptions


class HeyGenDriver:
    """Drives one session; the pieces of a long text are handed over one by one."""

    facts = HEYGEN

    def __init__(
        self,
        client: HeyGenClient,
        options: ServiceOptions,
        clock: Clock,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        self._wall = wall
        self._id = ""
        self._join: Join | None = None

    def enter(self, room: Room) -> None:
        """The way into its room."""
        self._room = room

    def heard(self, event: ServiceEvent) -> None:
        """The service told this in the room."""

    async def create(self, on_id: Callable[[str], None]) -> None:
        """`new`, then `start`."""
        options = self._options
        session = await self._client.new(
            avatar_id=options.avatar_id,
            voice_id=options.voice_id,
            quality=options.quality,
            idle_timeout_s=options.idle_timeout_s,
        )
        self._id, self._join = session.session_id, _join(session)
        on_id(self._id)
        await self._client.start(self._id)

    def adopt(self, ticket: Ticket) -> None:
        """The account's key drives any session."""
        self._id, self._join = ticket.session_id, ticket.join

    def ticket(self) -> Ticket:
        """Id and room."""
        return Ticket("heygen", self._id, join=self._join)

    async def say(self, utterance: Utterance, tell: Teller) -> list[SpokenWord]:
        """Task by task: the service tells how long each one takes."""
        for piece in split_text(utterance.text, HEYGEN.text_limit):
            began = self._clock.now()
            task = await self._client.task(
                self._id, piece, task_type=utterance.mode, task_mode="async"
            )
            took = self._clock.now() - began
            tell.first_sound()
            seconds = seconds_for(piece) if task.duration_s is None else task.duration_s
            if took > seconds / 2:
                # The answer was held back until the end, as it is for synchronous tasks.
                seconds = 0.0
            # What an LLM answers is not ours to show before the service tells it.
            shown = "" if utterance.mode == "talk" else piece
            await follow(self._clock, tell, shown or "…", seconds)
        return []

    async def interrupt(self) -> None:
        """Cut the speech off."""
        await self._client.interrupt(self._id)

    async def keep_alive(self, timeout_s: float) -> None:
        """Reset the idle time."""
        await self._client.keep_alive(self._id, timeout_s=timeout_s)

    async def stop(self) -> bool:
        """End it."""
        return await self._client.stop(self._id)

    async def stop_lost(self, known: Container[str], asked_at: float) -> bool:
        """Look into the account's list for a session that was made and never started."""
        _, left = await stop_orphans(
            self._client.open_sessions,
            self._client.stop,
            known=known,
            asked_at=asked_at,
            now=self._wall,
            sleep=self._sleep,
        )
        return not left

    async def close(self) -> None:
        """Close the connections."""
        await self._client.wire.close()

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep_until(self._clock.now() + seconds)


def _join(session: HeyGenSession) -> Join:
    return Join("livekit", Secret(session.url), session.access_token)
