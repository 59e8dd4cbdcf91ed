"""Kaltura's scripted video session (`/v1/avatar-session`), as its documentation describes it."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any

from ..emulator import (
    ErrorReply,
    ServiceCall,
    ServiceReply,
    ServiceRequest,
    parse_number,
)
from ..session import Rules, TwinSession, WrongPhase
from ..sessions import Recent, SessionRegistry
from ..settings import TwinSettings
from ..speech_length import text_seconds
from ..tokens import TokenFactory
from .api_v3 import read_fields, write_result
from .forms import multipart_form

if TYPE_CHECKING:
    from ..livekit.data_messages import DataMessages

# The true limit is not known: a session was still there after 70 s without a keep-alive.
IDLE_S = 120.0
TOKEN_LIFE_S = 24 * 3600
KS_LIFE_S = 24 * 3600
ADMIN = "2"
MAX_NUMBER = 40
"""Digits of a number of seconds."""

MAX_TURN_S = 3600.0
SIZE = (512, 512)
"""Seen in captures of the live service."""

AVATARS = (("64b1f0c2a1b2c3d4e5f60718", "Ana"), ("64b1f0c2a1b2c3d4e5f60728", "Leo"))
VOICES = (("64b1f0c2a1b2c3d4e5f60719", "Ana"), ("64b1f0c2a1b2c3d4e5f60729", "Leo"))


class KalturaEmulator:
    """Kaltura's scripted video session.

    A session is ready to speak from its creation. A visual whose id begins with `no_such` is
    refused.
    """

    name = "kaltura"

    def __init__(self, settings: TwinSettings, tokens: TokenFactory) -> None:
        self._settings = settings
        self._token_factory = tokens
        self.sessions = SessionRegistry(keep_closed=settings.keep_closed)
        self._ks: Recent[dict[str, Any]] = Recent(1000)
        self._issued_tokens: Recent[str] = Recent(10_000)
        base = "/v1/avatar-session"
        one = f"{base}/{{session_id}}"
        ks, token = self._check_admin_ks, self._check_token
        ks_action = "/api_v3/service/session/action"
        self.calls: Sequence[ServiceCall] = (
            ServiceCall("ks", "POST", f"{ks_action}/start", self._start_ks),
            ServiceCall("ks_end", "POST", f"{ks_action}/end", self._end_ks),
            ServiceCall("create", "POST", f"{base}/create", self._create, ks),
            # The page of the call itself has the bare path.
            ServiceCall("create", "POST", base, self._create, ks),
            ServiceCall("init_client", "POST", f"{one}/init-client", self._init_client, token),
            ServiceCall("say_text", "POST", f"{one}/say-text", self._say_text, token),
            ServiceCall("say_audio", "POST", f"{one}/say-audio", self._say_audio, token),
            ServiceCall(
                "interrupt", "POST", f"{one}/interrupt", self._call(TwinSession.interrupt), token
            ),
            ServiceCall(
                "keep_alive",
                "POST",
                f"{one}/keep-alive",
                self._call(TwinSession.keep_alive),
                token,
            ),
            ServiceCall("end", "POST", f"{one}/end", self._end, token),
            ServiceCall("catalog", "POST", "/v1/catalog-item/list", self._catalog, ks),
        )

    def data_messages(
        self, session: TwinSession, now: Callable[[], float], new_id: Callable[[], str]
    ) -> DataMessages:
        """None: its viewers come by WHEP."""
        from ..livekit.data_messages import NoDataMessages

        del session, now, new_id
        return NoDataMessages()

    # ---- envelopes ----------------------------------------------------------------------------

    def bad_request(self, message: str) -> ServiceReply:
        """A body that makes no sense."""
        return _error(400, message)

    def wrong_phase(self, wrong: WrongPhase) -> ServiceReply:
        """The session has ended: it is in no other phase that refuses anything."""
        status = self._settings.ended_status or (404 if wrong.verb == "stop" else 410)
        return _error(status, "Session not found" if status == 404 else "Session ended")

    def failure(self, kind: str, call: str) -> ServiceReply:
        """An error of the service itself."""
        if kind == "ok-error":
            return ServiceReply(200, _exception("INVALID_KS", "Invalid KS"))
        if kind == "401":
            first = call in ("create", "catalog")
            return _error(401, "Invalid Kaltura Session" if first else "Invalid or expired token")
        if kind == "402":
            return _error(402, "Quota exceeded")
        if kind == "429":
            many = "sessions" if call == "create" else "requests"
            return _error(429, f"Too many concurrent {many}")
        text = "Service temporarily unavailable" if kind == "503" else "Internal server error"
        return _error(int(kind), text)

    def find_session(self, request: ServiceRequest) -> TwinSession | None:
        """The session named in the path."""
        return self.sessions.get(request.path.get("session_id"), request.now)

    # ---- keys ---------------------------------------------------------------------------------

    def _check_admin_ks(self, request: ServiceRequest) -> None:
        """Accept an admin's Kaltura session (KS) only."""
        scheme, value = request.authorization()
        ks = self._ks.get(value)
        if scheme != "ks" or not (ks or self._settings.accepts_key(value)):
            raise ErrorReply(_error(401, "Invalid Kaltura Session"))
        if ks and ks["expires_at"] <= request.now:
            raise ErrorReply(_error(401, "Invalid Kaltura Session"))
        if ks and ks["type"] != ADMIN:
            raise ErrorReply(_error(403, "Kaltura Session not authorized"))

    def _check_token(self, request: ServiceRequest) -> str:
        """Accept a token of ours; returns the id of its session."""
        scheme, value = request.authorization()
        owner = self._issued_tokens.get(value)
        if scheme != "bearer" or owner is None:
            raise ErrorReply(_error(401, "Invalid or expired token"))
        return owner

    def _session(self, request: ServiceRequest) -> TwinSession:
        owner = self._check_token(request)
        session = self.find_session(request)
        if session is None:
            raise ErrorReply(_error(404, "Session not found"))
        if owner != session.id or request.now >= session.created_at + TOKEN_LIFE_S:
            raise ErrorReply(_error(401, "Invalid or expired token"))
        return session

    # ---- calls --------------------------------------------------------------------------------

    def _start_ks(self, request: ServiceRequest) -> ServiceReply:
        fields = read_fields(request)
        if not self._settings.accepts_key(fields.get("secret", "")):
            partner = fields.get("partnerId", "")[:20]
            message = f"Error while starting session for partner [{partner}]"
            return write_result(fields, _exception("START_SESSION_ERROR", message))
        token = base64.b64encode(f"v2|twin|{self._token_factory.hex()}".encode()).decode()
        expiry_s = parse_number(fields.get("expiry", ""))
        life_s = KS_LIFE_S if expiry_s is None else expiry_s
        kind = fields.get("type", "0")
        self._ks.put(token, {"type": kind, "expires_at": request.now + life_s})
        return write_result(fields, token)

    def _end_ks(self, request: ServiceRequest) -> ServiceReply:
        fields = read_fields(request)
        ks = self._ks.get(fields.get("ks", ""))
        if ks:
            ks["expires_at"] = request.now
        return write_result(fields, None)

    def _create(self, request: ServiceRequest) -> ServiceReply:
        body = request.json()
        visual = body.get("visualConfig")
        visual = visual if isinstance(visual, dict) else {}
        visual_id = visual.get("id") or visual.get("avatarId")
        if visual_id is None:
            return _error(400, "visualConfig.id is required")
        if not isinstance(visual_id, str):
            return _error(400, "visualConfig.id must be a string")
        if visual_id.startswith("no_such"):
            return _error(400, "visualConfig.id is not a known visual")
        if self.sessions.count_open(request.now, include_new=True) >= self._settings.concurrency:
            return self.failure("429", "create")
        voice = body.get("voiceConfig")
        session = TwinSession(
            id=self._token_factory.uuid(),
            service=self.name,
            mode="scripted",
            created_at=request.now,
            picture_size=SIZE,
            streams_pcm=False,
            rules=Rules(
                idle_s=self._settings.resolve_idle_limit(IDLE_S),
                max_s=self._settings.max_duration_s,
                silent_end=self._settings.silent_end,
                stop_latency_s=self._settings.stop_latency_s,
                speech_delay_s=self._settings.speech_delay_s,
                interrupt_clears_queue=self._settings.interrupt_clears_queue,
            ),
            info={
                "avatar_id": visual_id,
                "voice_id": str(voice.get("id", "")) if isinstance(voice, dict) else "",
            },
        )
        session.start(request.now)
        self.sessions.add(session)
        expires = int(request.now) + TOKEN_LIFE_S
        token = self._token_factory.jwt({"sessionId": session.id, "exp": expires})
        self._issued_tokens.put(token, session.id)
        return _success(sessionId=session.id, token=token)

    def _init_client(self, request: ServiceRequest) -> ServiceReply:
        session = self._session(request)
        session.keep_alive(request.now)
        host = request.base_url.split("//", 1)[1]
        return _success(
            whepUrl=f"{request.base_url}/rtc/v1/whep/?app=app&stream={session.id}",
            turn={
                "url": host.rsplit(":", 1)[0],
                "username": "twin",
                "credential": self._token_factory.hex(8),
            },
        )

    def _say_text(self, request: ServiceRequest) -> ServiceReply:
        session = self._session(request)
        if self._settings.say_text == "503":
            return self.failure("503", "say_text")
        body = request.json()
        text = body.get("text")
        if not isinstance(text, (str, NoneType)):
            return _error(400, "Text must be a string")
        if text is None or not text.strip():
            return _error(400, "Text is required")
        turn = body.get("turnId")
        turn = turn if isinstance(turn, str) and turn else self._token_factory.uuid()
        session.speak(request.now, turn, text_seconds(text), text=text)
        return _success()

    def _say_audio(self, request: ServiceRequest) -> ServiceReply:
        session = self._session(request)
        parts = multipart_form(request)
        for name in ("turnId", "duration", "audio"):
            if name not in parts or not parts[name].data:
                return _error(400, f"{name} is required")
        seconds = _seconds(parts["duration"].data)
        if seconds is None:
            return _error(400, "duration must be a number of seconds")
        turn = parts["turnId"].data.decode("utf-8", "replace")[:200]
        session.speak(request.now, turn, seconds, kind="audio", audio=parts["audio"].data)
        return _success()

    def _call(
        self, method: Callable[[TwinSession, float], Any]
    ) -> Callable[[ServiceRequest], ServiceReply]:
        def handler(request: ServiceRequest) -> ServiceReply:
            method(self._session(request), request.now)
            return _success()

        return handler

    def _end(self, request: ServiceRequest) -> ServiceReply:
        self._session(request).stop(request.now)
        return _success()

    def _catalog(self, request: ServiceRequest) -> ServiceReply:
        body = request.json()
        item_filter = body.get("filter")
        kind = item_filter.get("typeEqual") if isinstance(item_filter, dict) else None
        pager = body.get("pager")
        pager = pager if isinstance(pager, dict) else {}
        offset, limit = (_count(pager.get(n), d) for n, d in (("offset", 0), ("limit", 100)))
        items = [
            *(
                _visual(i, name, request.base_url)
                for i, name in AVATARS
                if kind in ("Visual", None)
            ),
            *(_voice(i, name) for i, name in VOICES if kind in ("Voice", None)),
        ]
        page = items[offset : offset + limit]
        return ServiceReply(200, {"objects": page, "totalCount": len(items)})


def _visual(item_id: str, name: str, base_url: str) -> dict[str, Any]:
    visual = {"name": name, "genderPresentation": "female", "background": "plain"}
    picture = f"{base_url}/_twin/portrait.svg"
    return {
        "itemId": item_id,
        "type": "Visual",
        "attributes": {"visual": visual},
        "imageUrl": picture,
    }


def _voice(item_id: str, name: str) -> dict[str, Any]:
    voice = {"name": name, "description": "The twin's voice", "language": "en"}
    return {"itemId": item_id, "type": "Voice", "attributes": {"voice": voice}}


def _count(value: Any, default: int) -> int:
    return value if type(value) is int and value >= 0 else default


def _seconds(text: bytes) -> float | None:
    # Python would read 1_0 for ten as well, and a long one for a long time.
    number = rb"\s*(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\s*"
    if len(text) > MAX_NUMBER or not re.fullmatch(number, text):
        return None
    seconds = float(text)
    return seconds if math.isfinite(seconds) and 0 < seconds <= MAX_TURN_S else None


def _success(**members: Any) -> ServiceReply:
    return ServiceReply(200, {"success": True, **members})


def _error(status: int, text: str) -> ServiceReply:
    return ServiceReply(status, {"success": False, "error": text})


def _exception(code: str, message: str) -> dict[str, str]:
    return {"objectType": "KalturaAPIException", "code": code, "message": message}
