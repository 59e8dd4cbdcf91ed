"""The toy service: how its sessions are made and found."""

from __future__ import annotations

from ipyavatar.media.local_voice import LocalVoice
from ipyavatar.protocol.options import Credentials
from ipyavatar.providers.cloud.client_factory import ClientFactory
from ipyavatar.providers.cloud.driver import Driver
from ipyavatar.providers.cloud.models import ListedSession, ServiceAvatar
from ipyavatar.providers.cloud.spec import ServiceSpec

from .options import ToyKeywords, ToyOptions
from .profile import ToyProfile


class ToySpec(ToyProfile, ServiceSpec[ToyOptions]):
    keywords = ToyKeywords
    options_type = ToyOptions

    def make_driver(
        self, options: ToyOptions, quality: str, clients: ClientFactory, voice: LocalVoice
    ) -> Driver:
        from .driver import ToyDriver

        return ToyDriver(self._client(options.credentials, clients), options, clients.clock)

    async def list_sessions(
        self, credentials: Credentials, clients: ClientFactory
    ) -> tuple[ListedSession, ...]:
        client = self._client(credentials, clients)
        try:
            return tuple(ListedSession(self.name, one, "open") for one in await client.list_open())
        finally:
            await client.http.close()

    async def stop_session(
        self, credentials: Credentials, session_id: str, clients: ClientFactory
    ) -> bool:
        client = self._client(credentials, clients)
        try:
            return await client.stop(session_id)
        finally:
            await client.http.close()

    async def list_avatars(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceAvatar, ...]:
        return (ServiceAvatar("bear", "A bear", "https://toys.example/bear.png"),)

    def _client(self, credentials: Credentials, clients: ClientFactory):
        from .client import ToyClient

        return ToyClient(clients.make_http(self, credentials), credentials.key)


SPEC = ToySpec()
