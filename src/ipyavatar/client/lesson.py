"""A lesson: segments that are said in turn, with the user's functions between them."""

from __future__ import annotations

import concurrent.futures
import contextlib
import inspect
import threading
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextvars import ContextVar
from typing import Any, Literal, Protocol

from ..core.guard import guard
from ..core.handle import Handle
from ..core.live_object import LiveObject
from ..core.near_miss import GuessesNames
from ..core.speech import Speech
from ..core.text import name_error
from ..core.threads import GuardedThread
from ..core.user_loop import UserLoop
from ..core.validate import number_of
from ..errors import AvatarError, InvalidArgument, LessonStopped, describe
from .segments import Segment

LessonState = Literal["running", "paused", "failed", "done", "stopped"]

LONGEST_PAUSE_S = 3600.0

OVER = frozenset({"done", "stopped"})

_BECAME = {"failed": "has failed", "paused": "is paused"}

_user_loop = UserLoop("ipyavatar-lesson-loop")
_call_here: ContextVar[object] = ContextVar("_call_here", default=None)  # asyncio passes it on


class Presenter(Protocol):
    """Who says a lesson."""

    def speak(self, text: str) -> Speech:
        """Say it, after everything else."""

    def show_progress(self, progress: str) -> None:
        """Say in the page how far the lesson is; empty where there is none."""


class Lesson(LiveObject, GuessesNames):
    """What `present()` returns: it goes on by itself, and can be led.

    `wait()` and `await` end when it is over, and raise `LessonStopped` where a segment has failed
    or was cut off; `resume()` goes on there.

    Attributes:
        segments: What it is made of.
        pause_s: Seconds of silence between two segments.
        state: `running`, `paused`, `failed`, `done` or `stopped`.
        position: Index of the segment it is at.
        error: What a function raised, or why a text was not said; None while nothing did.
    """

    def __init__(
        self,
        presenter: Presenter,
        segments: Sequence[Segment],
        pause_s: float,
        lessons: Lessons | None = None,
    ) -> None:
        self.segments = tuple(segments)
        self.pause_s = pause_s
        self.state: LessonState = "running"
        self.position = 0
        self.error: BaseException | None = None
        self._presenter = presenter
        self._lessons = lessons or Lessons()
        self._changed = threading.Condition(self._lessons.lock)
        self._turn = 0  # of whoever leads it: what was begun before one is dropped
        self._running = False
        self._called: object = None  # a mark of the call that is being made
        self._speech: Speech | None = None
        self._pending: concurrent.futures.Future[Any] | None = None
        self._end: Handle[Lesson] = Handle()

    def __repr__(self) -> str:
        return f"<Lesson: {self.state}, {self.progress}>"

    @property
    def title(self) -> str:
        """Of the chapter it is at."""
        titles = [one.title for one in self.segments[: self.position + 1] if one.title]
        return titles[-1] if titles else ""

    @property
    def progress(self) -> str:
        """Where it is, in words: "2 of 5: Gradients"."""
        where = f"{min(self.position + 1, len(self.segments))} of {len(self.segments)}"
        return f"{where}: {self.title}" if self.title else where

    # ---- leading it -------------------------------------------------------------------------

    def pause(self) -> None:
        """Silence, now; `resume()` begins the segment again."""
        if self.state == "running":
            self._lead("paused", 0)

    def skip(self) -> None:
        """Go on with the next segment; raises as `resume()`."""
        self._lead("running", 1)

    def back(self) -> None:
        """Begin with the segment before; raises as `resume()`."""
        self._lead("running", -1)

    def resume(self) -> None:
        """Go on where it was paused, or where it failed: with the same segment again.

        Raises:
            InvalidArgument: Another lesson of this avatar is under way.
        """
        if self.state != "running":
            self._lead("running", 0)

    def stop(self) -> None:
        """End it, in silence."""
        self._lead("stopped", 0)

    def wait(self, timeout: float | None = None) -> Lesson:
        """Block this thread until it is over, and return it. Ctrl-C pauses it, too.

        Args:
            timeout: Seconds to wait at most; None waits as long as it takes.

        Raises:
            TimeoutError: It was not over in time; it goes on all the same.
            LessonStopped: It failed, or was paused; `resume()` goes on there.
            InvalidArgument: One of its own functions waits for it: that would have no end.
        """
        self._refuse_to_wait()
        try:
            return self._end.wait(timeout)
        except KeyboardInterrupt:
            self.pause()
            raise

    def __await__(self) -> Generator[Any, Any, Lesson]:
        self._refuse_to_wait()
        return self._end.__await__()

    def _refuse_to_wait(self) -> None:
        mark = _call_here.get()
        if mark is not None and mark is self._called and not self._end.done:
            what = "A function of the lesson waits for the lesson, which waits for the function."
            raise InvalidArgument(what, "Leave out the wait(), or wait in another cell.")

    # ---- going on -----------------------------------------------------------------------------

    def run(self) -> None:
        """Go on, on this thread, until it is over, paused or has failed.

        Raises:
            LessonStopped: It has failed, or was cut off.
        """
        self._lead("running", 0, on_own_thread=False)
        try:
            self._go_on()
        except KeyboardInterrupt:
            self.pause()
            raise
        self.wait()  # somebody may have resumed it meanwhile, on another thread

    def start(self) -> None:
        """Go on, on a thread of its own."""
        self._lead("running", 0)

    def _lead(self, state: LessonState, by: int, *, on_own_thread: bool = True) -> None:
        with self._changed:
            if self.state in OVER:
                return
            if state == "running":
                self._lessons.admit(self)
            self._turn += 1
            self.position = min(max(0, self.position + by), len(self.segments))
            self.error = None
            if state == "running" and self._end.done:
                self._end = Handle()
            begins = state == "running" and not self._running
            self._running = self._running or begins
            self._become(state)
            speech, self._speech = self._speech, None
            pending, self._pending = self._pending, None
            self._changed.notify_all()
        if pending is not None:
            pending.cancel()
        if speech is not None:
            with contextlib.suppress(AvatarError):
                speech.interrupt()
        if begins and on_own_thread:
            GuardedThread(target=self._go_on, name="ipyavatar-lesson", daemon=True).start()

    def _go_on(self) -> None:
        """Present segment after segment, for as long as it runs."""
        try:
            while (at := self._next()) is not None:
                self._present(*at)
        except BaseException:  # Ctrl-C, where it runs on the user's own thread
            with self._changed:
                self._running = False
            raise

    def _next(self) -> tuple[int, Segment] | None:
        """The turn, and its segment; None where it does not run."""
        with self._changed:
            if self.state == "running" and self.position >= len(self.segments):
                self._become("done")
            if self.state != "running":
                self._running = False
                return None
            self._tell()
            return self._turn, self.segments[self.position]

    def _present(self, turn: int, segment: Segment) -> None:
        try:
            speech = self._say(turn, segment)
            for call in segment.run:
                if self._turn != turn:
                    return
                self._call(turn, call)
            if speech is not None:
                speech.wait()
        except BaseException as error:  # also of sys.exit(): it is the user's code
            if isinstance(error, KeyboardInterrupt) and _is_main_thread():
                raise
            self._fail(turn, error)
            return
        with self._changed:
            if self._turn != turn:
                return
            self._speech = None
            if speech is not None and speech.state == "interrupted":
                self._become("paused")  # somebody wanted silence
                return
            last = self.position + 1 == len(self.segments)
            if not last and self.pause_s:
                self._changed.wait_for(lambda: self._turn != turn, self.pause_s)
            if self._turn == turn:
                self.position += 1

    def _call(self, turn: int, call: Callable[[], object]) -> None:
        """Call it; what is async runs on a loop for users' code, and is cancelled by a turn."""
        mark = self._called = object()
        token = _call_here.set(mark)
        try:
            given = call()
            if inspect.iscoroutine(given):
                self._await(turn, given)
        finally:
            self._called = None
            _call_here.reset(token)

    def _await(self, turn: int, given: Coroutine[Any, Any, object]) -> None:
        pending = _user_loop.start(given)
        with self._changed:
            led = self._turn != turn
            self._pending = None if led else pending
        if led:
            pending.cancel()
        try:
            pending.result()
        finally:
            pending.cancel()  # by Ctrl-C

    def _say(self, turn: int, segment: Segment) -> Speech | None:
        if not segment.text:
            return None
        speech = self._presenter.speak(segment.text)
        with self._changed:
            led = self._turn != turn
            self._speech = None if led else speech
        if led:
            speech.interrupt()
        return speech

    def _fail(self, turn: int, error: BaseException) -> None:
        with self._changed:
            if self._turn != turn:
                return
            speech, self._speech = self._speech, None
            self.error = error
            self._become("failed")
        if speech is not None:
            with contextlib.suppress(AvatarError):
                speech.interrupt()

    def _become(self, state: LessonState) -> None:
        """The one place where the state changes; under the condition."""
        self.state = state
        self._tell()
        where = f"The lesson {_BECAME.get(state, state)} at {self.progress}"
        if state in OVER:
            self._end.finish(self)
        elif state == "failed":
            fix = "resume() tries that again, skip() goes on behind it."
            failed = LessonStopped(f"{where}: {name_error(self.error).rstrip('.')}.", fix)
            failed.__cause__ = self.error
            self._end.fail(failed)
        elif state == "paused":
            self._end.fail(LessonStopped(f"{where}.", "resume() goes on there."))

    def _tell(self) -> None:
        shown = "" if self.state in OVER else self.progress
        shown += "" if self.state == "running" or not shown else f" ({self.state})"
        with guard("The progress of a lesson"):
            self._presenter.show_progress(shown)


class Lessons:
    """The lessons of one session: one at a time.

    Attributes:
        last: The one that was made last; None while none was.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()  # of them all: two may be led at once
        self._running: Lesson | None = None
        self.last: Lesson | None = None

    def make(self, presenter: Presenter, segments: Sequence[Segment], pause: object) -> Lesson:
        """One that is not begun yet.

        Raises:
            InvalidArgument: A lesson is under way, or the pause cannot be waited.
        """
        pause_s = check_pause(pause)
        with self.lock:
            made = Lesson(presenter, segments, pause_s, self)
            self.admit(made)
            self.last = made
            return made

    def admit(self, lesson: Lesson) -> None:
        """It begins, or goes on; under the lock.

        Raises:
            InvalidArgument: Another one is under way.
        """
        other = self._running
        if other is not None and other is not lesson and other.state == "running":
            what = "A lesson is under way; two at once would be said in turns."
            raise InvalidArgument(what, "Wait for it, or stop it: avatar.lesson.stop().")
        self._running = lesson


def _is_main_thread() -> bool:
    """Whether Ctrl-C comes here."""
    return threading.current_thread() is threading.main_thread()


def check_pause(pause: object) -> float:
    """Seconds between two segments.

    Raises:
        InvalidArgument: They cannot be waited.
    """
    seconds = number_of(pause)
    if seconds is None or not 0 <= seconds <= LONGEST_PAUSE_S:
        what = f"pause={describe(pause)} cannot be waited."
        raise InvalidArgument(what, f"Give seconds, 0 to {LONGEST_PAUSE_S:.0f}.")
    return seconds
