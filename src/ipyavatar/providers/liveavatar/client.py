"""HeyGen LiveAvatar (`api.liveavatar.com`): each call, typed. No session logic.

Opening takes two calls: `create_token` makes a session that costs nothing yet, `start` begins it.
So a lost answer to the first is harmless, and after a lost answer to the second the id is known.
"""

from __future__ import annotations

import re
from typing import Any, Literal, TypeVar

import msgspec

from ...core.decode import Number
from ...core.retry import NEVER
from ...core.secret import Secret
from ...core.validate import require_known
from ...errors import (
    BadAnswer,
    ConcurrencyLimitError,
    InvalidArgument,
    ServiceError,
)
from ..cloud.confirmed_end import end_confirmed
from ..cloud.http import ApiCall, HttpClient, RequestCredential, bearer
from ..cloud.models import (
    Id,
    ListedSession,
    ServiceAvatar,
    ServiceContext,
    ServiceVoice,
    unix_time,
)
from ..cloud.pages import PAGE_SIZE, listed, read_pages
from ..cloud.profile import VideoEncoding
from ..cloud.responses import convert_reply, convert_rows, member
from .profile import PROFILE

T = TypeVar("T")

LiveAvatarMode = Literal["FULL", "LITE"]
MODES = ("FULL", "LITE")
QUALITIES = ("low", "medium", "high", "very_high")

# Documented: the one avatar of the sandbox, about a minute a session, no credits.
SANDBOX_AVATAR_ID = "dd73ea75-1218-4ef3-92ce-606d5f7fbc0a"

_MAXIMUM = "max_session_duration"


class LiveAvatarToken(msgspec.Struct, frozen=True):
    """A session that is not started yet, and the token that starts and drives it."""

    session_id: Id
    session_token: Secret


class LiveAvatarSession(msgspec.Struct, frozen=True, kw_only=True):
    """A started session.

    Attributes:
        session_id: Its id, which its token had told before.
        livekit_url: LiveKit server, `ws(s)://`; None when the user brought another room.
        livekit_client_token: LiveKit token of the viewer.
        livekit_agent_token: LiveKit token of a second agent.
        max_session_duration: Seconds after which the service ends it.
        ws_url: LITE only: the websocket for audio; it may hold a token.
    """

    session_id: str | None = None
    livekit_url: str | None = None
    livekit_client_token: Secret | None = None
    livekit_agent_token: Secret | None = None
    max_session_duration: Number | None = None
    ws_url: Secret | None = None


class _Row(msgspec.Struct):
    id: str


class _LiveAvatarListed(_Row):
    created_at: float | str | None = None
    duration: Number | None = None
    credits_consumed: Number | None = None
    end_reason: str | None = None
    mode: str | None = None


class _LiveAvatarAvatar(_Row):
    name: str | None = None
    status: str | None = None
    preview_url: str | None = None
    default_voice: _Row | str | None = None


class _LiveAvatarVoice(_Row):
    name: str | None = None
    language: str | None = None
    preview_url: str | None = None


class _LiveAvatarContext(_Row):
    name: str | None = None


RowT = TypeVar("RowT", bound=_Row)


class LiveAvatarClient:
    """All calls of LiveAvatar.

    Args:
        http: The service over HTTP.
        api_key: The account's key. Keys of HeyGen streaming do not work here.
    """

    def __init__(self, http: HttpClient, api_key: Secret) -> None:
        self.http = http
        self._key = RequestCredential("X-API-KEY", api_key, hint=PROFILE.key_hint)

    async def create_token(
        self,
        *,
        mode: LiveAvatarMode = "FULL",
        avatar_id: str | None = None,
        voice_id: str | None = None,
        quality: str = "medium",
        sandbox: bool = False,
        max_duration_s: float | None = None,
        context_id: str | None = None,
        language: str | None = None,
        push_to_talk: bool = False,
        video_encoding: VideoEncoding = "H264",
    ) -> LiveAvatarToken:
        """Prepare a session (`sessions/token`). Costs nothing until `start`.

        Args:
            mode: FULL: the service speaks. LITE: we send the sound, at half the price.
            avatar_id: Face; needed, but in the sandbox, which has one.
            voice_id: Voice, FULL only; the face's own when None.
            quality: `low`, `medium`, `high` or `very_high`.
            sandbox: About a minute, no credits.
            max_duration_s: Seconds after which the service ends it, whole; at most what the
                account's tier allows. The tier's own when None, or where the service refuses ours.
            context_id: FULL only: what it knows; without one it does not answer what users say.
            language: FULL only: the language it speaks and hears, such as `en`.
            push_to_talk: FULL only: users are heard while they hold a button.
            video_encoding: How the picture is encoded.

        Raises:
            InvalidArgument: A value cannot work.
            ServiceError: It failed.
        """
        require_known("mode", mode, MODES)
        require_known("quality", quality, QUALITIES)
        body: dict[str, Any] = {
            "mode": mode,
            "avatar_id": _face(avatar_id, sandbox=sandbox),
            "is_sandbox": sandbox,
            "video_settings": {"quality": quality, "encoding": video_encoding},
        }
        if mode == "FULL":
            persona = {"voice_id": voice_id, "context_id": context_id, "language": language}
            body["avatar_persona"] = {k: v for k, v in persona.items() if v is not None}
            body["interactivity_type"] = "PUSH_TO_TALK" if push_to_talk else "CONVERSATIONAL"
        if max_duration_s is not None:
            try:
                return await self._token({**body, _MAXIMUM: int(max_duration_s)})
            except ServiceError as refused:
                if not _names_maximum(refused):
                    raise  # above the tier's limit, the tier's own is taken
        return await self._token(body)

    async def _token(self, body: dict[str, Any]) -> LiveAvatarToken:
        call = self._call("token", "/v1/sessions/token", json=body)
        return await self._data(call, LiveAvatarToken)

    async def start(self, token: LiveAvatarToken) -> LiveAvatarSession:
        """Begin the session, and with it the costs (`sessions/start`).

        Not repeated after a lost answer: stop `token.session_id`, then make a new token.

        Raises:
            ConcurrencyLimitError: With the open sessions.
            ServiceError: It failed; with `maybe_done` the session may be running.
        """
        call = ApiCall(
            name="start",
            path="/v1/sessions/start",
            credential=bearer(token.session_token),
            session_id=token.session_id,
            opens=True,
            idempotent=False,
        )
        try:
            return await self._data(call, LiveAvatarSession)
        except ConcurrencyLimitError as error:
            raise error.listing(await self._open_ids()) from error.__cause__

    async def keep_alive(self, session_id: str, *, timeout_s: float | None = None) -> None:
        """Reset the idle time (`sessions/keep-alive`). Tried once: the policy plans repeats."""
        call = self._call(
            "keep_alive",
            "/v1/sessions/keep-alive",
            json={"session_id": session_id},
            session_id=session_id,
            retry=NEVER,
            timeout_s=timeout_s,
        )
        await self.http.send(call)

    async def stop(self, session_id: str, reason: str = "USER_CLOSED") -> bool:
        """End it (`sessions/stop`). False when it had ended before; either way it is over.

        Raises:
            ServiceError: It is not known to be over.
        """
        body = {"session_id": session_id, "reason": reason}
        call = self._call("stop", "/v1/sessions/stop", json=body, session_id=session_id)
        return await end_confirmed(lambda: self.http.send(call), session_id, self.list_sessions)

    async def list_sessions(self) -> tuple[ListedSession, ...]:
        """Sessions open in this account."""
        return tuple(
            ListedSession(
                PROFILE.name,
                s.id,
                s.end_reason or "active",
                unix_time(s.created_at),
                s.duration,
                s.credits_consumed,
            )
            for s in await self._pages(
                "list", "/v1/sessions", {"type": "active"}, _LiveAvatarListed, every=True
            )
        )

    async def list_avatars(self, *, own: bool = False) -> tuple[ServiceAvatar, ...]:
        """Faces of the service, or with `own` those of this account."""
        name, path = ("own_avatars", "/v1/avatars") if own else ("avatars", "/v1/avatars/public")
        return tuple(
            ServiceAvatar(a.id, a.name or a.id, a.preview_url, _voice_id(a.default_voice))
            for a in await self._pages(name, path, {}, _LiveAvatarAvatar)
            if a.status in {None, "ACTIVE"}
        )

    async def list_voices(self, *, own: bool = False) -> tuple[ServiceVoice, ...]:
        """Voices one can choose in FULL: the service's, or with `own` those of this account."""
        kind = {"voice_type": "private"} if own else {}
        found = await self._pages("voices", "/v1/voices", kind, _LiveAvatarVoice)
        return tuple(ServiceVoice(v.id, v.name or v.id, v.language, v.preview_url) for v in found)

    async def list_contexts(self) -> tuple[ServiceContext, ...]:
        """What this account's language model may know, in FULL."""
        found = await self._pages("contexts", "/v1/contexts", {}, _LiveAvatarContext)
        return tuple(ServiceContext(c.id, c.name or c.id) for c in found)

    async def _pages(
        self, name: str, path: str, params: dict[str, str], kind: type[RowT], *, every: bool = False
    ) -> tuple[RowT, ...]:
        """All entries of a paged list, in order.

        With `every` one that cannot be read is an error: what costs credits is not passed over.
        """

        async def read(page: int) -> tuple[list[RowT], bool]:
            paging = {**params, "page": str(page + 1), "page_size": str(PAGE_SIZE)}
            call = self._get(name, path, paging)
            entries, more = _page(await self.http.send(call))
            request = self.http.request_of(call)
            if every:
                return convert_reply(request, entries, list[kind]), more  # type: ignore[valid-type]
            return convert_rows(request, entries, kind), more

        return await read_pages(read, lambda entry: entry.id)

    async def _open_ids(self) -> tuple[str, ...]:
        try:
            return tuple(s.session_id for s in await self.list_sessions())
        except ServiceError:
            return ()  # the limit is the news; that the list failed too is not

    def _call(self, name: str, path: str, **more: Any) -> ApiCall:
        return ApiCall(name=name, path=path, credential=self._key, **more)

    def _get(
        self,
        name: str,
        path: str,
        params: dict[str, str] | None = None,
        session_id: str | None = None,
    ) -> ApiCall:
        return self._call(name, path, method="GET", params=params, session_id=session_id)

    async def _data(self, call: ApiCall, kind: type[T]) -> T:
        return convert_reply(
            self.http.request_of(call), member(await self.http.send(call), "data"), kind
        )


def _names_maximum(error: ServiceError) -> bool:
    """Whether it is our longest duration that is refused, with whatever status of refusal."""
    refused = error.status is not None and 400 <= error.status < 500
    return refused and bool(re.search(r"max[ _]session[ _]duration", str(error), re.IGNORECASE))


def _face(avatar_id: str | None, *, sandbox: bool) -> str:
    face = avatar_id or (SANDBOX_AVATAR_ID if sandbox else None)
    if face is None:
        raise InvalidArgument(
            "LiveAvatar has no default face.",
            "Give avatar_id= (see list_avatars()), or try sandbox=True.",
        )
    return face


def _page(answer: Any) -> tuple[Any, bool]:
    """Entries of a list, and whether there are more; some lists are wrapped in pages."""
    data = listed(answer, "data")
    entries = data if isinstance(data, list) else listed(data, "results")
    return entries, bool(member(data, "next"))


def _voice_id(voice: _Row | str | None) -> str | None:
    return voice.id if isinstance(voice, _Row) else voice


def check_started(session: LiveAvatarSession, mode: LiveAvatarMode) -> LiveAvatarSession:
    """`session`, if it has what `mode` needs.

    Raises:
        BadAnswer: The room, or in LITE the websocket, is missing.
    """
    missing = [
        name
        for name, value in (
            ("livekit_url", session.livekit_url),
            ("livekit_client_token", session.livekit_client_token),
            ("ws_url", session.ws_url if mode == "LITE" else True),
        )
        if not value
    ]
    if missing:
        raise BadAnswer(
            f"LiveAvatar started the session without {' and '.join(missing)}.",
            "Stop the session and start another.",
            kind="shape",
            service=PROFILE.name,
            call="start",
            status=201,
        )
    return session
