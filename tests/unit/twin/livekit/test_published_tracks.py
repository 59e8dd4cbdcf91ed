"""What a client says it publishes, and the sections in which it does."""

import pytest
from livekit.protocol import models as m
from livekit.protocol import rtc as r

from ipyavatar.twin.livekit.published_tracks import MAX_TRACKS, PublishedTracks, Section

AUDIO = Section("audio", "mic")


class World:
    """The tracks of one client, and what its room was told of them."""

    def __init__(self):
        self.told = []
        self.tracks = PublishedTracks(
            "PA_x",
            publish=lambda p: self.told.append(("+", p.info.name)),
            unpublish=lambda p: self.told.append(("-", p.info.name)),
            on_subscribed=lambda sid: self.told.append(("heard", sid)),
        )

    def add(self, name, cid="mic", kind=m.AUDIO):
        return self.tracks.add(r.AddTrackRequest(cid=cid, name=name, type=kind))

    def public(self):
        return [info.name for info in self.tracks.infos(public=True)]


def test_a_microphone_is_public_as_long_as_it_is_sent():
    world = World()
    world.add("voice")
    assert (world.public(), world.told) == ([], [])
    for _ in range(2):  # an offer repeats what goes on
        world.tracks.sync({"3": AUDIO})
    assert (world.public(), world.told) == (["voice"], [("+", "voice")])
    world.tracks.sync({})
    assert (world.public(), world.told[1:]) == ([], [("-", "voice")])
    assert world.tracks.infos(public=False) == []


def test_a_camera_is_for_nobody():
    world = World()
    world.add("camera", "cam", m.VIDEO)
    world.tracks.sync({"1": Section("video", "cam")})
    assert world.told == []
    assert [info.name for info in world.tracks.infos(public=False)] == ["camera"]


def test_tracks_are_told_apart_by_the_ids_of_their_sections():
    world = World()
    world.add("first", "one")
    world.add("second", "two")
    world.tracks.sync({"5": Section("audio", "two")})
    assert world.public() == ["second"]
    world.tracks.sync({"5": Section("audio", "two"), "6": Section("audio", "")})
    assert world.public() == ["first", "second"]


def test_another_track_in_the_same_section_takes_its_place():
    world = World()
    world.add("old", "one")
    world.tracks.sync({"1": Section("audio", "one")})
    world.add("new", "two")
    world.tracks.sync({"1": Section("audio", "two")})
    assert world.told == [("+", "old"), ("-", "old"), ("+", "new")]


def test_the_first_to_hear_it_is_told_once():
    world = World()
    published = []
    tracks = PublishedTracks(
        "PA_x",
        publish=published.append,
        unpublish=lambda _: None,
        on_subscribed=world.told.append,
    )
    info = tracks.add(r.AddTrackRequest(cid="mic", type=m.AUDIO))
    tracks.sync({"1": AUDIO})
    for _ in range(2):
        published[0].on_subscribed()
    assert world.told == [info.sid]
    tracks.close()


def test_what_is_muted_is_for_nobody_and_there_is_an_end_of_tracks():
    world = World()
    info = world.add("voice")
    assert world.tracks.mute(info.sid, True)
    assert world.tracks.infos(public=False)[0].muted
    assert not world.tracks.mute("TR_other", True)
    for _ in range(MAX_TRACKS - 1):
        world.add("more")
    with pytest.raises(ValueError, match="too many"):
        world.add("one too many")
