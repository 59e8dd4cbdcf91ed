"""Utterances on their way to a text: one after the other, by the user's recognizer.

It runs on threads of its own, never under a lock of ours: it may wait, raise, or hang.
"""

from __future__ import annotations

import concurrent.futures
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from ..core.daemon_executor import DaemonExecutor
from ..core.log import get_logger
from ..core.text import clean_text, is_silent, name_error
from ..core.threads import GuardedThread
from ..errors import AvatarError, InvalidArgument, type_name
from ..protocol.listening import SoundHeard, TextHeard
from .recognizer import Recognize
from .sound_pull import SoundPull

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = get_logger(__name__)

Call = concurrent.futures.Future[object]

RECOGNIZE_WITHIN_S = 60.0

MOST_WAITING = 16
"""Utterances that wait for a slow recognizer; of more the newest are not understood."""

MOST_HANGING = 4
"""Calls that may hang at a time; with so many it is asked no more until one of them ends."""

NOTHING = "Nothing was understood."
UNSAID = "Nothing was said."


class Understood(msgspec.Struct, frozen=True):
    """What became of an utterance.

    Attributes:
        sound: The utterance; a `TextHeard` where the service has understood it.
        text: What was said; empty where that is not known.
        reason: Why not.
        failed: The recognizer is to blame.
    """

    sound: SoundHeard | TextHeard
    text: str = ""
    reason: str = ""
    failed: bool = False


class Recognition:
    """Takes utterances, and tells what was said in each of them, in order, exactly once.

    Args:
        recognize: Makes text of samples; maybe a coroutine.
        on_understood: Told of each utterance, on a thread of this one's.
        within_s: A recognizer that gives nothing for so long is not waited for.
        new_pull: Makes what runs one call.
        wait: Waits for calls, at most so many seconds.
    """

    def __init__(
        self,
        recognize: Recognize,
        on_understood: Callable[[Understood], None],
        within_s: float = RECOGNIZE_WITHIN_S,
        new_pull: Callable[[], SoundPull] = SoundPull,
        wait: Callable[[set[Call], float], object] = concurrent.futures.wait,
    ) -> None:
        self._recognize = recognize
        self._on_understood = on_understood
        self._within_s = within_s
        self._new_pull = new_pull
        self._wait = wait
        self._lock = threading.Lock()
        self._waiting: deque[tuple[SoundHeard, str]] = deque()  # with why it is refused
        self._running = False
        self._ended = False
        self._on_idle: Callable[[], object] | None = None
        self._pull: SoundPull | None = None  # of the newest call
        self._hanging: list[tuple[Call, SoundPull]] = []

    def submit(self, sound: SoundHeard) -> None:
        """Have it recognized after those before; nothing, after the end. Does not wait."""
        with self._lock:
            if self._ended:
                return
            refusal = ""
            if sum(not refused for _, refused in list(self._waiting)) >= MOST_WAITING:
                sound = msgspec.structs.replace(sound, samples=b"")
                refusal = f"{MOST_WAITING} utterances wait for the recognizer already."
            self._waiting.append((sound, refusal))
            if self._running:
                return
            self._running = True
        GuardedThread(target=self._run, name="ipyavatar-recognition", daemon=True).start()

    def when_idle(self, call: Callable[[], object]) -> None:
        """Call this once all that was submitted is told: now, or on a thread of this one's."""
        with self._lock:
            if self._running:
                self._on_idle = call
                return
        call()

    def end(self) -> None:
        """Nothing more is recognized, nor told: what waits is dropped, a call is cancelled.

        Without the lock, for a finalizer may come here on a thread that has it. Idempotent.
        """
        self._ended = True
        self._waiting.clear()
        if (pull := self._pull) is not None:
            pull.cancel()

    def _run(self) -> None:
        while True:
            with self._lock:
                try:
                    sound, refusal = self._waiting.popleft()
                except IndexError:  # nothing waits, or all of it was dropped just now
                    self._running = False
                    on_idle, self._on_idle = self._on_idle, None
                    break
            if refusal:
                understood = Understood(sound, reason=refusal, failed=True)
            else:
                understood = self._understand(sound)
            if self._ended:
                continue
            try:
                self._on_understood(understood)
            except Exception:
                log.exception("What was understood could not be passed on")
        if on_idle is not None and not self._ended:
            on_idle()

    def _understand(self, sound: SoundHeard) -> Understood:
        if not sound.samples:
            return Understood(sound, reason=UNSAID)
        try:
            text = _text_of(self._call(sound))
        except AvatarError as error:
            reason = str(error)
        except BaseException as error:
            log.debug("A recognizer failed", exc_info=error)
            reason = f"The recognizer raised {name_error(error)}"
        else:
            return Understood(sound, text, "" if text else NOTHING)
        return Understood(sound, reason=reason, failed=True)

    def _call(self, sound: SoundHeard) -> object:
        """What the recognizer gives, or raises."""
        from ..engine.sound.samples import pcm_samples  # late: with numpy

        self._hanging = [
            (call, pull) for call, pull in self._hanging if pull.busy or not call.done()
        ]
        what = f"The recognizer gave nothing for {self._within_s:g} s."
        if len(self._hanging) >= MOST_HANGING:
            raise AvatarError(what)
        samples = pcm_samples(sound.samples)
        self._pull = pull = self._new_pull()
        call = DaemonExecutor().submit(lambda: self._ask(pull, samples))
        self._wait({call}, self._within_s)
        if not call.done():
            self._hanging.append((call, pull))
            pull.cancel()
            raise AvatarError(what)
        return call.result()

    def _ask(self, pull: SoundPull, samples: NDArray[np.float32]) -> object:
        if self._ended:
            raise concurrent.futures.CancelledError
        return pull.result(self._recognize(samples))


def understand_service(heard: TextHeard) -> Understood:
    """What the service's own recognition has understood."""
    try:
        text = _text_of(heard.text)
    except InvalidArgument as error:
        return Understood(heard, reason=str(error), failed=True)
    return Understood(heard, text, "" if text else heard.reason or NOTHING)


def _text_of(said: object) -> str:
    """What a recognizer gave, as one line; empty where it understood nothing.

    Raises:
        InvalidArgument: It is no text, or too long.
    """
    if said is None:
        return ""
    if not isinstance(said, str):
        what = f"The recognizer gave a {type_name(said)}, which is no text."
        raise InvalidArgument(what, "Have it return a str.")
    return "" if is_silent(said) else " ".join(clean_text(said).split())
