"""The state of one running twin: its services, faults, calls and clock."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import MissingPart
from .contract import ServiceEmulator, TokenFactory
from .event_log import EventLog
from .faults import FaultPlan, check_scope
from .heygen.emulator import HeyGenEmulator
from .kaltura.emulator import KalturaEmulator
from .liveavatar.emulator import LiveAvatarEmulator
from .request_log import RequestLog, redact
from .responder import find_responder
from .session import TwinSession
from .settings import TwinSettings

if TYPE_CHECKING:
    from .media.manager import MediaManager

LITE_CALL = "lite_ws"
LIVEKIT_CALL = "livekit_ws"
CHAT_CALL = "chat_ws"
WHEP_CALL = "whep"


class Twin:
    """Everything that is behind the ASGI app, so that tests and the page can look at it.

    Attributes:
        settings: How it behaves.
        services: The three services by name.
        faults: What goes wrong next.
        calls: What was asked.
        diary: What happened to live media.
        key: The key that is let in, if it is only one: never to be shown.
        dice: Where ids and tokens come from.
        responder: Who answers when a client talks.
        closing: Set when the server shuts down: answers that are held back end at once.
    """

    def __init__(
        self,
        settings: TwinSettings,
        clock: Callable[[], float],
        entropy: Callable[[int], bytes],
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._jumped_s = 0.0
        dice = self.dice = TokenFactory(entropy)
        self.responder = find_responder(settings.responder)
        self._live: MediaManager | None = None
        self._loading = asyncio.Lock()
        every: list[ServiceEmulator] = [
            HeyGenEmulator(settings, dice),
            LiveAvatarEmulator(settings, dice),
            KalturaEmulator(settings, dice),
        ]
        self.services = {service.name: service for service in every}
        self.calls = RequestLog(settings.keep_calls)
        self.diary = EventLog(settings.keep_calls)
        self.faults = FaultPlan()
        for fault in settings.faults:
            check_scope(fault, self.known_calls())
            self.faults.add(fault)
        self.key = frozenset({settings.api_key} if settings.api_key else ())
        self.refused: dict[str, int] = {}
        """Statuses a fault gave to LiveKit tokens, for the client's question why."""
        self.closing = asyncio.Event()

    def now(self) -> float:
        """Seconds since 1970 on a clock that never goes back."""
        return self._clock() + self._jumped_s

    def jump(self, seconds: float) -> None:
        """Let `seconds` pass at once, for every session."""
        self._jumped_s += seconds
        self.sweep()

    def sweep(self) -> None:
        """Let everything happen that is due."""
        for service in self.services.values():
            service.book.open(self.now())

    async def live(self) -> MediaManager:
        """Who looks after live media, loaded when first asked for.

        Raises:
            MissingPart: A package of the extra `[serve]` is missing.
        """
        async with self._loading:
            if self._live is None:
                try:
                    # On a thread: it takes a second, and calls go on meanwhile.
                    module = await asyncio.to_thread(import_module, f"{__package__}.media.manager")
                except ModuleNotFoundError as error:
                    raise MissingPart(
                        f"Live media needs {error.name}.",
                        'Install it: pip install "ipyavatar[serve]".',
                    ) from error
                self._live = module.MediaManager(
                    now=self.now,
                    dice=self.dice,
                    diary=self.diary,
                    responder=self.responder,
                    closing=self.closing,
                )
            return self._live

    async def close(self) -> None:
        """End what is live."""
        self.closing.set()
        if self._live is not None:
            await self._live.close()

    def known_calls(self) -> dict[str, list[str]]:
        """The names that faults may use."""
        known = {name: [call.name for call in s.calls] for name, s in self.services.items()}
        known["heygen"] += [CHAT_CALL, LIVEKIT_CALL]
        known["liveavatar"] += [LITE_CALL, LIVEKIT_CALL]
        known["kaltura"].append(WHEP_CALL)
        return known

    def state(self, last: int = sys.maxsize) -> dict[str, Any]:
        """All of it as JSON values, without secrets.

        Every open session, then the `last` closed ones, newest end first; the `last` calls and
        entries of the diary.
        """
        now = self.now()
        books = [service.book for service in self.services.values()]
        opened = [session for book in books for session in book.open(now)]
        closed = [session for book in books for session in book.closed(now)]
        closed.sort(key=lambda session: session.ended_at or 0.0, reverse=True)
        return {
            "now": now,
            "settings": {
                "concurrency": self.settings.concurrency,
                "idle_timeout_s": self.settings.idle_timeout_s,
                "max_duration_s": self.settings.max_duration_s,
                "say_text": self.settings.say_text,
                "api_key_needed": self.settings.api_key is not None,
            },
            "known_calls": {s: sorted(set(names)) for s, names in self.known_calls().items()},
            "open": len(opened),
            "closed": len(closed),
            "sessions": [session_row(s, now, self.key) for s in [*opened, *closed[:last]]],
            "calls_total": self.calls.total,
            "calls": self.calls.listed(last),
            "faults": self.faults.listed(),
            "rooms": self._live.rooms() if self._live is not None else {},
            "diary": self.diary.listed(last),
        }


def session_row(session: TwinSession, now: float, secrets: frozenset[str]) -> dict[str, Any]:
    """One session as JSON values; `secrets` are cut out of every text."""
    return {
        "id": session.id,
        "service": session.service,
        "mode": session.mode,
        "state": session.phase.value,
        "created_at": session.created_at,
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "end_reason": session.end_reason,
        "last_activity": session.last_activity,
        "idle_s": session.rules.idle_s,
        "max_s": session.rules.max_s,
        "seconds": session.seconds(now),
        "counts": dict(session.counts),
        "info": redact(session.info, secrets),
        "speeches": [
            {
                "id": redact(speech.id, secrets),
                "text": redact(speech.text, secrets),
                "kind": speech.kind,
                "state": speech.state,
                "starts_at": speech.starts_at,
                "ends_at": speech.ends_at,
            }
            for speech in session.speeches
        ],
    }
