"""Kaltura's scripted sessions: what they can do, and how they are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ...core.secret import Secret
from ...errors import MissingSetting
from ...protocol.options import Credentials, SessionOptions
from ..cloud.credentials import resolve_url
from ..cloud.environment import Environment
from ..cloud.spec import OWN_FACES, ServiceSpec
from .options import KalturaKeywords, KalturaOptions
from .profile import KalturaProfile

if TYPE_CHECKING:
    from ...media.local_voice import LocalVoice
    from ..cloud.client_factory import ClientFactory
    from ..cloud.driver import Driver
    from ..cloud.http import HttpClient
    from ..cloud.models import ServiceAvatar, ServiceVoice
    from .client import KalturaClient


class KalturaSpec(KalturaProfile, ServiceSpec[KalturaOptions]):
    """Kaltura. Its key is a KS, given or minted from partner id and admin secret."""

    keywords = KalturaKeywords
    options_type = KalturaOptions
    stream = "whep"
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
