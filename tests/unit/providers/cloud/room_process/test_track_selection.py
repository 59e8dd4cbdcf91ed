"""Which tracks of a room are the avatar's."""

import pytest

from ipyavatar.providers.cloud.room_process.track_selection import (
    OfferedTrack,
    Selection,
    select_tracks,
)


def offer(*names):
    """Tracks by names such as `guest.video1`, `guest.sound1!` (muted)."""
    return [
        OfferedTrack(name.split(".")[0], name.rstrip("!"), ".video" in name, name.endswith("!"))
        for name in names
    ]


GUEST = ("guest.video1", "guest.sound1")
AVATAR = ("heygen.video1", "heygen.sound1")
OTHER = ("other.video1", "other.sound1")


@pytest.mark.parametrize(
    ("offered", "selected"),
    [
        ((), ()),
        (("guest.sound1",), ()),  # somebody's microphone is no avatar
        (("heygen.sound1",), ()),
        (("heygen.sound1", "heygen.video1"), AVATAR),
        ((*GUEST, *AVATAR), AVATAR),  # whoever else shows a picture
        ((*OTHER, *GUEST), OTHER),  # called otherwise: who came first
        (("guest.sound1", *OTHER), OTHER),
        ((*AVATAR, "heygen.video2", "heygen.sound2"), AVATAR),
        (("heygen.video1!", "heygen.sound1", "heygen.video2"), ("heygen.video2", "heygen.sound1")),
        (("heygen.video1!", "heygen.sound1!"), AVATAR),
    ],
)
def test_one_picture_and_the_sound_that_belongs_to_it(offered, selected):
    assert select_tracks(offer(*offered), "heygen").sids == set(selected)


@pytest.mark.parametrize(
    ("before", "offered", "selected"),
    [
        (OTHER, (*GUEST, *OTHER), OTHER),  # the guest's camera came on later
        (OTHER, (*GUEST, "other.sound1"), GUEST),
        (OTHER, (*OTHER, *AVATAR), AVATAR),
        (AVATAR, ("heygen.sound1", *GUEST), ("heygen.sound1",)),  # its picture comes anew
        (AVATAR, GUEST, GUEST),
        (AVATAR, (), ()),
        (("heygen.video2", "heygen.sound1"), (*AVATAR, "heygen.video2"), None),  # no way back
    ],
)
def test_what_is_received_stays_while_it_can(before, offered, selected):
    present = Selection(before[0].split(".")[0], frozenset(before))
    sids = select_tracks(offer(*offered), "heygen", present).sids
    assert sids == set(before if selected is None else selected)
