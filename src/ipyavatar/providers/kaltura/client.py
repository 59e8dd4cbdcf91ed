"""Kaltura's scripted video sessions (`/v1/avatar-session`): each call, typed. No session logic.

Two credentials: the KS opens a session, that session's token does all the rest. There is no list
of open sessions: one that is lost can only run out by itself.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from ...core.retry import NEVER
from ...core.secret import Secret
from ...errors import AuthenticationError, InvalidArgument, NotOffered, RequestRefused
from ..cloud.confirmed_end import end_confirmed
from ..cloud.http import ApiCall, HttpClient, RequestCredential, bearer
from ..cloud.models import Id, ServiceAvatar, ServiceVoice
from ..cloud.pages import PAGE_SIZE, listed, read_pages
from ..cloud.requests import check_text, path_segment
from ..cloud.responses import convert_reply, convert_rows
from .profile import PROFILE

T = TypeVar("T")

# Where a KS is minted, when the avatars are at their live address too.
_KS_BASE_URL = "https://www.kaltura.com"
_KS_LIFE_S = 86_400


class KalturaSession(msgspec.Struct, frozen=True, rename="camel"):
    """A new session and the token that drives it, good for about a day."""

    session_id: Id
    token: Secret


class Turn(msgspec.Struct, frozen=True):
    """The relay server: `url` is a bare host name, see `ice_urls`."""

    url: str
    username: str = ""
    credential: Secret | None = None

    @property
    def ice_urls(self) -> tuple[str, ...]:
        """The four URLs to give a peer connection: with the bare host no relay is found."""
        # A URL may come some day where a host comes today.
        host = self.url.split("://")[-1]
        if host.startswith(("turn:", "turns:")):
            return (self.url,)
        return (
            f"turn:{host}:80?transport=udp",
            f"turn:{host}:443?transport=udp",
            f"turn:{host}:80?transport=tcp",
            f"turns:{host}:443?transport=tcp",
        )


class KalturaStream(msgspec.Struct, frozen=True, rename="camel"):
    """Where the picture is: a WHEP address with room for one viewer, and a relay server."""

    whep_url: Id
    turn: Turn | None = None


class _Visual(msgspec.Struct):
    name: str | None = None


class _KalturaVoice(msgspec.Struct):
    name: str | None = None
    language: str | None = None


class _Attributes(msgspec.Struct):
    visual: _Visual | None = None
    voice: _KalturaVoice | None = None


class _Item(msgspec.Struct, rename="camel"):
    item_id: str
    attributes: _Attributes | None = None
    image_url: str | None = None
    voice_sample_url: str | None = None


class KalturaClient:
    """All calls of the avatar sessions, and the catalogue.

    Args:
        http: The service over HTTP.
        ks: An admin KS. None: one is minted from `admin` at the first need.
        admin: Partner id and admin secret.
    """

    def __init__(
        self, http: HttpClient, ks: Secret | None, *, admin: tuple[str, Secret] | None = None
    ) -> None:
        if ks is None and admin is None:
            raise InvalidArgument("There is no key for Kaltura.", PROFILE.key_hint)
        self.http = http
        self._ks = ks
        self._admin = admin
        self._ks_is_new = False

    async def mint_ks(self) -> Secret:
        """A new admin KS, good for a day, from partner id and admin secret.

        Raises:
            AuthenticationError: They are not accepted.
            ServiceError: It failed.
        """
        if self._admin is None:
            raise InvalidArgument(
                "A KS cannot be minted without a partner id and an admin secret.",
                "Set KALTURA_PARTNER_ID and KALTURA_ADMIN_SECRET.",
            )
        partner, secret = self._admin
        live = self.http.base_url == PROFILE.base_url
        call = ApiCall(
            name="ks",
            path="/api_v3/service/session/action/start",
            form={
                "format": "1",
                "partnerId": partner,
                "secret": secret.reveal(),
                "type": "2",
                "expiry": str(_KS_LIFE_S),
                "privileges": "disableentitlement",
            },
            base_url=_KS_BASE_URL if live else None,
            secrets=(secret,),
        )
        return convert_reply(self.http.request_of(call), await self.http.send(call), Secret)

    async def create(
        self,
        *,
        avatar_id: str,
        voice_id: str | None = None,
    ) -> KalturaSession:
        """Open a session. Not repeated after a lost answer, and there is no list to look it up in.

        Args:
            avatar_id: Face, see `list_avatars()`.
            voice_id: Voice, see `list_voices()`; the face's own when None.

        Raises:
            InvalidArgument: There is no face given.
            ServiceError: It failed; with `maybe_done` a session may be open until it runs out.
        """
        if not avatar_id:
            raise InvalidArgument(
                "Kaltura has no default face.", "Give avatar_id=, one of those in avatars()."
            )
        body: dict[str, Any] = {"visualConfig": {"id": avatar_id}}
        if voice_id is not None:
            body["voiceConfig"] = {"id": voice_id}
        try:
            return await self._create_as_documented(body)
        except AuthenticationError:
            if self._admin is None or self._ks_is_new:
                raise
            # A KS lives for a day, a companion process may live longer.
            self._ks = None
            return await self._create_as_documented(body)

    async def init_client(self, session: KalturaSession) -> KalturaStream:
        """Where its picture is (`init-client`); what is in it may go to a browser."""
        call = self._about(session, "init_client", json={})
        return convert_reply(self.http.request_of(call), await self.http.send(call), KalturaStream)

    async def say_text(
        self, session: KalturaSession, text: str, *, turn_id: str, is_final: bool = True
    ) -> None:
        """Speak (`say-text`). Pieces of one text share `turn_id`; only the last `is_final`.

        Not repeated after a lost answer: it would be said twice. Nor after 503: that is what it
        was seen to answer for weeks, and the way round is `say_audio`.

        Raises:
            InvalidArgument: Text is blank, or longer than `text_limit`.
            ServiceUnavailable: Speak through `say_audio` instead.
            ServiceError: It failed.
        """
        check_text(text, PROFILE.text_limit)
        body = {"text": text, "turnId": turn_id, "isFinal": is_final}
        await self.http.send(self._about(session, "say_text", json=body, idempotent=False))

    async def say_audio(
        self,
        session: KalturaSession,
        audio: bytes,
        *,
        turn_id: str,
        duration_s: float,
        media_type: str = "audio/wav",
    ) -> None:
        """Play a sound file and move the lips to it (`say-audio`). Queued there at once.

        Args:
            session: Where.
            audio: A whole WAV or MP3 file.
            turn_id: A name for this speech.
            duration_s: Its exact length: the service believes it, and the lips follow it.
            media_type: `audio/wav` or `audio/mpeg`.

        Raises:
            InvalidArgument: There is no sound.
            ServiceError: It failed.
        """
        if not audio or not duration_s > 0:
            raise InvalidArgument("There is nothing to play.", "Give a sound of more than 0 s.")
        suffix = "mp3" if media_type == "audio/mpeg" else "wav"
        call = self._about(
            session,
            "say_audio",
            form={"turnId": turn_id, "duration": f"{duration_s:.3f}"},
            files={"audio": (f"{turn_id}.{suffix}", audio, media_type)},
            idempotent=False,
            timeout_s=30.0,
        )
        await self.http.send(call)

    async def interrupt(self, session: KalturaSession) -> None:
        """Cut the speech off (`interrupt`); fine when nothing is playing.

        Whether it drops what is queued there is told both ways: hand over one turn at a time.
        """
        await self.http.send(self._about(session, "interrupt", json={}))

    async def keep_alive(self, session: KalturaSession, *, timeout_s: float | None = None) -> None:
        """Keep it open (`keep-alive`). Tried once: the policy plans repeats."""
        await self.http.send(
            self._about(session, "keep_alive", json={}, retry=NEVER, timeout_s=timeout_s)
        )

    async def end(self, session: KalturaSession) -> bool:
        """End it (`end`). False when it had ended before; either way it is over.

        Raises:
            ServiceError: It is not known to be over.
        """
        call = self._about(session, "end", json={})
        return await end_confirmed(lambda: self.http.send(call))

    async def list_avatars(self) -> tuple[ServiceAvatar, ...]:
        """Faces one can choose."""
        return tuple(
            ServiceAvatar(i.item_id, _name(i, "visual"), i.image_url)
            for i in await self._catalogue("Visual")
        )

    async def list_voices(self) -> tuple[ServiceVoice, ...]:
        """Voices one can choose."""
        return tuple(
            ServiceVoice(i.item_id, _name(i, "voice"), _language(i), i.voice_sample_url)
            for i in await self._catalogue("Voice")
        )

    async def _create_as_documented(self, body: dict[str, Any]) -> KalturaSession:
        """In the first of the documented forms that the service takes."""
        path = "/v1/avatar-session/create"
        try:
            return await self._create(path, body)
        except NotOffered:
            # One page of the documentation has the bare path.
            return await self._create("/v1/avatar-session", body)
        except RequestRefused as error:
            if "avatarid" not in error.what.lower():
                raise
            # Documented under another name than the one that was seen to work.
            visual = {"avatarId": body["visualConfig"]["id"]}
            return await self._create(path, {**body, "visualConfig": visual})

    async def _create(self, path: str, body: dict[str, Any]) -> KalturaSession:
        call = ApiCall(
            name="create",
            path=path,
            json=body,
            credential=await self._account(),
            opens=True,
            idempotent=False,
        )
        return convert_reply(self.http.request_of(call), await self.http.send(call), KalturaSession)

    async def _catalogue(self, kind: str) -> tuple[_Item, ...]:
        async def read(page: int) -> tuple[list[_Item], bool]:
            call = ApiCall(
                name="catalog",
                path="/v1/catalog-item/list",
                json={
                    "filter": {"typeEqual": kind},
                    "pager": {"offset": page * PAGE_SIZE, "limit": PAGE_SIZE},
                },
                credential=await self._account(),
            )
            entries = _entries(await self.http.send(call))
            found = convert_rows(self.http.request_of(call), entries, _Item)
            return found, len(entries) >= PAGE_SIZE

        return await read_pages(read, lambda item: item.item_id)

    async def _account(self) -> RequestCredential:
        self._ks_is_new = self._ks is None
        if self._ks is None:
            self._ks = await self.mint_ks()
        return RequestCredential("Authorization", self._ks, "KS", PROFILE.key_hint)

    def _about(self, session: KalturaSession, name: str, **more: Any) -> ApiCall:
        route = name.replace("_", "-")
        return ApiCall(
            name=name,
            path=f"/v1/avatar-session/{path_segment(session.session_id)}/{route}",
            credential=bearer(session.token),
            session_id=session.session_id,
            **more,
        )


def _entries(answer: Any) -> Any:
    return answer if isinstance(answer, list) else listed(answer, "objects")


def _name(item: _Item, kind: str) -> str:
    attributes = getattr(item.attributes, kind, None)
    return getattr(attributes, "name", None) or item.item_id


def _language(item: _Item) -> str | None:
    voice = item.attributes.voice if item.attributes else None
    return voice.language if voice else None
