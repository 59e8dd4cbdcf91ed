"""The host: runs the sessions of one kernel, wherever it lives (a process, or a thread).

Commands come in one by one on its loop, events go out through `emit`. Nothing here knows whether a
pipe or a queue is behind it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import msgspec

from ..core.address_space import require_address_space
from ..core.clock import AwakeClock, Clock
from ..core.guard import Guard, guard
from ..core.libraries import load_module
from ..core.log import get_logger
from ..core.memory import release_free_memory
from ..core.tasks import TaskSet
from ..engine.resources import EngineResources
from ..errors import AvatarError, HostError, MediaError, SessionClosed
from ..media.socket_server import SocketServer
from ..protocol import host as m
from ..protocol import media as mm
from ..protocol import page as p
from ..protocol.errors import Failure
from ..protocol.frames import Subscribe
from ..protocol.grants import SessionGrant
from ..protocol.listening import Listen
from ..protocol.options import SessionOptions
from ..providers.base import Provider
from ..session.page_router import refusal
from ..session.session import Session
from .kernel_sounds import KernelSounds
from .orphan_cleaner import OrphanCleaner
from .paid_resources import PaidResources
from .session_factory import EMBEDDED, SessionFactory

log = get_logger(__name__)

UNKNOWN = "The host does not know this session."

FAREWELL_S = 1.8
"""All that is free has this long to stop when the kernel is gone."""

STAY_S = 60.0
"""So long the host stays, and tries, until the end of each paid session is confirmed."""

LAST_RESORT_S = 4.0
"""If closing hangs for this long beyond, the process ends itself without ceremony."""

STATS_EVERY_S = 1.0

RELEASE_AFTER_S = 1.0
"""What sessions leave free is given back to the system once, so long after the first of them."""

WARM_AFTER_S = 1.5
"""An avatar that was made but not shown has its voice loaded after this long."""


class Host:
    """Owns sessions, and the engine they share. `close()` ends all of it, and waits."""

    def __init__(self, emit: Callable[[m.Event], None], clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._resources = EngineResources()
        self._sessions: dict[str, Session] = {}
        self._options: dict[str, SessionOptions] = {}
        self._grants: dict[str, SessionGrant] = {}
        self._tasks = TaskSet("the host")
        self._guard = Guard("A command could not be carried out", log)
        self._measuring: asyncio.Task[None] | None = None
        self._releasing: asyncio.Task[None] | None = None
        # The services' time goes on while this machine sleeps.
        self._paid = PaidResources(AwakeClock())
        self._sounds = KernelSounds(emit)
        self._sockets = SocketServer(clock)
        self._factory = SessionFactory(
            self._resources,
            self._paid,
            clock,
            emit=emit,
            sounds=self._sounds,
            sockets=self._sockets,
        )
        self._cleaner = OrphanCleaner(self._paid, self._paid.clock)
        self._left_open = ""
        self.staying = False
        """It closes, and there are paid sessions whose end is not confirmed yet."""

    def handle(self, command: m.Command) -> None:
        """Carry out one command. Never raises: one that fails ends nothing but itself."""
        error = self._guard.run(lambda: self._carry_out(command), type(command).__name__)
        if error is not None:
            answer = m.answer_failure(command, error, self._clock.now())
            if answer is not None:
                self._emit(answer)

    async def close(self, goodbye: str, wait: bool = True) -> None:
        """Stop every session, end the workers, and `wait` for them.

        What is free is over within `FAREWELL_S`. For paid sessions it stays, `STAY_S` at most: what
        is not confirmed then is in the ledger, with the reason, for the next host.
        """
        deadline = self._paid.clock.now() + STAY_S
        self.staying = self.may_be_paid
        stops = [asyncio.ensure_future(s.close(goodbye)) for s in self._sessions.values()]
        if stops:
            await asyncio.wait(stops, timeout=FAREWELL_S)
        await self._tasks.close()
        await self._sockets.close()
        if self._paid.has_leases:
            self._resources.close(wait=False)
            await self._stay(stops, deadline)
        self.staying = False
        for stop in stops:
            stop.cancel()
        await asyncio.gather(*stops, return_exceptions=True)
        self._paid.close()
        self._resources.close(wait)

    @property
    def last_resort_s(self) -> float:
        """Closing takes no longer, whatever happens, than so many seconds."""
        return STAY_S + LAST_RESORT_S if self.may_be_paid else LAST_RESORT_S

    @property
    def may_be_paid(self) -> bool:
        """Whether a paid session is open, or was asked for this moment and has no lease yet.

        Of any thread.
        """
        asked = any(options.service is not None for options in list(self._options.values()))
        return asked or self._paid.has_leases

    async def _stay(self, stops: list[asyncio.Task[None]], deadline: float) -> None:
        left = deadline - self._paid.clock.now()
        if stops:
            await asyncio.wait(stops, timeout=left)
        if not await self._paid.settle(deadline):
            log.warning("Not every paid session is known to be stopped after %.0f s", STAY_S)

    # ---- commands ---------------------------------------------------------------------------

    def _carry_out(self, command: m.Command) -> None:
        match command:
            case m.Bye():
                pass  # the transport's business
            case m.HostHello():
                self._start_cleaning(command)
            case m.ChangeEnvironment():
                self._change_environment(command)
            case m.Prepare():
                self._tasks.start(self._prepare(), "prepare")
            case m.OpenSession():
                self._open(command)
            case m.SoundPiece() | m.SoundEnd():
                self._sounds.on_message(command)
            case _ if (session := self._sessions.get(command.session)) is not None:
                self._to_session(session, command)
            case _:
                self._answer_unknown(command)

    def _open(self, command: m.OpenSession) -> None:
        session_id = command.session
        self._options[session_id] = command.options
        if command.grant is not None:
            self._grants[session_id] = command.grant
        session = self._sessions.get(session_id)
        if session is None:
            session = self._sessions[session_id] = Session(
                session_id,
                lambda: self._provider(session_id),
                self._emit,
                self._clock,
                responds=command.options.responds,
            )
            if self._left_open:
                self._emit(m.Noticed(session_id, "left open", self._left_open))
        session.audience.expected |= command.for_page or command.expect_page_s > 0
        session.start()
        if session.provider is not None:
            session.provider.expect_page(command.expect_page_s)
        if self._measuring is None:
            self._measuring = self._tasks.start(self._measure())

    def _to_session(self, session: Session, command: m.Command) -> None:
        match command:
            case m.Speak():
                session.touch()
                session.speak(command.utterance, interrupt=command.interrupt)
            case m.AddText():
                session.touch()
                session.add_text(command)
            case m.Express():
                session.touch()
                session.express(command.name)
            case m.FromPage():
                if isinstance(command.message, p.ACTIVITY):
                    session.touch()
                session.pages.handle(command.message, direct=False, buffers=command.buffers)
            case Listen():
                session.touch()
                session.listen(command)
            case m.KeepAlive():
                session.touch()
                self._tasks.start(self._keep_alive(session, command.request))
            case m.ExpectPage():
                session.touch()
                session.expect_page(command.within_s)
            case m.ChangeQuality():
                self._change_quality(session, command.quality)
            case (
                mm.OpenReader()
                | mm.AskForMedia()
                | mm.CloseReader()
                | mm.StartRecording()
                | mm.EndRecording()
            ):
                session.outputs.handle(command)
            case m.StopSession():
                self._stop(session, command)

    def _stop(self, session: Session, command: m.StopSession) -> None:
        """At once, and not in a task: what comes after it may open it again."""
        if command.rests:
            session.rest()
            return
        session.begin_stop(asked_at=command.asked_at)
        if command.forget:
            self._tasks.start(self._forget(session))

    def _answer_unknown(self, command: m.Command) -> None:
        """A command for a session that was never opened: what waits for an answer gets one."""
        match command:
            case m.Speak():
                text, name = command.utterance.text, command.utterance.id
                update = p.SpeechUpdate(name, "failed", text, self._clock.now(), reason=UNKNOWN)
                self._emit(m.Announced(command.session, update))
            case m.KeepAlive():
                failure = Failure("SessionClosed", UNKNOWN, "Call start() first.")
                self._emit(m.KeptAlive(command.session, command.request, failure))
            case mm.OpenReader() | mm.AskForMedia() | mm.StartRecording() | mm.EndRecording():
                answer = m.answer_failure(command, HostError(UNKNOWN), self._clock.now())
                if answer is not None:
                    self._emit(answer)
            case m.StopSession():
                status = p.Status("ended", "Stopped", self._clock.now())
                self._emit(m.Announced(command.session, status))
            case m.FromPage(session, p.Offer() | p.Join() | Subscribe() as request):
                error = HostError(UNKNOWN, "Run the cell again.")
                self._emit(m.ToPage(session, refusal(request, error)))

    def _change_environment(self, command: m.ChangeEnvironment) -> None:
        for name, value in command.changed.items():
            os.environ[name] = value.reveal()
        for name in command.removed:
            os.environ.pop(name, None)
        for credentials in command.credentials:
            self._paid.add_credentials(credentials)

    def _change_quality(self, session: Session, quality: str) -> None:
        options = self._options[session.id]
        self._options[session.id] = msgspec.structs.replace(options, quality=quality)
        if session.provider is not None:
            session.provider.change_quality(quality)

    async def _keep_alive(self, session: Session, request: int) -> None:
        failure = None
        try:
            await session.keep_alive()
        except AvatarError as error:
            failure = Failure.of(error)
        except BaseException as error:
            failure = Failure.of(SessionClosed(f"It could not be kept alive: {error!r}."))
            raise
        finally:
            self._emit(m.KeptAlive(session.id, request, failure))

    async def _forget(self, session: Session) -> None:
        await session.close()
        # Opened again meanwhile, under the same name, it is another one's.
        if self._sessions.get(session.id) is session:
            del self._sessions[session.id]
            self._options.pop(session.id, None)
            self._grants.pop(session.id, None)
        if self._releasing is None or self._releasing.done():
            self._releasing = self._tasks.start(self._release_memory())

    # ---- inside -----------------------------------------------------------------------------

    def _provider(self, session_id: str) -> Provider:
        grant = self._grants.pop(session_id, None)
        return self._factory.make_provider(session_id, self._options[session_id], grant)

    async def _prepare(self) -> None:
        """Load what draws and speaks. A host of paid sessions alone needs none of it."""
        try:
            require_address_space("cv2", "onnxruntime")
            await asyncio.get_running_loop().run_in_executor(None, load_module, EMBEDDED)
        except (MediaError, OSError):
            return  # told when a session is opened
        await self._clock.sleep_until(self._clock.now() + WARM_AFTER_S)
        self._resources.warm()

    def _start_cleaning(self, hello: m.HostHello) -> None:
        self._paid.work_for(hello.pid)
        for credentials in hello.credentials:
            self._paid.add_credentials(credentials)
        self._tasks.start(self._cleaner.run(self._report_orphans), "clean up")

    def _report_orphans(self, text: str) -> None:
        if text and text != self._left_open:
            log.warning(text)
            for session_id in self._sessions:
                self._emit(m.Noticed(session_id, "left open", text))
        self._left_open = text

    async def _release_memory(self) -> None:
        """Threads of a C library each keep what was freed: a gigabyte after 500 avatars."""
        await self._clock.sleep_until(self._clock.now() + RELEASE_AFTER_S)
        await asyncio.to_thread(release_free_memory)

    async def _measure(self) -> None:
        """Once a second: what each open session's provider counts, where it changed."""
        last: dict[str, dict[str, float]] = {}
        while True:
            await self._clock.sleep_until(self._clock.now() + STATS_EVERY_S)
            measured: dict[str, dict[str, float]] = {}
            for session in list(self._sessions.values()):
                with guard("The numbers of a session"):
                    if session.provider is not None:
                        stats = measured[session.id] = session.provider.stats()
                        if last.get(session.id) != stats:
                            self._emit(m.StatsMeasured(session.id, stats))
            last = measured
