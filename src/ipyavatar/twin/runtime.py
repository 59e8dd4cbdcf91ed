"""One running twin: its services, faults, logs, clock and live media."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from ..core.address_space import require_address_space
from ..core.libraries import load_module
from ..errors import InvalidArgument, MediaError, MissingPart
from .emulator import ServiceEmulator
from .event_log import EventLog
from .faults import FaultPlan, check_scope
from .heygen.emulator import HeyGenEmulator
from .kaltura.emulator import KalturaEmulator
from .liveavatar.emulator import LiveAvatarEmulator
from .livekit.grants import RoomGrant, read_grant
from .request_body import BodyReader
from .request_log import RequestLog, redact_json
from .responder import find_responder
from .session import TwinSession
from .sessions import Recent
from .settings import TwinSettings
from .tokens import DEV_KEY, TokenFactory

if TYPE_CHECKING:
    from .media.manager import MediaManager

# Names, in faults and the request log, of what is not a REST call.
LITE_CALL = "lite_ws"
LIVEKIT_CALL = "livekit_ws"
ROOM_SERVICE_CALL = "room_service"  # in the log alone: faults have no use there
CHAT_CALL = "chat_ws"
WHEP_CALL = "whep"

KEEP_REFUSED_TOKENS = 1000
MAX_ADVANCE_S = 1e10


class TwinRuntime:
    """Everything that is behind the ASGI app.

    Attributes:
        settings: How it behaves.
        services: The three services by name.
        faults: What goes wrong next.
        request_log: What was asked.
        event_log: What happened to live media.
        secrets: The key that is accepted, if it is only one: kept out of logs and state.
        tokens: Makes ids and tokens.
        responder: Who answers when a client talks.
        bodies: Reads the bodies of requests.
        refused_tokens: LiveKit tokens refused by a fault, with the status clients ask for.
        closing: Set when the server shuts down: responses that are held back end at once.
    """

    def __init__(
        self,
        settings: TwinSettings,
        clock: Callable[[], float],
        entropy: Callable[[int], bytes],
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._advanced_s = 0.0
        tokens = self.tokens = TokenFactory(entropy)
        self.responder = find_responder(settings.responder, settings.responder_timeout_s)
        self._media: MediaManager | None = None
        self._media_lock = asyncio.Lock()
        emulators: list[ServiceEmulator] = [
            HeyGenEmulator(settings, tokens),
            LiveAvatarEmulator(settings, tokens, self.read_livekit_token),
            KalturaEmulator(settings, tokens),
        ]
        self.services = {service.name: service for service in emulators}
        self.request_log = RequestLog(settings.keep_calls)
        self.event_log = EventLog(settings.keep_calls)
        self.faults = FaultPlan()
        for fault in settings.faults:
            check_scope(fault, self.known_calls())
            self.faults.add(fault)
        self.secrets = frozenset({settings.api_key} if settings.api_key else ())
        self.refused_tokens: Recent[int] = Recent(KEEP_REFUSED_TOKENS)
        self.bodies = BodyReader()
        self.closing = asyncio.Event()

    def now(self) -> float:
        """Seconds since 1970 on a clock that never goes back."""
        return self._clock() + self._advanced_s

    def read_livekit_token(self, token: str) -> RoomGrant:
        """What a LiveKit token grants.

        One that a client has made itself is valid by the client's clock, which does not jump.

        Raises:
            NoGrant: It grants nothing.
        """
        claims = self.tokens.decode(token)
        from_client = claims is not None and claims.get("iss") == DEV_KEY
        return read_grant(claims, self._clock() if from_client else self.now())

    def advance_clock(self, seconds: float) -> None:
        """Let `seconds` pass at once, for every session.

        Raises:
            InvalidArgument: It would go back, or so far ahead that dates have no name.
        """
        if not 0 <= seconds <= MAX_ADVANCE_S - self._advanced_s:
            raise InvalidArgument(
                f"advance_s is {seconds}.",
                f"It must be 0 or more seconds, up to {MAX_ADVANCE_S:.0f} in all.",
            )
        self._advanced_s += seconds
        for service in self.services.values():
            service.sessions.open(self.now())

    async def load_media(self) -> MediaManager:
        """The manager of live media, imported by the first call.

        Raises:
            MissingPart: A package of the extra `[serve]` is missing, or a library cannot be loaded.
        """
        async with self._media_lock:
            if self._media is None:
                try:
                    require_address_space("cv2", "onnxruntime")
                    # On a thread: it takes a second, and calls go on meanwhile.
                    module = await asyncio.to_thread(load_module, f"{__package__}.media.manager")
                except MediaError as error:
                    raise _missing_part(error) from error
                self._media = module.MediaManager(
                    services=self.services,
                    now=self.now,
                    tokens=self.tokens,
                    event_log=self.event_log,
                    responder=self.responder,
                    closing=self.closing,
                )
            return self._media

    async def close(self) -> None:
        """End live media, and every response that is held back."""
        self.closing.set()
        if self._media is not None:
            await self._media.close()

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
        events.
        """
        now = self.now()
        registries = [service.sessions for service in self.services.values()]
        opened = [session for registry in registries for session in registry.open(now)]
        closed = [session for registry in registries for session in registry.closed(now)]
        closed.sort(key=lambda session: session.ended_at or 0.0, reverse=True)
        listed = [*opened, *closed[:last]]
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
            "sessions": [session_to_json(session, now, self.secrets) for session in listed],
            "calls_total": self.request_log.total,
            "calls": self.request_log.to_json(last),
            "faults": self.faults.to_json(),
            "unused_faults": [to_builtins(fault) for fault in self.faults.unused()],
            "rooms": self._media.rooms_to_json() if self._media is not None else {},
            "events": self.event_log.to_json(last),
        }


def session_to_json(session: TwinSession, now: float, secrets: frozenset[str]) -> dict[str, Any]:
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
        "info": redact_json(session.info, secrets),
        "speeches": [
            {
                "id": redact_json(speech.id, secrets),
                "text": redact_json(speech.text, secrets),
                "kind": speech.kind,
                "state": speech.state,
                "starts_at": speech.starts_at,
                "ends_at": speech.ends_at,
            }
            for speech in session.speeches
        ],
    }


def _missing_part(error: MediaError) -> MissingPart:
    """Why there are no pictures and sounds, for who asks for some."""
    missing = error.__cause__
    if isinstance(missing, ModuleNotFoundError):
        what = f"Live media needs {missing.name}."
        return MissingPart(what, 'Install it: pip install "ipyavatar[serve]".')
    return MissingPart(f"There is no live media. {error.what}", error.fix)
