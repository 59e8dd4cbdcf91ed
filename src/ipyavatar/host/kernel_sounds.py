"""Sound that the kernel has: asked for by event, taken in bounded pieces."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable

from ..engine.sound.samples import SoundBlock, pcm_samples
from ..errors import SpeechFailed
from ..protocol import host as m

SILENT_S = 30.0
"""What gives no sound for so long is given up, unless the user says otherwise."""


_Queue = asyncio.Queue[m.SoundPiece | m.SoundEnd | None]


class KernelSounds:
    """All sounds that are under way, of all sessions. Used on one loop.

    Args:
        emit: Sends an event to the kernel.
        new_id: Names a sound.
    """

    def __init__(
        self,
        emit: Callable[[m.SessionEvent], None],
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex[:12],
    ) -> None:
        self._emit = emit
        self._new_id = new_id
        self._queues: dict[str, _Queue] = {}

    def on_message(self, message: m.SoundPiece | m.SoundEnd) -> None:
        """The kernel sent this; what nobody wants any more is dropped."""
        queue = self._queues.get(message.stream)
        if queue is not None:
            queue.put_nowait(message)

    async def stream(
        self, session: str, *, speech: str = "", text: str = "", silent_s: float = SILENT_S
    ) -> AsyncGenerator[SoundBlock, None]:
        """The sound of `speech`, or of `text` as the user's own voice says it.

        Raises:
            SpeechFailed: It could not be made, or nothing came for `silent_s`.
        """
        name = self._new_id()
        queue: _Queue = asyncio.Queue()
        self._queues[name] = queue
        self._emit(m.SoundWanted(session, name, speech, text))
        ended = False
        try:
            while True:
                message = await _next_message(queue, silent_s)
                if isinstance(message, m.SoundEnd):
                    ended = True
                    if message.failure is not None:
                        raise message.failure.error()
                    return
                self._emit(m.SoundTaken(session, name, 1))
                yield SoundBlock(pcm_samples(message.samples), message.rate)
        finally:
            del self._queues[name]
            if not ended:
                self._emit(m.SoundDropped(session, name))


async def _next_message(queue: _Queue, silent_s: float) -> m.SoundPiece | m.SoundEnd:
    """The next one.

    Not by `asyncio.wait_for`: up to Python 3.11 that loses a cancellation which comes together with
    a message, and an interrupt would be lost.

    Raises:
        SpeechFailed: None came for so long.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + silent_s
    timer = loop.call_at(deadline, queue.put_nowait, None)
    try:
        while (message := await queue.get()) is None:
            if loop.time() >= deadline:
                what = f"No sound came for {silent_s:g} s."
                raise SpeechFailed(what, "See what it waits for.")
        return message
    finally:
        timer.cancel()
