"""Makes the provider of a session: the embedded avatar, or a paid service with its lease."""

from __future__ import annotations

import random as _random
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..core.address_space import require_address_space
from ..core.clock import Clock
from ..core.libraries import load_module
from ..engine.resources import EngineResources
from ..protocol.grants import SessionGrant
from ..protocol.host import Noticed, SessionEvent
from ..protocol.options import ServiceOptions, SessionOptions, VoiceOptions
from ..providers.base import Provider, ProviderListener
from ..providers.registry import service_spec, spec_of
from .kernel_sounds import KernelSounds
from .paid_resources import PaidResources

if TYPE_CHECKING:
    from ..media.local_voice import LocalVoice
    from ..media.socket_server import SocketServer
    from ..paid.lease import Lease
    from ..providers.cloud.driver import Driver
    from ..providers.cloud.stream_access import ConnectRoom

    MakeVoice = Callable[[str, SessionOptions], LocalVoice]


EMBEDDED = "ipyavatar.providers.embedded"
"""The module that draws and speaks, with the libraries that it needs."""


def _nobody(event: SessionEvent) -> None:
    """Without a kernel there is nobody who has sound, and nobody who hears."""
    del event


class SessionFactory:
    """Makes providers. Used on one loop.

    Args:
        engine: Voices and faces.
        paid: What paid sessions share.
        clock: Time.
        random: Gives numbers in 0 to 1, for jitter.
        emit: Tells the kernel what happens.
        sounds: Brings sound from the kernel.
        make_voice: Makes what speaks for the services that let us bring it.
        connect_room: Enters a service's room from here; the usual way when None.
        sockets: Lets pages in past the kernel.
    """

    def __init__(
        self,
        engine: EngineResources,
        paid: PaidResources,
        clock: Clock,
        *,
        emit: Callable[[SessionEvent], None] = _nobody,
        sounds: KernelSounds | None = None,
        random: Callable[[], float] = _random.random,
        make_voice: MakeVoice | None = None,
        connect_room: ConnectRoom | None = None,
        sockets: SocketServer | None = None,
    ) -> None:
        self._engine = engine
        self._paid = paid
        self._clock = clock
        self._random = random
        self._emit = emit
        self._sounds = sounds or KernelSounds(emit)
        self._make_voice = make_voice or self._session_voice
        self._connect_room = connect_room
        self._sockets = sockets

    def make_provider(
        self, session_id: str, options: SessionOptions, grant: SessionGrant | None = None
    ) -> Provider:
        """The provider of one session; with a `grant` it goes on with what another host opened."""
        if options.fallback is not None:
            return self._make_with_fallback(session_id, options, options.fallback, grant)
        if options.service is not None:
            return self._make_cloud(session_id, options, options.service, grant)
        require_address_space("cv2", "onnxruntime")
        load_module(EMBEDDED)  # late: a paid session draws nothing
        from ..providers.embedded import EmbeddedProvider

        own = options.speech == VoiceOptions(language=options.speech.language)
        return EmbeddedProvider(
            self._engine,
            self._clock,
            character=options.character,
            voice=options.voice if own else "",
            other_voice=self._make_voice(session_id, options),
            quality=options.quality,
            video_codec=options.video_codec,
            ice_servers=options.ice_servers,
            max_idle_s=options.max_idle_s,
            transport=options.transport,
            sockets=self._sockets,
            seed=zlib.crc32(session_id.encode()),
        )

    def _make_with_fallback(
        self,
        session_id: str,
        options: SessionOptions,
        fallback: SessionOptions,
        grant: SessionGrant | None,
    ) -> Provider:
        from ..providers.fallback.provider import FallbackProvider

        spec = spec_of(fallback.provider)
        return FallbackProvider(
            self.make_provider(session_id, replace(options, fallback=None), grant),
            lambda: self.make_provider(session_id, fallback),
            self._clock,
            title=spec.title,
            check=lambda utterance: spec.check_mode(utterance.mode, fallback),
        )

    def _make_cloud(
        self,
        session_id: str,
        options: SessionOptions,
        service: ServiceOptions,
        grant: SessionGrant | None,
    ) -> Provider:
        # Late: what a paid session takes is not small, and most hosts never have one.
        from ..paid.keepalive import LeaseTerms, SessionLimits, keep_alive_rule
        from ..paid.lease import Lease
        from ..providers.cloud.provider import CloudProvider
        from ..providers.cloud.stream_access import connect_room
        from ..providers.cloud.whep_proxy import WhepProxy

        spec, paid = service_spec(options.provider), self._paid
        paid.add_credentials(service.credentials)
        terms = LeaseTerms(
            service.credentials.base_url,
            keep_alive_rule(spec.idle_timeout_of(service), spec.keep_alive_every_s),
            SessionLimits(service.max_idle_s, service.max_duration_s),
            spec.price_of(service),
        )

        def make_lease(driver: Driver, listener: ProviderListener) -> Lease:
            lease = Lease(
                driver,
                terms,
                paid.ledger,
                paid.owner,
                paid.clock,
                listener=listener,
                random=self._random,
                kernel=paid.kernel,
            )
            paid.add_lease(lease)
            return lease

        voice = self._make_voice(session_id, options)
        return CloudProvider(
            spec.make_driver(service, options.quality, paid.clients, voice),
            make_lease,
            self._clock,
            grant,
            voice=voice,
            whep_proxy=WhepProxy(paid.clients.transport),
            connect=self._connect_room or connect_room,
            random=self._random,
        )

    def _session_voice(self, session_id: str, options: SessionOptions) -> LocalVoice:
        from .session_voice import make_session_voice

        return make_session_voice(
            session_id,
            options,
            self._engine,
            self._sounds,
            lambda text: self._emit(Noticed(session_id, "voice", text)),
        )
