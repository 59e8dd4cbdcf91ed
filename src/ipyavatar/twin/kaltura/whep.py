"""WHEP for Kaltura: an offer is posted, the answer comes back, and one viewer at a time looks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ...errors import MediaError
from ...media.peer import Peer
from ..media.session_media import SessionMedia
from ..session import TwinSession

CODECS = ("video/H264",)
"""All that the live service ever sent."""


class StreamTaken(Exception):
    """The stream already has a viewer."""


@dataclass(eq=False)
class _Viewer:
    name: str
    peer: Peer
    show: SessionMedia


class WhepServer:
    """The viewers of all streams, by session. `close()` ends them and waits."""

    def __init__(self) -> None:
        self._viewers: dict[str, _Viewer] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def view(self, session: TwinSession, show: SessionMedia, name: str, sdp: str) -> str:
        """Answer an offer; `name` is what `leave` takes.

        Raises:
            Taken: Somebody looks already.
            MediaError: The offer makes no sense, or has no codec that is sent.
        """
        if session.id in self._viewers:
            raise StreamTaken
        subscriber = show.pump.subscribe()
        viewer = _Viewer(
            name,
            Peer(
                name,
                subscriber,
                on_message=lambda _: None,
                on_connected=lambda: None,
                on_closed=lambda: self._lost(session.id, name),
                codecs=CODECS,
            ),
            show,
        )
        self._viewers[session.id] = viewer
        try:
            return await viewer.peer.answer(sdp)
        except MediaError:
            await self.leave(session.id, name)
            raise

    async def leave(self, session_id: str, name: str) -> bool:
        """End one viewer; False when there is no such viewer."""
        viewer = self._viewers.get(session_id)
        if viewer is None or viewer.name != name:
            return False
        del self._viewers[session_id]
        viewer.show.pump.unsubscribe(viewer.peer.subscriber)
        await viewer.peer.close()
        return True

    async def end(self, session_id: str) -> None:
        """The session is over: so is its stream."""
        viewer = self._viewers.get(session_id)
        if viewer is not None:
            await self.leave(session_id, viewer.name)

    def _lost(self, session_id: str, name: str) -> None:
        async def leave() -> None:
            await self.leave(session_id, name)

        task = asyncio.get_running_loop().create_task(leave())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """End every viewer."""
        for session_id in list(self._viewers):
            await self.end(session_id)
        await asyncio.gather(*self._leaving, return_exceptions=True)
