"""WHEP for Kaltura: an offer is posted and answered; a stream has one viewer at a time."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.tasks import TaskSet
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
    media: SessionMedia


class WhepServer:
    """The viewers of all streams, by session. `close()` ends them and waits."""

    def __init__(self) -> None:
        self._viewers: dict[str, _Viewer] = {}
        self._tasks = TaskSet("WHEP server")

    async def view(self, session: TwinSession, media: SessionMedia, name: str, sdp: str) -> str:
        """Answer an offer; `name` is what `leave` takes.

        Raises:
            StreamTaken: The stream has a viewer.
            MediaError: The offer makes no sense, or has no codec that is sent.
        """
        if session.id in self._viewers:
            raise StreamTaken
        subscriber = media.pump.subscribe()
        viewer = _Viewer(
            name,
            Peer(
                name,
                subscriber,
                on_message=lambda _: None,
                on_connected=lambda: None,
                on_closed=lambda: self._on_connection_closed(session.id, name),
                codecs=CODECS,
            ),
            media,
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
        viewer.media.pump.unsubscribe(viewer.peer.subscriber)
        await viewer.peer.close()
        return True

    async def end_stream(self, session_id: str) -> None:
        """End the stream of a session."""
        viewer = self._viewers.get(session_id)
        if viewer is not None:
            await self.leave(session_id, viewer.name)

    def _on_connection_closed(self, session_id: str, name: str) -> None:
        self._tasks.start(self.leave(session_id, name))

    async def close(self) -> None:
        """End every viewer."""
        for session_id in list(self._viewers):
            await self.end_stream(session_id)
        await self._tasks.join()
