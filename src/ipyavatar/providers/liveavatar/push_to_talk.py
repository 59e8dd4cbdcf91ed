"""FULL confirms that a button is held, and that it is not any more; or refuses it."""

from __future__ import annotations

import asyncio

from ...core.clock import Clock
from ...core.tasks import wait_until
from ...errors import NoAnswer, RequestRefused
from ..cloud.service_events import ServiceEvent
from .profile import PROFILE

CONFIRM_S = 5.0
"""It is confirmed within this time, or not at all; the service's SDK waits for ever."""


class Confirmation:
    """Of one press, or one release. Made before it is told, so that no answer comes too early."""

    def __init__(self, clock: Clock, *, on: bool) -> None:
        self._clock = clock
        self._on = on
        self._told = asyncio.Event()
        self._refused = False

    def on_event(self, event: ServiceEvent) -> None:
        """The service told this."""
        begun = "user.push_to_talk_" + ("start" if self._on else "stop")
        if event.kind == "push_to_talk" and event.name.startswith(begun):
            self._refused = event.name.endswith("failed")
            self._told.set()

    async def wait(self) -> None:
        """Wait for it.

        Raises:
            RequestRefused: It is refused.
            NoAnswer: It does not come.
        """
        in_time = await wait_until(self._clock, self._clock.now() + CONFIRM_S, self._told)
        what = f"that the button is {'held' if self._on else 'let go of'}"
        fix = "Press it again; or open a session without push_to_talk=True."
        if not in_time:
            silent = f"{PROFILE.title} did not confirm within {CONFIRM_S:g} s {what}."
            raise NoAnswer(silent, fix, sent=True, service=PROFILE.name, call="push_to_talk")
        if self._refused:
            refused = f"{PROFILE.title} does not take {what}."
            raise RequestRefused(refused, fix, service=PROFILE.name, call="push_to_talk")
