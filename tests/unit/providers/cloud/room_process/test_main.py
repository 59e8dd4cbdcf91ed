"""A place in a room: whose sound and pictures come of it, in any order of events."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from ipyavatar.core.secret import Secret
from ipyavatar.providers.cloud.room_process import messages as m
from ipyavatar.providers.cloud.room_process.__main__ import RoomMember
from tests.support.virtual_time import run_virtual

VIDEO, AUDIO = 2, 1


class Stream:
    """The frames of one track."""

    def __init__(self, track, **_):
        self._frames = track.frames

    def __aiter__(self):
        return self

    async def __anext__(self):
        frame = await self._frames.get()
        if frame is None:
            raise StopAsyncIteration
        return frame

    async def aclose(self):
        self._frames.put_nowait(None)


class Room:
    """LiveKit's room: a test has somebody publish, and frames come of what is subscribed."""

    def __init__(self):
        self.remote_participants = {}
        self._hears = {}

    def on(self, event, listener):
        self._hears[event] = listener

    async def connect(self, url, token, options):
        del url, token, options

    def publish(self, identity, *sids):
        tracks = self.remote_participants.setdefault(
            identity, SimpleNamespace(identity=identity, track_publications={})
        ).track_publications
        for sid in sids:
            kind = VIDEO if "video" in sid else AUDIO
            track = SimpleNamespace(kind=kind, frames=asyncio.Queue())
            made = SimpleNamespace(sid=sid, kind=kind, muted=False, track=track, subscribed=False)
            made.set_subscribed = lambda wanted, made=made: self._subscribe(made, wanted)
            tracks[sid] = made
            self._hears["track_published"](made, None)

    def unpublish(self, identity, sid):
        gone = self.remote_participants[identity].track_publications.pop(sid)
        if gone.subscribed:
            self._hears["track_unsubscribed"](gone.track, gone, None)
        self._tell("track_unpublished", gone, None)

    def mute(self, identity, sid):
        publication = self.remote_participants[identity].track_publications[sid]
        publication.muted = True
        self._tell("track_muted", None, publication)

    def sound(self):
        """A frame of each subscribed sound, with its track's number as its samples."""
        for participant in self.remote_participants.values():
            for sid, publication in participant.track_publications.items():
                if publication.subscribed and publication.kind == AUDIO:
                    frame = SimpleNamespace(frame=SimpleNamespace(data=sid.encode()))
                    publication.track.frames.put_nowait(frame)

    def close(self):
        """Everybody leaves."""
        for participant in self.remote_participants.values():
            for sid in list(participant.track_publications):
                self.unpublish(participant.identity, sid)

    def _tell(self, event, *about):
        self._hears.get(event, lambda *_: None)(*about)

    def _subscribe(self, publication, wanted):
        publication.subscribed = wanted
        event = "track_subscribed" if wanted else "track_unsubscribed"
        self._hears[event](publication.track, publication, None)


def heard_after(*steps, avatar="heygen"):
    """Whose sound comes, for one frame of each sound that is subscribed after each step."""

    async def go():
        room, told, heard = Room(), [], []
        rtc = SimpleNamespace(
            Room=lambda: room,
            RoomOptions=lambda **_: None,
            TrackKind=SimpleNamespace(KIND_VIDEO=VIDEO),
            VideoBufferType=SimpleNamespace(I420=0),
            VideoStream=Stream,
            AudioStream=Stream,
        )
        member = RoomMember(rtc, SimpleNamespace(put=told.append))
        member.carry_out(m.Join(Secret("wss://x"), Secret("t"), avatar))
        member.carry_out(m.Receive(wanted=True))
        for verb, *names in steps:
            getattr(room, verb)(*names)
            await asyncio.sleep(0.1)
            told.clear()
            room.sound()
            await asyncio.sleep(0.1)
            heard.append([event.samples.decode() for event in told if isinstance(event, m.Sound)])
        room.close()
        await asyncio.sleep(0.1)
        return heard

    return run_virtual(go())


def test_of_two_who_show_a_picture_the_avatar_alone_is_received():
    """Sound of both would be laid end to end: words in pieces, and twice as long."""
    assert heard_after(
        ("publish", "guest", "video g", "sound g"), ("publish", "heygen", "sound a", "video a")
    ) == [["sound g"], ["sound a"]]


def test_an_avatar_under_any_name_stays_when_somebody_s_camera_comes_on():
    assert heard_after(
        ("publish", "guest", "sound g"),
        ("publish", "agent-7", "video a", "sound a"),
        ("publish", "guest", "video g"),
    ) == [[], ["sound a"], ["sound a"]]


def test_a_track_that_is_published_anew_takes_the_place_of_the_one_before():
    """Whether the one before goes first, after it, or is muted and stays."""
    begin = ("publish", "heygen", "video a", "sound 1")
    assert heard_after(
        begin, ("unpublish", "heygen", "sound 1"), ("publish", "heygen", "sound 2")
    ) == [["sound 1"], [], ["sound 2"]]
    assert heard_after(
        begin, ("publish", "heygen", "sound 2"), ("unpublish", "heygen", "sound 1")
    ) == [["sound 1"], ["sound 1"], ["sound 2"]]
    assert heard_after(begin, ("publish", "heygen", "sound 2"), ("mute", "heygen", "sound 1")) == [
        ["sound 1"],
        ["sound 1"],
        ["sound 2"],
    ]


def test_a_picture_that_is_published_anew_leaves_the_sound():
    assert (
        heard_after(
            ("publish", "heygen", "video 1", "sound"),
            ("unpublish", "heygen", "video 1"),
            ("publish", "heygen", "video 2"),
        )
        == [["sound"]] * 3
    )
