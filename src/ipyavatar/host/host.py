"""The host: runs the sessions of one kernel, wherever it lives (a process, or a thread).

Commands come in one by one on its loop, events go out through `emit`. Nothing here knows whether a
pipe or a queue is behind it.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import zlib
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

import msgspec

from ..core.clock import Clock
from ..engine.resources import EngineResources
from ..errors import AvatarError, HostError
from ..protocol import events
from ..protocol import host as m
from ..protocol.errors import Failure
from ..protocol.grants import SessionGrant
from ..providers.base import Provider
from ..providers.embedded import EmbeddedProvider
from ..session.session import Session

if TYPE_CHECKING:
    from ..paid.ledger import Row
    from ..paid.orphans import Outcome
    from .session_factory import Desk

log = logging.getLogger(__name__)

USE = (m.ExpectAudience, m.SpeakText, m.InterruptSpeech, m.KeepAlive)
"""What the user does. Pages join, report and reconnect by themselves, all night if need be."""

CLEAN_AFTER_S = 3.0
"""A new host leaves a dead one's sessions alone for so long: their kernel may take them over."""

CLEAN_EVERY_S = 60.0

FAREWELL_S = 1.8
"""All sessions together have this long to stop when the kernel is gone."""

STATS_EVERY_S = 1.0

WARM_AFTER_S = 1.5
"""An avatar that was made but not shown has its voice loaded after this long."""


class Host:
    """Owns sessions, and the resources they share. `close()` ends all of it, and waits."""

    def __init__(
        self, emit: Callable[[m.Event], None], clock: Clock, desk: Desk | None = None
    ) -> None:
        self._emit = emit
        self._clock = clock
        self._resources = EngineResources()
        self._sessions: dict[str, Session] = {}
        self._options: dict[str, m.Options] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stats: asyncio.Task[None] | None = None
        self._desk = desk
        self._tickets: dict[str, SessionGrant] = {}
        self._cleaning: asyncio.Task[None] | None = None
        self._left_open = ""

    def warm(self) -> None:
        """Load the voice in the background, once the first picture is out of the way."""
        asyncio.get_running_loop().call_later(WARM_AFTER_S, self._resources.warm)

    def handle(self, command: m.Command) -> None:
        """Carry out one command. Never raises: what goes wrong goes out as an event."""
        if isinstance(command, m.OpenSession):
            self._open(command)
            return
        if isinstance(command, m.HostHello):
            self._cleaning = asyncio.get_running_loop().create_task(self._clean(command.keys))
            return
        if isinstance(command, m.Bye):
            return  # the carrier's business
        session = self._sessions.get(command.session)
        if session is None:
            self._unknown(command)
            return
        if isinstance(command, USE):
            session.touch()
        if isinstance(command, m.SpeakText):
            session.speak(command.speech, command.text, command.interrupt, command.mode)
        elif isinstance(command, m.KeepAlive):
            self._spawn(self._keep_alive(session, command.request))
        elif isinstance(command, m.InterruptSpeech):
            session.interrupt(command.speech)
        elif isinstance(command, m.StopSession):
            self._spawn(session.stop())
        elif isinstance(command, m.OfferPeer):
            self._spawn(self._answer(session, command))
        elif isinstance(command, m.JoinStream):
            self._spawn(self._join(session, command))
        elif session.provider is not None:
            self._to_provider(session.provider, command)

    async def close(self, goodbye: str, wait: bool = True) -> None:
        """Stop every session within `FAREWELL_S`, then end the workers, and `wait` for them."""
        for task in (self._stats, self._cleaning):
            if task is not None:
                task.cancel()
        stops = [session.stop(goodbye) for session in self._sessions.values()]
        try:
            await asyncio.wait_for(asyncio.gather(*stops, return_exceptions=True), FAREWELL_S)
        except asyncio.TimeoutError:  # another class before Python 3.11
            log.warning("Not every session could be stopped within %.1f s", FAREWELL_S)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._desk is not None:
            self._desk.close()
        self._resources.close(wait)

    # ---- inside -----------------------------------------------------------------------------

    def _open(self, command: m.OpenSession) -> None:
        session_id, options = command.session, command.options
        self._options[session_id] = options
        if command.ticket is not None:
            self._tickets[session_id] = command.ticket
        session = self._sessions.get(session_id)
        if session is None:
            session = self._sessions[session_id] = Session(
                session_id, lambda: self._provider(session_id), self._emit, self._clock
            )
            if self._left_open:
                self._emit(events.Noticed(session_id, "left open", self._left_open))
        session.start()
        if session.provider is not None:
            session.provider.expect_page(command.audience_s)
        if self._stats is None:
            self._stats = asyncio.get_running_loop().create_task(self._measure())

    def _provider(self, session_id: str) -> Provider:
        options = self._options[session_id]
        if options.service is not None:
            from ..providers.cloud.local_voice import EngineVoice

            voice = EngineVoice(self._resources, options.voice)
            ticket = self._tickets.pop(session_id, None)
            return self._at_desk().provider(options, voice, ticket)
        return EmbeddedProvider(
            self._resources,
            self._clock,
            character=options.character,
            voice=options.voice,
            quality=options.quality,
            seed=zlib.crc32(session_id.encode()),
        )

    # ---- paid services ----------------------------------------------------------------------

    def _at_desk(self) -> Desk:
        """The desk; made at the first need, since what it imports is not small."""
        if self._desk is None:
            from .session_factory import Desk

            self._desk = Desk(self._clock)
        return self._desk

    async def _keep_alive(self, session: Session, request: int) -> None:
        try:
            await session.keep_alive()
        except AvatarError as error:
            self._emit(events.KeptAlive(session.id, request, Failure.of(error)))
        else:
            self._emit(events.KeptAlive(session.id, request))

    async def _clean(self, keys: tuple[m.Credentials, ...]) -> None:
        """Stop what dead processes left open: soon, and again while something is left."""
        from ..paid.ledger import default_path

        wait = CLEAN_AFTER_S
        while True:
            await self._clock.sleep_until(self._clock.now() + wait)
            wait = CLEAN_EVERY_S
            if self._desk is None and not default_path().exists():
                continue  # never was there a paid session: nothing to import for
            if self._desk is None:
                # Not on the loop: sound is due every 20 ms.
                await asyncio.get_running_loop().run_in_executor(
                    None, importlib.import_module, "ipyavatar.host.session_factory"
                )
            desk = self._at_desk()
            for key in keys:
                desk.know(key)
            keys = ()
            self._report(await desk.clean())

    def _report(self, settled: list[tuple[Row, Outcome]]) -> None:
        from .session_factory import report

        text = report(settled)
        if text and text != self._left_open:
            log.warning(text)
            for session_id in self._sessions:
                self._emit(events.Noticed(session_id, "left open", text))
        self._left_open = text

    def _to_provider(self, provider: Provider, command: m.Command) -> None:
        if isinstance(command, m.ExpectAudience):
            provider.expect_page(command.audience_s)
        elif isinstance(command, m.ChangeQuality):
            options = self._options[command.session]
            self._options[command.session] = msgspec.structs.replace(
                options, quality=command.quality
            )
            provider.change_quality(command.quality)
        elif isinstance(command, m.PageTold):
            provider.on_page_report(command.report)
        elif isinstance(command, m.ClosePeer):
            self._spawn(provider.hang_up(command.peer))

    async def _answer(self, session: Session, offer: m.OfferPeer) -> None:
        try:
            sdp = await _open(session).answer(offer.page, offer.peer, offer.sdp)
        except AvatarError as error:
            self._refuse(offer, error)
        else:
            self._emit(events.PeerAnswered(session.id, offer.page, offer.peer, sdp))

    async def _join(self, session: Session, asked: m.JoinStream) -> None:
        try:
            join = await _open(session).join(asked.page, asked.peer)
        except AvatarError as error:
            self._refuse(asked, error)
        else:
            self._emit(events.StreamGranted(session.id, asked.page, asked.peer, join))

    def _refuse(self, asked: m.OfferPeer | m.JoinStream, error: AvatarError) -> None:
        self._emit(events.PeerRefused(asked.session, asked.page, asked.peer, error.what, error.fix))

    def _unknown(self, command: m.Command) -> None:
        """A command for a session that was never opened: only what waits for an answer gets one."""
        what = "The host does not know this session."
        if isinstance(command, m.SpeakText):
            self._emit(
                events.SpeechChanged(
                    command.session,
                    command.speech,
                    "failed",
                    command.text,
                    self._clock.now(),
                    what,
                )
            )
        elif isinstance(command, m.KeepAlive):
            failure = Failure("SessionClosed", what, "Call start() first.")
            self._emit(events.KeptAlive(command.session, command.request, failure))
        elif isinstance(command, m.OfferPeer | m.JoinStream):
            self._refuse(command, HostError(what, "Run the cell again."))

    async def _measure(self) -> None:
        """Once a second: what each open session's provider counts, where it changed."""
        last: dict[str, dict[str, float]] = {}
        while True:
            await self._clock.sleep_until(self._clock.now() + STATS_EVERY_S)
            for session in self._sessions.values():
                if session.provider is None:
                    continue
                stats = session.provider.stats()
                if last.get(session.id) != stats:
                    last[session.id] = stats
                    self._emit(events.StatsMeasured(session.id, stats))

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _open(session: Session) -> Provider:
    """The provider of an open session.

    Raises:
        HostError: It is stopped.
    """
    if session.provider is None:
        raise HostError("The avatar is stopped.", "Press play, or call start().")
    return session.provider
