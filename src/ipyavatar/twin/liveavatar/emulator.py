"""HeyGen LiveAvatar (`api.liveavatar.com`), as its documentation describes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..emulator import (
    BadRequest,
    ErrorReply,
    LoadStream,
    ServiceCall,
    ServiceReply,
    ServiceRequest,
    whole_number,
)
from ..livekit.grants import RoomGrant
from ..session import Rules, TwinPhase, TwinSession, WrongPhase
from ..sessions import Recent, SessionRegistry
from ..settings import TwinSettings
from ..tokens import TokenFactory
from .catalogue import catalogue_calls
from .contexts import Contexts
from .custom_room import find_room_grant
from .embeds import embed_calls
from .integrations import LlmConfigurations, Secrets
from .replies import error, invalid, iso_time, missing, paginate, success
from .token_body import TRUTHS, check_token_body, read_voice_agent
from .transcripts import Memories, delete_events, transcript_page
from .voices import Voices

if TYPE_CHECKING:
    from ..livekit.data_messages import DataMessages

IDLE_S = 300.0
SANDBOX_S = 60.0
CREDITS_PER_MINUTE = {"FULL": 2.0, "LITE": 1.0}
CREDITS_AT_START = 1000.0
SIZES = {
    "low": (640, 360),
    "medium": (854, 480),
    "high": (1280, 720),
    "very_high": (1920, 1080),
}

# `stop` may say why; anything else that ends a session has one of these names.
_STOP_REASONS = (
    "UNKNOWN",
    "USER_DISCONNECTED",
    "SERVER_ERROR",
    "IDLE_TIMEOUT",
    "NO_CREDITS",
    "USER_CLOSED",
    "AVATAR_DELETED",
    "MAX_DURATION_REACHED",
    "ZOMBIE_SESSION_REAP",
    "AGENT_HANG_UP",
)
_END_REASONS = {
    "stopped": "USER_CLOSED",
    "idle": "IDLE_TIMEOUT",
    "max_duration": "MAX_DURATION_REACHED",
    "nobody_joined": "ZOMBIE_SESSION_REAP",
    "gone": "SERVER_ERROR",
}


class LiveAvatarEmulator:
    """HeyGen LiveAvatar in FULL and LITE mode.

    A session counts against the concurrency limit from `start`, not from `token`. An avatar id that
    begins with `no_such` is not found.
    """

    name = "liveavatar"

    def __init__(
        self,
        settings: TwinSettings,
        tokens: TokenFactory,
        read_livekit_token: Callable[[str], RoomGrant],
    ) -> None:
        self._settings = settings
        self._token_factory = tokens
        self._read_livekit_token = read_livekit_token
        self.sessions = SessionRegistry(keep_closed=settings.keep_closed)
        self._issued_tokens: Recent[str] = Recent(10_000)
        v1 = "/v1/sessions"
        one = f"{v1}/{{session_id}}"
        key, token, either = self._check_key, self._check_token, self._check_token_or_key
        secrets = Secrets(tokens.uuid)
        self.calls: Sequence[ServiceCall] = (
            ServiceCall("token", "POST", f"{v1}/token", self._token, key),
            ServiceCall("start", "POST", f"{v1}/start", self._start, token, self._join_room),
            ServiceCall("keep_alive", "POST", f"{v1}/keep-alive", self._keep_alive, either),
            ServiceCall("stop", "POST", f"{v1}/stop", self._stop, either),
            ServiceCall("list", "GET", v1, self._list, key),
            ServiceCall("delete", "DELETE", v1, self._stop, either),
            ServiceCall("session", "GET", one, self._one, key),
            ServiceCall("transcript", "GET", f"{one}/transcript", self._transcript, key),
            ServiceCall("delete_events", "DELETE", f"{one}/events", self._delete_events, key),
            ServiceCall("credits", "GET", "/v1/users/credits", self._credits, key),
            *catalogue_calls(key),
            *embed_calls(tokens.uuid, key),
            *Contexts(tokens.uuid).calls(key),
            *secrets.calls(key),
            *LlmConfigurations(tokens.uuid, secrets).calls(key),
            *Voices(tokens.uuid, secrets).calls(key),
            *Memories(tokens.uuid, self.sessions.get).calls(key),
        )

    def data_messages(
        self, session: TwinSession, now: Callable[[], float], new_id: Callable[[], str]
    ) -> DataMessages:
        """In its room."""
        from .data_messages import LiveAvatarDataMessages

        return LiveAvatarDataMessages(session, now, new_id, self._settings.hears)

    # ---- envelopes ----------------------------------------------------------------------------

    def bad_request(self, message: str) -> ServiceReply:
        """A body that cannot be read."""
        return invalid("body", message, "json_invalid")

    def wrong_phase(self, wrong: WrongPhase) -> ServiceReply:
        """The session is in no state for this."""
        if wrong.phase in (TwinPhase.CLOSING, TwinPhase.CLOSED):
            return error(404, "Session is not active")
        return error(400, f"Session is {wrong.phase.value}")

    def failure(self, kind: str, call: str) -> ServiceReply:  # noqa: ARG002 (each call fails alike)
        """An error of the service itself."""
        if kind == "ok-error":
            return ServiceReply(
                200, {"code": 500, "data": None, "message": "Internal server error"}
            )
        if kind == "401":
            return error(401, "Unauthorized")
        if kind == "402":
            return error(402, "Insufficient credits")
        if kind == "429":
            # Requests are counted per second, and the answer says when to come again.
            return error(429, "Too Many Requests", {"Retry-After": "1"})
        text = "Service unavailable" if kind == "503" else "Internal server error"
        return error(int(kind), text)

    def find_session(self, request: ServiceRequest) -> TwinSession | None:
        """The session of the token, of the path, or of the body."""
        scheme, value = request.authorization()
        session_id: Any = self._issued_tokens.get(value) if scheme == "bearer" else None
        if session_id is None:
            session_id = request.path.get("session_id")
        if session_id is None:
            try:
                session_id = request.json().get("session_id")
            except BadRequest:
                return None
        return self.sessions.get(session_id, request.now)

    # ---- keys ---------------------------------------------------------------------------------

    def _check_key(self, request: ServiceRequest) -> None:
        key = request.headers.get("x-api-key", "")
        if not self._settings.accepts_key(key):
            if not key:  # HeyGen streaming takes it as a bearer, too
                raise ErrorReply(error(401, "Unauthorized: the header X-API-KEY is missing"))
            raise ErrorReply(self.failure("401", ""))

    def _check_token(self, request: ServiceRequest) -> None:
        scheme, value = request.authorization()
        if scheme != "bearer" or self._issued_tokens.get(value) is None:
            raise ErrorReply(self.failure("401", ""))

    def _check_token_or_key(self, request: ServiceRequest) -> None:
        if request.authorization()[0] == "bearer":
            self._check_token(request)
        else:
            self._check_key(request)

    def _session(self, request: ServiceRequest) -> TwinSession:
        if (
            request.authorization()[0] != "bearer"
            and "session_id" not in request.path
            and "session_id" not in request.json()
        ):
            raise ErrorReply(missing("session_id"))
        session = self.find_session(request)
        if session is None:
            raise ErrorReply(error(404, "Session not found"))
        return session

    # ---- calls --------------------------------------------------------------------------------

    def _token(self, request: ServiceRequest) -> ServiceReply:
        body = request.json()
        mode = body.get("mode", "FULL")
        mode = "LITE" if mode == "CUSTOM" else mode
        if not isinstance(mode, str) or mode not in CREDITS_PER_MINUTE:
            return invalid("mode", "FULL or LITE", "enum")
        check_token_body(body)
        avatar = body.get("avatar_id")
        if not avatar:
            return missing("avatar_id")
        if avatar.startswith("no_such"):
            return error(404, "Avatar not found")
        asked_s = self._duration_of(body)
        room_grant = find_room_grant(body, mode, request.base_url, self._read_livekit_token)
        if self.sessions.is_full(request.now):
            raise ErrorReply(self.failure("429", "token"))
        sandbox = TRUTHS[body.get("is_sandbox", False)]
        persona = body.get("avatar_persona", {})
        video = body.get("video_settings", {})
        session = TwinSession(
            id=self._token_factory.uuid(),
            service=self.name,
            mode=mode,
            created_at=request.now,
            picture_size=SIZES.get(str(video.get("quality")), SIZES["low"]),
            rules=Rules(
                idle_s=self._settings.resolve_idle_limit(IDLE_S),
                max_s=min(asked_s, SANDBOX_S if sandbox else asked_s),
                join_by_s=self._settings.join_timeout_s or None,
                silent_end=self._settings.silent_end,
                join_delay_s=self._settings.join_delay_s,
                stop_latency_s=self._settings.stop_latency_s,
                speech_delay_s=self._settings.speech_delay_s,
                strict_ids=self._settings.strict_ids,
            ),
            info={
                "avatar_id": avatar,
                "is_sandbox": sandbox,
                "interactivity_type": str(body.get("interactivity_type", "CONVERSATIONAL")),
                "context_id": str(persona.get("context_id", "")),
                "voice_agent_id": read_voice_agent(body, mode),
                "quality": str(video.get("quality", "low")),
                "video_encoding": str(video.get("encoding", "H264")),
            },
            room_grant=room_grant,
        )
        self.sessions.add(session)
        claims = {"session_id": session.id, "start_session_data": {"mode": mode}}
        token = self._token_factory.jwt({**claims, "iat": int(request.now)})
        self._issued_tokens.put(token, session.id)
        return success({"session_id": session.id, "session_token": token})

    def _duration_of(self, body: dict[str, Any]) -> float:
        """How long the session may last; the tier's limit unless the client wants less."""
        limit_s, name = self._settings.max_duration_s, "max_session_duration"
        if name not in body:
            return limit_s
        asked_s = whole_number(body[name], lax=True)
        if asked_s is None:
            raise ErrorReply(invalid(name, "Input should be a valid integer", "int_type"))
        if asked_s <= 0:
            raise ErrorReply(invalid(name, "must be greater than 0", "greater_than"))
        if asked_s > limit_s:
            words = f"must not exceed your tier's {limit_s:g}"
            raise ErrorReply(invalid(name, words, "less_than_equal"))
        return float(asked_s)

    def _start(self, request: ServiceRequest) -> ServiceReply:
        session = self._session(request)
        full = (
            self.sessions.count_open(request.now, include_new=False) >= self._settings.concurrency
        )
        if full and session.phase is TwinPhase.NEW:
            return error(429, "Session concurrency limit reached")
        session.start(request.now)
        lite = f"{request.ws_url}/v1/lite/{session.id}" if session.mode == "LITE" else None
        return success(
            {
                "session_id": session.id,
                **self._room_of(session, request),
                "max_session_duration": int(session.rules.max_s),
                "ws_url": lite,
            },
            status=201,
        )

    def _room_of(self, session: TwinSession, request: ServiceRequest) -> dict[str, str | None]:
        """Where its room is, and tokens for it; who has chosen one has both."""
        if session.room_grant is not None:
            return dict.fromkeys(("livekit_url", "livekit_client_token", "livekit_agent_token"))
        token, agent = self._token_factory.livekit_token, f"liveavatar-agent-{session.id}"
        return {
            "livekit_url": request.ws_url,
            "livekit_client_token": token(session.id, "client", request.now),
            "livekit_agent_token": token(session.id, agent, request.now),
        }

    async def _join_room(
        self, load_stream: LoadStream, request: ServiceRequest, reply: ServiceReply
    ) -> ServiceReply:
        """The avatar joins a room of the client's, who may be there already."""
        session = self.find_session(request)
        if session is not None and session.room_grant is not None:
            (await load_stream()).avatar(session)
        return reply

    def _keep_alive(self, request: ServiceRequest) -> ServiceReply:
        self._session(request).keep_alive(request.now)
        return success(None)

    def _stop(self, request: ServiceRequest) -> ServiceReply:
        session = self._session(request)
        reason = request.json().get("reason", "USER_CLOSED")
        if reason not in _STOP_REASONS:
            return invalid("reason", f"must be one of {', '.join(_STOP_REASONS)}", "enum")
        session.stop(request.now)
        session.info["end_reason"] = reason
        return success(None)

    def _list(self, request: ServiceRequest) -> ServiceReply:
        kind = request.query.get("type", "active")
        if kind not in ("active", "historic"):
            return invalid("type", "Input should be active or historic", "enum", "query")
        if kind == "active":
            # A token alone is no session yet, and one that is closing is no longer active.
            found = [
                s
                for s in self.sessions.open(request.now)
                if s.phase in (TwinPhase.CONNECTING, TwinPhase.CONNECTED)
            ]
        else:
            found = self.sessions.closed(request.now)
        return paginate(request, [_row(s, request.now) for s in found])

    def _one(self, request: ServiceRequest) -> ServiceReply:
        return success(_row(self._session(request), request.now))

    def _transcript(self, request: ServiceRequest) -> ServiceReply:
        return transcript_page(request, self._session(request))

    def _delete_events(self, request: ServiceRequest) -> ServiceReply:
        delete_events(self._session(request), request.now)
        return success(None)

    def _credits(self, request: ServiceRequest) -> ServiceReply:
        sessions = [*self.sessions.open(request.now), *self.sessions.closed(request.now)]
        left = CREDITS_AT_START - sum(credits_used(s, request.now) for s in sessions)
        return success({"credits_left": f"{max(0.0, left):.2f}"})


def credits_used(session: TwinSession, now: float) -> float:
    """Credits a session has cost so far; the sandbox costs none."""
    if session.info.get("is_sandbox"):
        return 0.0
    return round(session.seconds(now) / 60 * CREDITS_PER_MINUTE[session.mode], 4)


def _row(session: TwinSession, now: float) -> dict[str, Any]:
    row = {
        "id": session.id,
        "created_at": iso_time(session.created_at),
        "updated_at": iso_time(session.last_activity),
        "duration": int(session.seconds(now)),
        "source": "API",
        "mode": session.mode,
        "is_sandbox": session.info["is_sandbox"],
        "credits_consumed": credits_used(session, now),
    }
    if session.ended_at is not None and session.end_reason is not None:
        row["end_at"] = iso_time(session.ended_at)
        row["end_reason"] = session.info.get("end_reason", _END_REASONS[session.end_reason])
    return row
