"""Kaltura's scripted sessions: what is known of them, and what one may say about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ...core.secret import Secret
from ...errors import MissingSetting
from ...protocol.options import Credentials, ServiceOptions, SessionOptions
from ..cloud.credentials import resolve_url
from ..cloud.environment import Environment
from ..cloud.spec import OWN_FACES, ServiceKeywords, ServiceSpec

if TYPE_CHECKING:
    from ...media.local_voice import LocalVoice
    from ..cloud.client_factory import ClientFactory
    from ..cloud.driver import Driver
    from ..cloud.http import HttpClient
    from ..cloud.models import ServiceAvatar, ServiceVoice
    from ..embedded_spec import VoiceChoice
    from .client import KalturaClient


class KalturaKeywords(ServiceKeywords, total=False):
    """Keywords of `Avatar("kaltura")`; `api_key` is the KS.

    Attributes:
        voice: Who speaks when the service's own voice does not answer: one of
            `ipyavatar.voices()`.
        relay: False: its stream may come without its relay server. True: it must come through it,
            even from this machine. Else it must, unless it is on this machine.
    """

    voice: VoiceChoice | None
    relay: bool | None


class KalturaOptions(ServiceOptions, frozen=True, kw_only=True):
    """What a Kaltura session is made of.

    Attributes:
        relay: Whether the stream must come through the relay server; None to go by its address.
    """

    relay: bool | None = None


class KalturaSpec(ServiceSpec[KalturaOptions]):
    """Kaltura. Its key is a KS, given or minted from partner id and admin secret."""

    name = "kaltura"
    title = "Kaltura"
    keywords = KalturaKeywords
    options_type = KalturaOptions
    base_url = "https://api.avatar.us.kaltura.ai"
    key_variables = ("KALTURA_KS", "KALTURA_PARTNER_ID", "KALTURA_ADMIN_SECRET")
    # Not published; short enough for every text-to-speech service known to us.
    text_limit = 900
    # Not published; a session was seen alive after 70 s without a keep-alive.
    idle_timeout_s = 60
    # Documented: every 10 s.
    keep_alive_every_s = 10
    # Only a session's own token ends it. Its true idle limit is not published; more than 70 s have
    # been seen, and after an hour it is taken to have run out.
    lists_sessions = False
    run_out_s = 3600.0
    stream = "whep"
    # No call of it names a size; 512 x 512 was seen.
    sizes = False
    # Kaltura's own SDK waits about 300 ms after `canplay`, or the first words are lost.
    first_words_s = 0.3
    colour = "#2a9d78"
    no_effect: ClassVar[Mapping[str, str]] = {
        "character": OWN_FACES,
        "quality": "Its picture comes in one size; leave it out.",
        "idle_timeout_s": "It has a time-out of its own; leave it out.",
    }

    def check_options(self, options: KalturaOptions, given: Mapping[str, Any]) -> None:
        """There is no default face."""
        del given
        self.require_face(options)

    def resolve_credentials(
        self, api_key: object, base_url: object, environment: Environment
    ) -> Credentials:
        """A KS; else partner id and admin secret, from which the client mints one."""
        if api_key is not None or environment.read("KALTURA_KS"):
            return super().resolve_credentials(api_key, base_url, environment)
        url = resolve_url(self, base_url, environment)
        partner = environment.read("KALTURA_PARTNER_ID")
        admin = environment.secret("KALTURA_ADMIN_SECRET")
        if not partner and not admin:
            raise MissingSetting(f"There is no key for {self.title}.", self.key_hint)
        if not partner or not admin:
            missing = "KALTURA_ADMIN_SECRET" if partner else "KALTURA_PARTNER_ID"
            raise MissingSetting(
                f"There is no key for {self.title}: {missing} is not set.", self.key_hint
            )
        return Credentials(self.name, url, None, partner, admin)

    def make_driver(
        self, options: KalturaOptions, quality: str, clients: ClientFactory, voice: LocalVoice
    ) -> Driver:
        """Our voice steps in where the service's does not answer."""
        del quality
        from .driver import KalturaDriver

        client = _client(clients.make_http(self, options.credentials), options.credentials)
        return KalturaDriver(client, options, clients.clock, voice)

    async def list_avatars(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceAvatar, ...]:
        """The catalogue's visuals."""
        assert credentials is not None  # noqa: S101  # a paid service
        async with clients.make_http(self, credentials) as http:
            return await _client(http, credentials).list_avatars()

    def takes_sound(self, options: SessionOptions) -> bool:
        """Through `say-audio`, always."""
        del options
        return True

    async def list_voices(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceVoice, ...]:
        """The catalogue's voices."""
        assert credentials is not None  # noqa: S101  # a paid service
        async with clients.make_http(self, credentials) as http:
            return await _client(http, credentials).list_voices()


def _client(http: HttpClient, credentials: Credentials) -> KalturaClient:
    from .client import KalturaClient

    admin = credentials.admin
    return KalturaClient(
        http, credentials.key, admin=(credentials.partner, admin or Secret("")) if admin else None
    )


SPEC = KalturaSpec()
