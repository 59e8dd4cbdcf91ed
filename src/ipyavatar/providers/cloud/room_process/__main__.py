"""The process of one LiveKit room. It lives as long as the connection, and as its host.

LiveKit's native library aborts its process when that is starved for too long, or at the
interpreter's end. Nothing else is in this one; the host notices, and makes the connection anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
from typing import TYPE_CHECKING, Any, BinaryIO

from ....core.media_process import forbid_core_dumps
from ....core.own_pipes import open_pipes
from ....core.threads import GuardedThread
from ....errors import MalformedData
from ....protocol.framing import read_frame
from . import messages as m
from .track_selection import OfferedTrack, Selection, select_tracks

if TYPE_CHECKING:
    from livekit.rtc import RemoteTrackPublication, Room, Track

SAMPLE_RATE = 48_000

JOIN_S = 8.0
"""A room that is being joined is waited for so long before it is left again."""

CLOSE_S = 2.0
"""Saying goodbye may take this long; the room notices an absence by itself."""

MOST_UNREAD = 15_000
"""Messages, five minutes of sound: a host that reads none of them hangs, and needs no room."""

LOOK_EVERY_S = 1.0
"""So often it is looked whether the host lives: a child that it forked may hold the pipe open."""

LINGER_S = 3.0
"""Tracks are kept for so long after nobody wants them: the next reader may come at once."""

CHANGES = (
    "track_published",
    "track_unpublished",
    "track_muted",
    "track_unmuted",
    "participant_disconnected",
)
"""What may make other tracks those to receive."""

PICTURES_KEPT = 2
"""So many decoded pictures wait at most for this loop."""


class Outbox:
    """Writes to the host from a thread of its own, so that a full pipe holds nobody up."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._frames: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        GuardedThread(target=self._run, daemon=True).start()

    def put(self, event: m.RoomEvent) -> None:
        """Tell it."""
        self._frames.put(m.encode(event))
        if self._frames.qsize() > MOST_UNREAD:
            os._exit(1)

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # the host is gone: the end of stdin tells
            while True:
                self._pipe.write(self._frames.get())
                self._pipe.flush()


class RoomMember:
    """Carries out what the host wants. Used on one loop.

    Args:
        rtc: The library.
        outbox: Tells the host.
    """

    def __init__(self, rtc: Any, outbox: Outbox) -> None:
        self._rtc = rtc
        self._tell = outbox.put
        self._room: Room = rtc.Room()
        self._joining: asyncio.Future[None] | None = None
        self._leaving = False
        self._receiving = False
        self._given_back_at = -LINGER_S
        self._free = 0  # pictures that the host takes
        self._tasks: set[asyncio.Task[None]] = set()
        self._avatar = ""
        self._selected = Selection()
        self._streams: dict[str, Any] = {}
        self._asked: dict[str, bool] = {}  # whether the room was asked for a track, by its id
        room = self._room
        room.on("data_received", lambda packet: self._tell(m.Data(packet.topic or "", packet.data)))
        room.on("disconnected", self._on_left)
        room.on("reconnecting", lambda: self._tell(m.Line(up=False)))
        room.on("reconnected", self._on_reconnected)
        for change in CHANGES:
            room.on(change, lambda *_: self._subscribe())
        room.on("track_subscribed", self._on_subscribed)
        room.on("track_unsubscribed", self._on_unsubscribed)

    def carry_out(self, command: m.RoomCommand) -> None:
        """Do it; what comes of it is told."""
        match command:
            case m.Join():
                self._start(self._join(command))
            case m.Send():
                self._start(self._send(command))
            case m.Receive(wanted):
                self._receive(wanted)
            case m.TakePictures(count):
                self._free += count
            case m.Leave():
                self._start(self.leave())

    async def leave(self) -> None:
        """Leave and end; joined late, it would put out whoever has the same token by then."""
        if self._leaving:
            return  # the end of the pipe comes behind the command
        self._leaving = True
        if self._joining is not None:
            await asyncio.wait({self._joining}, timeout=JOIN_S)
        with contextlib.suppress(Exception):  # whatever it is, we are leaving
            await asyncio.wait_for(self._room.disconnect(), CLOSE_S)
        # At once: while the interpreter ends, the library's threads may abort the process.
        os._exit(0)

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, command: m.Join) -> None:
        self._avatar = command.avatar
        options = self._rtc.RoomOptions(auto_subscribe=False)
        connecting = self._room.connect(command.url.reveal(), command.token.reveal(), options)
        self._joining = asyncio.ensure_future(connecting)
        try:
            await self._joining
        except Exception as error:
            self._tell(m.NotJoined(str(error)))
            return
        self._tell(m.Joined())
        self._subscribe()

    async def _send(self, command: m.Send) -> None:
        publishing = self._room.local_participant.publish_data(command.payload, topic=command.topic)
        try:
            await publishing
        except Exception as error:
            # The library's errors have no common base; their texts may hold an address.
            self._tell(m.Sent(command.number, type(error).__name__))
        else:
            self._tell(m.Sent(command.number))

    def _on_left(self, reason: Any) -> None:
        name = "UNKNOWN_REASON"
        with contextlib.suppress(ValueError):
            name = self._rtc.DisconnectReason.Name(reason)
        self._tell(m.Left(name))

    def _on_reconnected(self) -> None:
        self._tell(m.Line(up=True))
        self._subscribe()

    # ---- sound and pictures ------------------------------------------------------------------

    def _receive(self, wanted: bool) -> None:
        """What is asked for again at once after it was given back would not come: both wait."""
        self._receiving = wanted
        loop = asyncio.get_running_loop()
        if not wanted:
            self._given_back_at = loop.time() + LINGER_S
            loop.call_later(LINGER_S, self._subscribe)
        elif self._given_back_at < loop.time() < self._given_back_at + LINGER_S:
            loop.call_later(LINGER_S, self._subscribe)
        else:
            self._subscribe()

    def _subscribe(self) -> None:
        """Have what is wanted of who shows a picture: an avatar, not somebody's microphone."""
        publications = [
            (participant.identity, publication)
            for participant in self._room.remote_participants.values()
            for publication in participant.track_publications.values()
        ]
        offered = [self._describe(identity, publication) for identity, publication in publications]
        self._selected = select_tracks(offered, self._avatar, self._selected)
        for _, publication in publications:
            wanted = self._receiving and publication.sid in self._selected.sids
            if self._asked.get(publication.sid, False) != wanted:
                self._asked[publication.sid] = wanted
                publication.set_subscribed(wanted)

    def _describe(self, identity: str, publication: RemoteTrackPublication) -> OfferedTrack:
        video = publication.kind == self._rtc.TrackKind.KIND_VIDEO
        return OfferedTrack(identity, publication.sid, video, publication.muted)

    def _takes(self, sid: str) -> bool:
        """Whether what comes of a track is for the host: one of before may still bring some."""
        return self._receiving and sid in self._selected.sids

    def _on_subscribed(self, track: Track, publication: RemoteTrackPublication, *_: Any) -> None:
        if publication.sid in self._streams:
            return
        if track.kind == self._rtc.TrackKind.KIND_VIDEO:
            kept, layout = PICTURES_KEPT, self._rtc.VideoBufferType.I420
            stream = self._rtc.VideoStream(track, capacity=kept, format=layout)
            self._start(self._pass_pictures(publication.sid, stream))
        else:
            stream = self._rtc.AudioStream(
                track, sample_rate=SAMPLE_RATE, num_channels=1, frame_size_ms=20
            )
            self._start(self._pass_sound(publication.sid, stream))
        self._streams[publication.sid] = stream

    def _on_unsubscribed(
        self, _track: object, publication: RemoteTrackPublication, *_: Any
    ) -> None:
        self._asked.pop(publication.sid, None)
        stream = self._streams.pop(publication.sid, None)
        if stream is not None:
            self._start(stream.aclose())

    async def _pass_sound(self, sid: str, stream: Any) -> None:
        async for event in stream:
            if self._takes(sid):
                self._tell(m.Sound(bytes(event.frame.data)))

    async def _pass_pictures(self, sid: str, stream: Any) -> None:
        async for event in stream:
            if not self._takes(sid) or self._free <= 0:
                continue  # the host has not taken those before
            self._free -= 1
            frame = event.frame
            at = event.timestamp_us / 1e6
            self._tell(m.Picture(at, frame.width, frame.height, bytes(frame.data)))


def _load() -> Any:
    """The library, with its native part loaded."""
    from livekit import rtc
    from livekit.rtc._ffi_client import FfiClient

    assert FfiClient.instance  # noqa: S101  # loads the native part
    return rtc


async def _serve(source: BinaryIO, outbox: Outbox) -> None:
    try:
        rtc = _load()
    except Exception as error:  # a library that is of another machine has errors of its own
        outbox.put(m.NotLoaded(f"{type(error).__name__}: {error}"))
        await asyncio.sleep(CLOSE_S)
        return
    member = RoomMember(rtc, outbox)
    outbox.put(m.Loaded())
    loop = asyncio.get_running_loop()

    def read() -> None:
        with contextlib.suppress(OSError, ValueError, MalformedData):
            while (body := read_frame(source)) is not None:
                loop.call_soon_threadsafe(member.carry_out, m.decode_command(body))
        loop.call_soon_threadsafe(member.carry_out, m.Leave())

    GuardedThread(target=read, daemon=True).start()
    host = os.getppid()
    while os.getppid() == host:  # noqa: ASYNC110  # nothing tells its end
        await asyncio.sleep(LOOK_EVERY_S)
    await member.leave()


def main(source: int = 0, out: int = 1) -> None:
    """Run until the host wants no more, or is gone. Both are descriptors."""
    forbid_core_dumps()
    commands, events = open_pipes(source, out)
    asyncio.run(_serve(commands, Outbox(events)))
    os._exit(0)


if __name__ == "__main__":
    main()
