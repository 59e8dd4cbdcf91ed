"""Listening by a service's own recognition: whose microphone is on, and what the service tells.

The sound goes from the page straight to the service. Every begin has one end here, too, and every
end one `TextHeard`, whatever the service leaves out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ..core.clock import Clock
from ..core.tasks import TaskSet
from ..errors import AvatarError
from ..protocol.host import SessionEvent
from ..protocol.listening import Listen, ListeningUpdate, Microphone, TextHeard
from ..protocol.page import Hangup
from ..providers.base import UserStep
from .microphones import MicrophoneOwner

TEXT_S = 10.0
"""What was said is told within this time of its end, or not at all."""

LONGEST_S = 60.0
"""Whoever speaks for longer, by what the service tells, has long ended: it told us nothing."""

DEAF_S = 30.0
"""So long after a microphone is on the user is told that nothing has been told of them."""

NOT_TOLD = "The service did not tell what was said."

DEAF = (
    f"The microphone has been on for {DEAF_S:.0f} s, and the service has told of nobody speaking. "
    "If somebody has spoken: check the microphone, and that the session has a language model "
    "or context that answers users."
)

NO_WAY = (
    "The service's connection to this page takes no microphone. "
    "Use a session with a LiveKit room, or the embedded avatar."
)

PIECES = 1000
"""Pieces kept of one utterance."""


@dataclass(eq=False)
class _Turn:
    """Something that somebody says."""

    page: str
    began_at: float
    ended_at: float | None = None
    pieces: list[str] = field(default_factory=list)


class ServiceRecognition:
    """Used on the session's loop; `close()` ends what it has started.

    Args:
        owner: The session.
        emit: Tells the kernel.
        clock: Monotonic seconds.
    """

    def __init__(
        self, owner: MicrophoneOwner, emit: Callable[[SessionEvent], None], clock: Clock
    ) -> None:
        self._owner = owner
        self._emit = emit
        self._clock = clock
        self._command = Listen(owner.id, "off")
        self._open: list[str] = []  # pages whose microphone is on, the newest last
        self._speaking: _Turn | None = None
        self._waiting: deque[_Turn] = deque()  # they have ended, and what was said is not known
        self._heard = False  # the service has told something since a microphone is on
        self._held = False  # a microphone is on while a button is held
        self._taken = False  # what the service knows of microphones
        self._told: ListeningUpdate | None = None
        self._tasks = TaskSet("a service's recognition")
        self._telling: asyncio.Task[None] | None = None
        self._warned = False

    @property
    def fact(self) -> ListeningUpdate | None:
        """What a page is told that knows nothing yet."""
        return self._told

    @property
    def on(self) -> bool:
        """Whether the service's recognition is listened to."""
        return self._command.mode != "off"

    def listen(self, command: Listen) -> None:
        """Listen in this way from now on, or not any more."""
        if command.mode == "off" and not self.on:
            return
        self._command, self._warned = command, False
        self._speaking = None
        self._waiting.clear()
        if command.mode == "off":
            self._open.clear()
        else:
            self._held = command.mode == "push_to_talk"
        self._tell_service()
        self._tell()

    def handle(self, message: Microphone | Hangup) -> None:
        """A page says something of its microphone, or leaves the service's stream."""
        if not self.on:
            return
        if isinstance(message, Hangup) or message.state != "on":
            self.leave(message.page)
        elif message.via == "messages":
            self._owner.on_notice("microphone", NO_WAY)
            self.listen(Listen(self._owner.id, "off", by_service=True))
        else:
            self._turn_on(message.page)

    def leave(self, page: str) -> None:
        """The microphone of `page` is off, or the page is gone: what was being said ends here."""
        if page not in self._open:
            return
        self._open.remove(page)
        if self._speaking is not None:
            self._end(self._speaking)
        elif self._held and not self._heard:
            self._end(_Turn(page, self._clock.now()))  # it was held: something was said
        self._tell_service()
        self._tell()

    def on_user(self, step: UserStep, text: str) -> None:
        """The service tells of somebody who speaks; in the order of its kind, or another one."""
        if not self.on:
            return
        self._heard = True
        if step == "started":
            self._begin()
        elif step == "stopped":
            if self._speaking is not None:
                self._end(self._speaking)
                self._tell()
        elif step == "text":
            turn = self._waiting[0] if self._waiting else self._begin()
            if text and len(turn.pieces) < PIECES:
                turn.pieces.append(text)
        else:
            self._finish(self._waiting[0] if self._waiting else self._begin(), text)

    def stop(self) -> None:
        """The session ends: nobody listens any more, and the service knows."""
        self._open.clear()
        self._taken = False
        self.listen(Listen(self._owner.id, "off", by_service=True))

    async def close(self) -> None:
        """End what was started, and wait."""
        await self._tasks.close()

    # ---- inside -----------------------------------------------------------------------------

    @property
    def _page(self) -> str:
        return self._open[-1] if self._open else ""

    def _turn_on(self, page: str) -> None:
        again = page in self._open
        if again:
            self._open.remove(page)
        self._open.append(page)
        if again:
            return  # it has found another way to tell
        self._heard = False
        self._owner.touch()
        self._tasks.start(self._warn_if_deaf(self._command), "deaf")
        self._tell_service()
        self._tell()
        if self._held:
            self._owner.interrupt()

    def _begin(self) -> _Turn:
        if self._speaking is None:
            turn = self._speaking = _Turn(self._page, self._clock.now())
            self._owner.touch()
            self._owner.interrupt()
            self._tasks.start(self._end_at_last(turn), "longest")
            self._tell()
        return self._speaking

    def _end(self, turn: _Turn) -> None:
        """It has been said; what it was may still be told."""
        if self._speaking is turn:
            self._speaking = None
        turn.ended_at = self._clock.now()
        self._waiting.append(turn)
        self._tasks.start(self._give_up(turn), "text")

    def _finish(self, turn: _Turn, text: str) -> None:
        """This was said."""
        spoke = self._speaking is turn
        if spoke:
            self._speaking = None
        else:
            self._waiting.remove(turn)
        ended_at = self._clock.now() if turn.ended_at is None else turn.ended_at
        said = text.strip() or "".join(turn.pieces).strip()
        reason = "" if said else NOT_TOLD
        began_at = min(turn.began_at, ended_at)
        request = self._command.request
        self._emit(TextHeard(self._owner.id, turn.page, said, began_at, ended_at, reason, request))
        if spoke:
            self._tell()

    async def _give_up(self, turn: _Turn) -> None:
        await self._clock.sleep_until(self._clock.now() + TEXT_S)
        if turn in self._waiting:
            self._finish(turn, "")

    async def _end_at_last(self, turn: _Turn) -> None:
        await self._clock.sleep_until(turn.began_at + LONGEST_S)
        if self._speaking is turn:
            self._end(turn)
            self._tell()

    async def _warn_if_deaf(self, command: Listen) -> None:
        await self._clock.sleep_until(self._clock.now() + DEAF_S)
        if self._command is command and self._open and not (self._heard or self._warned):
            self._warned = True
            self._owner.on_notice("microphone", DEAF)

    def _tell_service(self) -> None:
        """Have the service know what is so now; one call after the other."""
        if self._telling is None or self._telling.done():
            self._telling = self._tasks.start(self._follow(), "tell the service")

    async def _follow(self) -> None:
        while self._taken != bool(self._open):
            on, provider = bool(self._open), self._owner.provider
            self._taken = on
            if provider is None:
                return
            try:
                await provider.listen(on, push_to_talk=self._held)
            except AvatarError as error:
                if self.on:
                    self._owner.on_notice("microphone", str(error))

    def _tell(self) -> None:
        if self._command.mode == "off" and (self._told is None or self._told.mode == "off"):
            return  # that is known
        turn, at = self._speaking, self._owner.tick()
        page = "" if turn is None else turn.page
        self._told = ListeningUpdate(
            self._command.mode,
            turn is not None,
            at,
            page,
            len(self._open),
            request=self._command.request,
        )
        self._owner.announce(self._told)
