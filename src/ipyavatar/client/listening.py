"""What `listen()` returns: somebody is listened to until it is stopped."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Literal

from ..core.handle import Handle
from ..errors import AvatarError
from ..protocol.listening import Listen, ListeningUpdate

ListeningState = Literal["off", "waiting", "listening", "hearing", "stopped", "failed"]

REMEMBERED = 1000
"""Texts kept for who iterates late."""


class Listening(Handle["Listening"]):
    """Hears what users say into their microphones, until `stop()` or the end of the block.

        for text in avatar.listen(recognizer):
            avatar.speak(f"You said: {text}")

    It begins when the user presses the microphone's button in a page. `wait()` and `await` return
    this when it is stopped. The loop, also an async one, gives each text once it is understood.

    Attributes:
        texts: What was understood so far, the last 1000.
        problem: Why the newest utterance was not understood; empty where it was.
    """

    def __init__(self, command: Listen, stop: Callable[[Listening], object]) -> None:
        super().__init__()
        self.command = command
        """What has the host listen."""
        self.problem = ""
        self._stop = stop
        self._texts: deque[str] = deque(maxlen=REMEMBERED)
        self._count = 0
        self._update: ListeningUpdate | None = None
        self._next = Handle[None]()

    def __repr__(self) -> str:
        return f"<Listening: {self.state}, {self._count} heard>"

    @property
    def state(self) -> ListeningState:
        """`waiting` for a microphone, `listening`, `hearing` somebody, `stopped` or `failed`."""
        if self.done:
            return "stopped" if self.error is None else "failed"
        return "waiting" if self._update is None else state_of(self._update)

    @property
    def texts(self) -> list[str]:
        """What was understood so far, the last 1000."""
        return list(self._texts)

    def stop(self) -> Listening:
        """Listen no more. Idempotent."""
        if not self.done:
            self._stop(self)
        return self

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    async def __aenter__(self) -> Listening:
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.stop()

    def __iter__(self) -> Iterator[str]:
        seen = 0
        while True:
            waiting = self._next
            over = self.done  # looked at first: the last text may come just before the end
            texts, seen = self._since(seen)
            yield from texts
            if texts:
                continue
            if over:
                return
            waiting.wait()

    async def __aiter__(self) -> AsyncIterator[str]:
        seen = 0
        while True:
            waiting = self._next
            over = self.done
            texts, seen = self._since(seen)
            for text in texts:
                yield text
            if texts:
                continue
            if over:
                return
            await waiting

    # ---- what the session tells ---------------------------------------------------------------

    def take(self, update: ListeningUpdate) -> None:
        """The host tells whether a microphone is on, and somebody speaks."""
        self._update = update

    def add(self, text: str, problem: str) -> None:
        """Something was said, and understood, or not."""
        self.problem = problem
        if text:
            self._texts.append(text)
            self._count += 1
            self._wake()

    def end(self, error: AvatarError | None = None) -> None:
        """Nobody listens any more."""
        if error is None:
            self.finish(self)
        else:
            self.fail(error)
        self._wake()

    def _since(self, seen: int) -> tuple[list[str], int]:
        """The texts after the first `seen`, and how many there are."""
        texts, count = list(self._texts), self._count
        new = count - seen
        return (texts[-new:] if new > 0 else []), count

    def _wake(self) -> None:
        waiting, self._next = self._next, Handle[None]()
        waiting.finish(None)


def state_of(update: ListeningUpdate) -> ListeningState:
    """What the host tells, in a word."""
    if update.mode == "off":
        return "off"
    if not update.microphones:
        return "waiting"
    return "hearing" if update.hearing else "listening"
