"""The readers and recordings of one session: what takes its sound and pictures here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..core.clock import Clock
from ..core.log import get_logger
from ..core.tasks import TaskSet
from ..errors import AvatarError, SessionClosed
from ..protocol import host as m
from ..protocol import media as mm
from ..protocol.errors import Failure

if TYPE_CHECKING:
    from ..media.recorder import Recorder
    from ..media.sinks import MediaSink, MediaSource
    from ..media.tap import Tap, TapItem
    from ..providers.base import Provider

log = get_logger(__name__)

PROGRESS_EVERY_S = 0.5

CATCH_UP_S = 15.0
"""What a page has played is waited for so long, where it comes by a busy kernel."""

FINISH_S = 20.0
"""A file that is not finished by then is left as it is; it plays all the same."""

NOT_OPEN = "The session is not open."


class MediaOutputs:
    """Carries out the media commands of one session. Used on the host's loop.

    Args:
        session: Its id.
        provider: Gives the open provider, if there is one.
        emit: Tells the kernel.
        clock: Time.
    """

    def __init__(
        self,
        session: str,
        provider: Callable[[], Provider | None],
        emit: Callable[[m.SessionEvent], None],
        clock: Clock,
    ) -> None:
        self._session = session
        self._provider = provider
        self._emit = emit
        self._clock = clock
        self._taps: dict[str, Tap] = {}
        self._recorders: dict[str, Recorder] = {}
        self._finished: dict[str, asyncio.Event] = {}
        self._ending: set[str] = set()  # recordings that wait for what is on its way
        self._tasks = TaskSet("the recordings of a session")
        self._source: MediaSource | None = None

    def handle(self, command: mm.MediaCommand) -> None:
        """Carry out one command; what it raises is its answer.

        Raises:
            SessionClosed: The session is not open.
            MediaError: Its media cannot be had here.
        """
        match command:
            case mm.OpenReader() if command.reader in self._taps:
                pass  # it came twice; another in its place would leave this one without an end
            case mm.StartRecording() if command.recording in self._recorders:
                pass
            case mm.OpenReader():
                self._open_reader(command)
            case mm.AskForMedia() if command.reader in self._taps:
                provider = self._provider()
                if provider is not None:
                    provider.touch()  # who reads uses it
                self._taps[command.reader].ask(command.count)
            case mm.CloseReader() if command.reader in self._taps:
                self._taps[command.reader].end()
            case mm.StartRecording():
                self._start_recording(command)
            case mm.EndRecording() if command.recording in self._recorders:
                self._end_recorder(command.recording)
            case _:
                pass  # it has ended by itself: that was told

    async def end(self, error: AvatarError | None = None) -> None:
        """End all of them, and wait until the files are finished."""
        for tap in list(self._taps.values()):
            tap.end(error)
        for name in list(self._recorders):
            self._end_recorder(name)
        waiting = [asyncio.ensure_future(one.wait()) for one in self._finished.values()]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=FINISH_S)
            for task in late:
                task.cancel()
                log.error("A recording was not finished within %.0f s", FINISH_S)
        await self._tasks.cancel()
        self._source = None

    # ---- readers ----------------------------------------------------------------------------

    def _open_reader(self, command: mm.OpenReader) -> None:
        from ..media.tap import Tap

        source = self._find_source()
        tap = Tap(
            command.kind,
            partial(self._send_items, command.reader),
            source.wake,
            self._clock.now,
        )
        self._taps[command.reader] = tap
        source.add_sink(tap)
        tap.ask(command.count)

    def _send_items(
        self, reader: str, items: list[TapItem], ended: bool, error: AvatarError | None
    ) -> None:
        from ..media.tap import as_message

        tap = self._taps[reader]
        if ended:
            self._remove(tap)
            del self._taps[reader]
        failure = None if error is None else Failure.of(error)
        sent = [as_message(item) for item in items]
        self._emit(mm.MediaRead(self._session, reader, sent, tap.dropped, ended, failure))

    # ---- recordings -------------------------------------------------------------------------

    def _start_recording(self, command: mm.StartRecording) -> None:
        from ..media.movie import Movie
        from ..media.recorder import Recorder

        source, loop, name = self._find_source(), asyncio.get_running_loop(), command.recording
        recorder = Recorder(
            lambda size: Movie(
                command.path, size, codec=command.codec, captions=command.captions, threads=2
            ),
            on_ready=_from_thread(loop, source.wake),
            on_end=lambda error: _from_thread(loop, partial(self._on_recorded, name, error))(),
            clock=self._clock.now,
        )
        self._recorders[name] = recorder
        self._finished[name] = asyncio.Event()
        source.add_sink(recorder)
        loop.call_later(PROGRESS_EVERY_S, self._tell_progress, name)

    def _end_recorder(self, name: str) -> None:
        if name in self._ending:
            return
        self._ending.add(name)
        catching_up = None if self._source is None else self._source.catch_up(CATCH_UP_S)
        if catching_up is None:
            self._finish(name)
        else:
            self._tasks.start(self._finish_late(name, catching_up), "finish a recording")

    async def _finish_late(self, name: str, catching_up: Awaitable[None]) -> None:
        await catching_up
        self._finish(name)

    def _finish(self, name: str) -> None:
        recorder = self._recorders.get(name)
        if recorder is not None:
            self._remove(recorder)
            recorder.end()

    def _tell_progress(self, name: str) -> None:
        recorder = self._recorders.get(name)
        if recorder is not None:
            self._tell(name, recorder)
            asyncio.get_running_loop().call_later(PROGRESS_EVERY_S, self._tell_progress, name)

    def _on_recorded(self, name: str, error: AvatarError | None) -> None:
        recorder = self._recorders.pop(name)
        self._ending.discard(name)
        self._remove(recorder)
        self._finished.pop(name).set()
        self._tell(name, recorder, ended=True, error=error)

    def _tell(
        self,
        name: str,
        recorder: Recorder,
        *,
        ended: bool = False,
        error: AvatarError | None = None,
    ) -> None:
        failure = None if error is None else Failure.of(error)
        if failure is not None and recorder.seconds > 0 and "play" not in failure.what:
            plays = f"What was recorded until then, {recorder.seconds:.1f} s, plays."
            failure = replace(failure, what=f"{failure.what} {plays}")
        told = recorder.seconds, recorder.bytes, recorder.dropped
        cues = tuple(recorder.take_cues())
        self._emit(mm.RecordingChanged(self._session, name, *told, ended, failure, cues))

    # ---- inside -----------------------------------------------------------------------------

    def _find_source(self) -> MediaSource:
        provider = self._provider()
        if provider is None:
            raise SessionClosed(NOT_OPEN, "Call start() first.")
        self._source = provider.media()
        return self._source

    def _remove(self, sink: MediaSink) -> None:
        if self._source is not None:
            self._source.remove_sink(sink)


def _from_thread(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> Callable[[], None]:
    """Make `call` on the loop, unless that has ended."""

    def pass_on() -> None:
        with contextlib.suppress(RuntimeError):  # it has ended
            loop.call_soon_threadsafe(call)

    return pass_on
