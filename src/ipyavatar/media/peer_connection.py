"""aiortc's peer connection, with an end: when it is closed, nothing of it goes on."""

from __future__ import annotations

import asyncio

from aiortc import RTCConfiguration, RTCPeerConnection

from ..core.log import get_logger

log = get_logger(__name__)


class PeerConnection(RTCPeerConnection):
    """Closing ends its connecting first, and may be waited for by several.

    aiortc connects in a task that nobody owns. Where a side leaves between ICE and the end of DTLS,
    that task goes on with the next section of a connection that is closed: it fails, and is logged
    as an exception that was never retrieved; or it sets a sender going that nobody stops.
    """

    def __init__(self, configuration: RTCConfiguration | None = None) -> None:
        super().__init__(configuration)
        self._connecting_tasks: set[asyncio.Task[None]] = set()
        self._closing_task: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Close it, and wait for that.

        aiortc closes by itself what the other side has left. Who waits there for the end, and is
        cancelled, must not cancel that end for the others.
        """
        if self._closing_task is None:
            self._closing_task = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing_task)

    async def _close(self) -> None:
        while tasks := {*self._connecting_tasks}:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await super().close()

    async def _RTCPeerConnection__connect(self) -> None:  # noqa: N802  # aiortc's own name
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # aiortc makes one of it
        self._connecting_tasks.add(task)
        try:
            await super()._RTCPeerConnection__connect()  # type: ignore[misc]
        except Exception as error:
            if self.signalingState != "closed":
                # Whoever waits for media has a time limit of their own.
                log.warning("A peer connection failed to connect (%s)", type(error).__name__)
        finally:
            self._connecting_tasks.discard(task)
