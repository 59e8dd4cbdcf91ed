"""HeyGen streaming (`api.heygen.com/v1/streaming.*`): each call, typed. No session logic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

import msgspec

from ...core.log import get_logger
from ...core.retry import NEVER
from ...core.secret import Secret
from ...errors import (
    AuthenticationError,
    BadAnswer,
    ConcurrencyLimitError,
    InvalidArgument,
    NoAnswer,
    NotOffered,
    RequestRefused,
    ServiceError,
)
from ...protocol.options import IceServer
from ..cloud.confirmed_end import end_confirmed
from ..cloud.http import ApiCall, HttpClient, RequestCredential
from ..cloud.models import (
    ListedSession,
    ServiceAvatar,
    ServiceVoice,
    Task,
    told_seconds,
    unix_time,
)
from ..cloud.pages import listed
from ..cloud.profile import VideoEncoding
from ..cloud.requests import check_text
from ..cloud.responses import ApiRequest, convert_reply, convert_rows, member
from .answers import (
    Created,
    HeyGenSession,
    ListedAvatar,
    ListedIceServer,
    ListedVoice,
    OpenSessions,
    TaskTaken,
)
from .options import check_idle_timeout
from .profile import PROFILE

log = get_logger("ipyavatar.providers")
T = TypeVar("T")

SUNSET = (
    "HeyGen has retired its streaming API (third parties give 31 March 2026 as the date): "
    'use Avatar("liveavatar") and a LIVEAVATAR_API_KEY instead.'
)

LONGEST_SPEECH_S = 600.0
"""Of one task, many times what its text can take: a length above it is told in another unit."""

TASK_TYPES = ("repeat", "talk")
TASK_MODES = ("sync", "async")


class Once:
    """Something that is said one time."""

    def __init__(self) -> None:
        self._done = False

    def first(self) -> bool:
        """True the first time only."""
        done, self._done = self._done, True
        return not done


_SUNSET_NOTICE = Once()


class HeyGenClient:
    """All calls of the streaming API.

    Args:
        http: The service over HTTP.
        api_key: The account's key.
        sunset_notice: Shared by all clients of a process, so that the end of this API is told once.
    """

    def __init__(
        self, http: HttpClient, api_key: Secret, *, sunset_notice: Once = _SUNSET_NOTICE
    ) -> None:
        self.http = http
        self._key = RequestCredential("X-Api-Key", api_key, hint=PROFILE.key_hint)
        self._sunset_notice = sunset_notice

    async def new(
        self,
        *,
        avatar_id: str | None = None,
        voice_id: str | None = None,
        quality: str = "medium",
        idle_timeout_s: int = 120,
        transport: Literal["livekit", "webrtc"] = "livekit",
        video_encoding: VideoEncoding = "H264",
        on_id: Callable[[str], None] = lambda _: None,
    ) -> HeyGenSession:
        """Open a session (`streaming.new`). Not repeated after a lost answer.

        Args:
            avatar_id: Face; the service's default when None.
            voice_id: Voice; the face's own when None.
            quality: `low` 360p, `medium` 480p, `high` 720p.
            idle_timeout_s: Seconds without activity until the service ends it, 30 to 3599.
            transport: A room (version v2), or the offer of a peer connection (no version).
            video_encoding: How the picture is encoded.
            on_id: Called with its id as soon as that is known: also where the rest of the answer
                is not what was promised.

        Raises:
            InvalidArgument: A value cannot work.
            ConcurrencyLimitError: With the open sessions, where they can be listed.
            ServiceError: It failed; with `maybe_done` a session may be open.
        """
        body = _new_body(avatar_id, voice_id, quality, idle_timeout_s)
        body["version"] = "v2" if transport == "livekit" else None
        body["video_encoding"] = video_encoding
        call = ApiCall(
            name="new",
            path="/v1/streaming.new",
            json=_known(body),
            credential=self._key,
            opens=True,
            idempotent=False,
        )
        try:
            data = member(await self._ask(call), "data")
            try:
                described = self.http.request_of(call)
                on_id(convert_reply(described, data, Created).session_id)
                session = convert_reply(described, data, HeyGenSession)
                if session.offers:
                    servers = _ice_servers(described, data)
                    session = msgspec.structs.replace(session, servers=servers)
            finally:
                data = None  # it holds tokens, and verbose tracebacks print local variables
        except ConcurrencyLimitError as error:
            raise error.listing(await self._open_ids()) from error.__cause__
        if not session.has_room and not session.offers:
            raise BadAnswer(
                f"{PROFILE.title} opened a session without a picture: neither a room nor an offer.",
                "The service may have changed: look for a newer ipyavatar.",
                kind="shape",
                service=PROFILE.name,
                call="new",
            )
        return session

    async def start(self, session_id: str, answer_sdp: str | None = None) -> None:
        """Let the avatar join (`streaming.start`). A session already started is fine.

        Args:
            session_id: Its id.
            answer_sdp: The viewer's answer to the session's offer; None where there is a room.
        """
        answer = None if answer_sdp is None else {"type": "answer", "sdp": answer_sdp}
        try:
            await self._about("start", session_id, {"sdp": answer})
        except RequestRefused as error:
            # "session state wrong: connected": what a repeat after a lost answer is told.
            if error.code != "10003":
                raise

    async def ice(self, session_id: str, candidate: Mapping[str, Any]) -> None:
        """A way in which the viewer can be reached (`streaming.ice`), as browsers write it."""
        await self._about("ice", session_id, {"candidate": candidate})

    async def task(
        self,
        session_id: str,
        text: str,
        *,
        task_type: Literal["repeat", "talk"] = "repeat",
        task_mode: Literal["sync", "async"] = "sync",
    ) -> Task:
        """Speak (`streaming.task`): `repeat` says the words, `talk` asks the service's LLM.

        Not repeated after a lost answer: it would be said twice. The answer may be held back until
        the speech is over, so it gets more time than the others.

        Raises:
            InvalidArgument: Text is blank, or longer than the service takes (see `split_text`).
            ServiceError: It failed.
        """
        if task_type not in TASK_TYPES or task_mode not in TASK_MODES:
            raise InvalidArgument(
                f"A task of type {task_type!r} and mode {task_mode!r} cannot work.",
                f"Types: {', '.join(TASK_TYPES)}; modes: {', '.join(TASK_MODES)}.",
            )
        check_text(text, PROFILE.text_limit)
        call = ApiCall(
            name="task",
            path="/v1/streaming.task",
            # Both always: defaults differ from page to page.
            json={
                "session_id": session_id,
                "text": text,
                "task_mode": task_mode,
                "task_type": task_type,
            },
            credential=self._key,
            session_id=session_id,
            idempotent=False,
            timeout_s=120.0,
        )
        told = member(await self._ask(call), "data")
        if not isinstance(told, dict):
            told = {}  # it is said, whatever is told of it
        done = convert_reply(self.http.request_of(call), told, TaskTaken)
        seconds = None if done.duration_ms is None else done.duration_ms / 1000
        return Task(done.task_id, told_seconds(seconds, LONGEST_SPEECH_S))

    async def interrupt(self, session_id: str) -> None:
        """Cut the speech off (`streaming.interrupt`)."""
        await self._about("interrupt", session_id)

    async def start_listening(self, session_id: str) -> None:
        """Have the avatar look as one who listens (`streaming.start_listening`)."""
        await self._about("start_listening", session_id)

    async def stop_listening(self, session_id: str) -> None:
        """No more (`streaming.stop_listening`)."""
        await self._about("stop_listening", session_id)

    async def keep_alive(self, session_id: str, *, timeout_s: float | None = None) -> None:
        """Reset the idle time (`streaming.keep_alive`). Tried once: the policy plans repeats."""
        await self._about("keep_alive", session_id, retry=NEVER, timeout_s=timeout_s)

    async def stop(self, session_id: str) -> bool:
        """End it (`streaming.stop`). False when it had ended before; either way it is over.

        Raises:
            ServiceError: It is not known to be over.
        """
        return await end_confirmed(
            lambda: self._about("stop", session_id), session_id, self.list_sessions
        )

    async def list_sessions(self) -> tuple[ListedSession, ...]:
        """Sessions open in this account (`streaming.list`)."""
        call = self._get("list", "/v1/streaming.list")
        data = await self._data(call, OpenSessions)
        return tuple(
            ListedSession(PROFILE.name, s.session_id, s.status, unix_time(s.created_at))
            for s in data.sessions or ()
        )

    async def list_avatars(self) -> tuple[ServiceAvatar, ...]:
        """Faces that can be streamed now (`avatar.list`)."""
        call = self._get("avatars", "/v1/streaming/avatar.list")
        data = listed(await self._ask(call), "data")
        found = convert_rows(self.http.request_of(call), data, ListedAvatar)
        return tuple(
            ServiceAvatar(
                a.avatar_id, a.pose_name or a.avatar_id, a.normal_preview, a.default_voice
            )
            for a in found
            if a.status in {None, "ACTIVE"}
        )

    async def list_voices(self) -> tuple[ServiceVoice, ...]:
        """Voices of the service, but those it says cannot be streamed."""
        call = self._get("voices", "/v2/voices")
        data = listed(member(await self._ask(call), "data"), "voices")
        found = convert_rows(self.http.request_of(call), data, ListedVoice)
        return tuple(
            ServiceVoice(v.voice_id, v.name or v.voice_id, v.language, v.preview_audio or None)
            for v in found
            if v.support_interactive_avatar is not False
        )

    async def _open_ids(self) -> tuple[str, ...]:
        try:
            return tuple(s.session_id for s in await self.list_sessions())
        except ServiceError:
            return ()  # the limit is the news; that the list failed too is not

    def _get(self, name: str, path: str) -> ApiCall:
        return ApiCall(name=name, path=path, method="GET", credential=self._key)

    async def _about(
        self, name: str, session_id: str, members: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        call = ApiCall(
            name=name,
            path=f"/v1/streaming.{name}",
            json=_known({"session_id": session_id, **(members or {})}),
            credential=self._key,
            session_id=session_id,
            **more,
        )
        await self._ask(call)

    async def _data(self, call: ApiCall, kind: type[T]) -> T:
        return convert_reply(
            self.http.request_of(call), member(await self._ask(call), "data"), kind
        )

    async def _ask(self, call: ApiCall) -> Any:
        try:
            return await self.http.send(call)
        except ServiceError as error:
            if self._looks_retired(error) and self._sunset_notice.first():
                log.warning(SUNSET)
                error.fix = f"{error.fix} {SUNSET}".strip()
                error.args = (f"{error.what} {error.fix}",)
            raise

    def _looks_retired(self, error: ServiceError) -> bool:
        """Whether the live service failed the way a retired API would."""
        if self.http.base_url != PROFILE.base_url:
            return False
        unreachable = isinstance(error, NoAnswer) and not error.sent
        return unreachable or isinstance(error, (NotOffered, AuthenticationError))


def _ice_servers(request: ApiRequest, data: Any) -> tuple[IceServer, ...]:
    """The ICE servers of a new session; none where they are something else than browsers take."""
    for name in ("ice_servers2", "ice_servers"):
        try:
            listed = convert_reply(request, member(data, name) or [], list[ListedIceServer])
        except BadAnswer:
            log.debug("%s of a new session are not what browsers take", name)
            continue
        if listed:
            return tuple(server.for_viewer() for server in listed)
    return ()


def _known(members: Mapping[str, Any]) -> dict[str, Any]:
    """`members` without those that are None: the service's own defaults then hold."""
    return {name: value for name, value in members.items() if value is not None}


def _new_body(
    avatar_id: str | None, voice_id: str | None, quality: str, idle_timeout_s: int
) -> dict[str, Any]:
    return {
        "quality": quality,
        "avatar_id": avatar_id,
        # The SDK writes avatar_name, the reference avatar_id; each may be the one that counts.
        "avatar_name": avatar_id,
        "voice": {} if voice_id is None else {"voice_id": voice_id},
        "activity_idle_timeout": check_idle_timeout(idle_timeout_s),
    }
