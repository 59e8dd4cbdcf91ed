"""HeyGen streaming avatar, REST version 2 (`api.heygen.com`), as its documentation describes it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any

import msgspec

from ..emulator import (
    BadRequest,
    ErrorReply,
    LoadStream,
    ServiceCall,
    ServiceReply,
    ServiceRequest,
)
from ..session import Rules, TwinPhase, TwinSession, WrongPhase
from ..sessions import Recent, SessionRegistry
from ..settings import TwinSettings
from ..speech_length import text_seconds
from ..tokens import TokenFactory
from .catalogue import catalogue_calls
from .knowledge_bases import KnowledgeBases
from .new_body import IDLE_S, RAW, SIZES, find_parameter_error
from .replies import (
    AVATAR_NOT_FOUND,
    BAD_PARAMETER,
    CONCURRENT_LIMIT,
    NO_ACCESS,
    NO_QUOTA,
    NOT_FOUND,
    NOT_JOINED,
    RATE_LIMIT,
    STATE_CODES,
    TEXT_MISSING,
    TEXT_MISSING_MESSAGE,
    UNAUTHORIZED,
    done,
    error,
    success,
)

if TYPE_CHECKING:
    from ..livekit.data_messages import DataMessages

LONGEST_TEXT = 1000

NOT_READY = "session is not in correct state"

# A session token is a JSON object in base64.
_TOKEN_BEGIN = base64.b64encode(b'{"').decode()[:2]


class HeyGenEmulator:
    """HeyGen streaming. An avatar id that begins with `no_such` is not found; any other one is."""

    name = "heygen"

    def __init__(self, settings: TwinSettings, tokens: TokenFactory) -> None:
        self._settings = settings
        self._token_factory = tokens
        self.sessions = SessionRegistry(keep_closed=settings.keep_closed)
        # A session token is good for one session: the first that it touches.
        self._issued_tokens: Recent[list[str]] = Recent(10_000)
        post = "/v1/streaming."
        key, token = self._check_key, self._token_sessions
        self.calls: Sequence[ServiceCall] = (
            ServiceCall("create_token", "POST", f"{post}create_token", self._create_token, key),
            ServiceCall("new", "POST", f"{post}new", self._new, token, self._add_offer),
            ServiceCall("start", "POST", f"{post}start", self._start, token, self._take_answer),
            ServiceCall("ice", "POST", f"{post}ice", self._ice, token, self._take_candidate),
            ServiceCall("task", "POST", f"{post}task", self._task, token),
            ServiceCall("interrupt", "POST", f"{post}interrupt", self._interrupt, token),
            ServiceCall("start_listening", "POST", f"{post}start_listening", self._listen, token),
            ServiceCall("stop_listening", "POST", f"{post}stop_listening", self._listen, token),
            ServiceCall("keep_alive", "POST", f"{post}keep_alive", self._keep_alive, token),
            ServiceCall("stop", "POST", f"{post}stop", self._stop, token),
            ServiceCall("list", "GET", f"{post}list", self._list, key),
            ServiceCall("list_history", "GET", "/v2/streaming.list", self._history, key),
            *catalogue_calls(key),
            *KnowledgeBases(tokens.hex).calls(key),
        )

    def data_messages(
        self, session: TwinSession, now: Callable[[], float], new_id: Callable[[], str]
    ) -> DataMessages:
        """In a room, or beside plain WebRTC."""
        from .data_messages import HeyGenDataMessages

        return HeyGenDataMessages(session, now, new_id, self._settings.hears)

    # ---- envelopes ----------------------------------------------------------------------------

    def bad_request(self, message: str) -> ServiceReply:
        """A body or parameter that makes no sense."""
        return error(400, BAD_PARAMETER, message)

    def failure(self, kind: str, call: str) -> ServiceReply:
        """An error of the service itself."""
        if kind == "ok-error":
            return error(200, NO_ACCESS, "Your account doesn't have API access")
        if kind == "401":
            return error(401, UNAUTHORIZED, "Unauthorized")
        if kind == "402":
            return error(402, NO_QUOTA, "Insufficient credit")
        if kind == "429" and call == "new":
            return error(429, CONCURRENT_LIMIT, "Concurrent limit reached")
        if kind == "429":
            return error(429, RATE_LIMIT, "Rate limit exceeded")
        text = "Service unavailable" if kind == "503" else "Internal server error"
        return error(int(kind), int(kind), text)

    def wrong_phase(self, wrong: WrongPhase) -> ServiceReply:
        """The session is in no state for this."""
        if wrong.verb == "speak" and wrong.phase in (TwinPhase.NEW, TwinPhase.CONNECTING):
            if wrong.phase is TwinPhase.NEW:
                return error(400, NOT_JOINED, f"{NOT_READY}: call streaming.start first")
            return error(400, NOT_JOINED, NOT_READY)
        return error(400, STATE_CODES[wrong.phase], f"session state wrong: {wrong.phase.value}")

    def find_session(self, request: ServiceRequest) -> TwinSession | None:
        """The session named in the body."""
        try:
            return self.sessions.get(request.json().get("session_id"), request.now)
        except BadRequest:
            return None

    # ---- keys ---------------------------------------------------------------------------------

    def _check_key(self, request: ServiceRequest) -> None:
        scheme, value = request.authorization()
        key = request.headers.get("x-api-key") or (value if scheme == "bearer" else "")
        if not self._settings.accepts_key(key):
            raise ErrorReply(self.failure("401", ""))

    def _token_sessions(self, request: ServiceRequest) -> list[str] | None:
        """The sessions of the session token, or None when a key is used instead.

        The key may come as a bearer, too; what a token looks like is never taken for a key.
        """
        scheme, value = request.authorization()
        if scheme == "bearer":
            token_sessions = self._issued_tokens.get(value)
            if token_sessions is not None:
                return token_sessions
            if value.startswith(_TOKEN_BEGIN):
                raise ErrorReply(self.failure("401", ""))
        self._check_key(request)
        return None

    def accepts_token(self, token: str, session: TwinSession) -> bool:
        """Whether this session token may open the chat of `session`."""
        token_sessions = self._issued_tokens.get(token)
        return token_sessions is not None and (
            not token_sessions or token_sessions[0] == session.id
        )

    def _session(self, request: ServiceRequest) -> TwinSession:
        token_sessions = self._token_sessions(request)
        session = self.find_session(request)
        if session is None:
            named = request.json().get("session_id")
            if not isinstance(named, str) or not named:
                words = "is missing" if named in (None, "") else "must be a string"
                raise ErrorReply(self.bad_request(f"session_id {words}"))
            raise ErrorReply(error(404, NOT_FOUND, "session not found"))
        if token_sessions is not None:
            if token_sessions and token_sessions[0] != session.id:
                raise ErrorReply(self.failure("401", ""))
            token_sessions[:] = [session.id]
        return session

    # ---- calls --------------------------------------------------------------------------------

    def _create_token(self, request: ServiceRequest) -> ServiceReply:
        content = {
            "token": self._token_factory.hex(),
            "token_type": "sa_from_regular",
            "created_at": int(request.now),
        }
        token = base64.b64encode(msgspec.json.encode(content)).decode()
        self._issued_tokens.put(token, [])
        return success({"token": token})

    def _new(self, request: ServiceRequest) -> ServiceReply:
        token_sessions = self._token_sessions(request)
        if token_sessions:
            raise ErrorReply(self.failure("401", "new"))
        body = request.json()
        avatar = body.get("avatar_id") or body.get("avatar_name") or "default"
        idle_s = body.get("activity_idle_timeout", IDLE_S)
        if problem := find_parameter_error(body):
            return self.bad_request(problem)
        if str(avatar).startswith("no_such"):
            return error(404, AVATAR_NOT_FOUND, "Avatar not found")
        if self.sessions.count_open(request.now, include_new=True) >= self._settings.concurrency:
            return self.failure("429", "new")
        session = self._create_session(request.now, body, str(avatar), idle_s)
        if token_sessions is not None:
            token_sessions[:] = [session.id]
        realtime = f"{request.ws_url}/v2-alpha/interactive-avatar/session/{session.id}"
        livekit_token = self._token_factory.livekit_token
        return success(
            {
                "session_id": session.id,
                "sdp": None,
                "access_token": livekit_token(session.id, "client", request.now),
                "url": request.ws_url,
                "ice_servers": None,
                "ice_servers2": None,
                "is_paid": True,
                "session_duration_limit": int(session.rules.max_s),
                "realtime_endpoint": realtime,
                "livekit_agent_token": livekit_token(session.id, "agent", request.now),
            }
        )

    def _create_session(
        self, now: float, body: dict[str, Any], avatar_id: str, idle_s: float
    ) -> TwinSession:
        # Where users start from, it stands beside the face; in the reference, in an object.
        voice = body.get("voice")
        voice_id = voice.get("voice_id") if isinstance(voice, dict) else None
        session = TwinSession(
            id=self._token_factory.uuid(),
            service=self.name,
            mode=body.get("version", RAW),
            created_at=now,
            picture_size=SIZES[body.get("quality", "medium")],
            rules=Rules(
                idle_s=self._settings.resolve_idle_limit(idle_s),
                max_s=self._settings.max_duration_s,
                silent_end=self._settings.silent_end,
                join_delay_s=self._settings.join_delay_s,
                stop_latency_s=self._settings.stop_latency_s,
                speech_delay_s=self._settings.speech_delay_s,
            ),
            info={
                "avatar_id": avatar_id,
                "voice_name": str(voice_id or body.get("voice_id", "")),
                "quality": body.get("quality", "medium"),
                "video_encoding": body.get("video_encoding", "VP8"),
            },
        )
        self.sessions.add(session)
        return session

    async def _add_offer(
        self, load: LoadStream, request: ServiceRequest, reply: ServiceReply
    ) -> ServiceReply:
        session = self.sessions.get(reply.payload["data"]["session_id"], request.now)
        if session is None or session.mode != RAW:
            return reply
        offer = {"type": "offer", "sdp": await (await load()).offer(session)}
        # Lists, where there is no relay: the SDK of those days goes over the second one.
        servers: dict[str, Any] = {"ice_servers": [], "ice_servers2": []}
        return success({**reply.payload["data"], "sdp": offer, **servers})

    def _start(self, request: ServiceRequest) -> ServiceReply:
        session = self._session(request)
        if session.mode == RAW and not _sdp_of(request):
            return self.bad_request("sdp is missing: the answer to the offer of streaming.new")
        session.start(request.now)
        return success(None)

    async def _take_answer(
        self, load: LoadStream, request: ServiceRequest, reply: ServiceReply
    ) -> ServiceReply:
        session = self._session(request)
        if session.mode == RAW:
            await (await load()).accept_answer(session, _sdp_of(request))
        return reply

    def _ice(self, request: ServiceRequest) -> ServiceReply:
        session = self._session(request)
        if not session.is_open:
            raise WrongPhase("ice", session.phase)
        if not isinstance(request.json().get("candidate"), dict):
            return self.bad_request("candidate must be an RTCIceCandidateInit")
        return success(None)

    async def _take_candidate(
        self, load: LoadStream, request: ServiceRequest, reply: ServiceReply
    ) -> ServiceReply:
        session = self._session(request)
        if session.mode == RAW:
            await (await load()).add_candidate(session, request.json()["candidate"])
        return reply

    def _task(self, request: ServiceRequest) -> ServiceReply:
        session = self._session(request)
        body = request.json()
        text = body.get("text")
        # A task without a type is said as it stands: the JS SDK's own example sends none.
        kind = body.get("task_type", "repeat")
        if not isinstance(text, (str, NoneType)):
            return self.bad_request("text must be a string")
        if text is None or not text.strip():
            return error(400, TEXT_MISSING, TEXT_MISSING_MESSAGE)
        if len(text) > LONGEST_TEXT:
            return self.bad_request(f"text is longer than {LONGEST_TEXT} characters")
        if kind not in ("repeat", "talk", "chat"):
            return self.bad_request("task_type must be repeat, talk or chat")
        if body.get("task_mode", "sync") not in ("sync", "async"):
            return self.bad_request("task_mode must be sync or async")
        speech = session.speak(
            request.now,
            self._token_factory.uuid(),
            text_seconds(text),
            text=text,
            kind="repeat" if kind == "repeat" else "talk",
        )
        return success({"task_id": speech.id, "duration_ms": round(speech.seconds * 1000, 3)})

    def _interrupt(self, request: ServiceRequest) -> ServiceReply:
        self._session(request).interrupt(request.now)
        return done()

    def _listen(self, request: ServiceRequest) -> ServiceReply:
        self._session(request).listen(request.now, "listen")
        return done()

    def _keep_alive(self, request: ServiceRequest) -> ServiceReply:
        self._session(request).keep_alive(request.now)
        return done()

    def _stop(self, request: ServiceRequest) -> ServiceReply:
        self._session(request).stop(request.now)
        return done()

    def _list(self, request: ServiceRequest) -> ServiceReply:
        sessions = [
            {"session_id": s.id, "status": s.phase.value, "created_at": int(s.created_at)}
            for s in self.sessions.open(request.now)
            if s.phase is not TwinPhase.CLOSING
        ]
        return success({"sessions": sessions})

    def _history(self, request: ServiceRequest) -> ServiceReply:
        page, size = (request.query_number(name, default) for name, default in _PAGING)
        sessions = [*self.sessions.open(request.now)[::-1], *self.sessions.closed(request.now)]
        rows = [
            {
                "session_id": s.id,
                "status": s.phase.value,
                "created_at": int(s.created_at),
                "api_key_type": "regular",
                "duration": int(s.seconds(request.now)),
                "avatar_id": s.info["avatar_id"],
                "voice_name": s.info["voice_name"],
            }
            for s in sessions[(page - 1) * size : page * size]
        ]
        more = None if page * size >= len(sessions) else str(page + 1)
        paging = {"page": page, "page_size": size, "next_pagination_token": more}
        reply = success(rows)
        return ServiceReply(200, {**reply.payload, "total": len(sessions), **paging})


def _sdp_of(request: ServiceRequest) -> str:
    """The answer in the body; empty where there is none."""
    answer = request.json().get("sdp")
    sdp = answer.get("sdp") if isinstance(answer, dict) else answer
    return sdp if isinstance(sdp, str) else ""


_PAGING = (("page", 1), ("page_size", 10))
