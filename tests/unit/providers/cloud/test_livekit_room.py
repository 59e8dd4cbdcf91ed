"""A place in a room, with a process in between that may end at any time."""

import asyncio

import numpy as np
import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.errors import AuthenticationError, MediaError, MissingPart, NoAnswer, SpeechFailed
from ipyavatar.protocol.grants import StreamGrant
from ipyavatar.providers.cloud.livekit_room import (
    LOAD_S,
    PICTURES_AHEAD,
    SEND_S,
    LiveKitRoom,
    _failure,
)
from ipyavatar.providers.cloud.room_process import messages as m
from ipyavatar.providers.cloud.service_events import GAP
from ipyavatar.providers.heygen.profile import PROFILE
from tests.support.fakes.room_process import FakeRoomProcess
from tests.support.virtual_time import run_virtual

GRANT = StreamGrant("livekit", Secret("wss://x"), Secret("t"))


class Ears:
    """Notes what comes of a stream."""

    def __init__(self):
        self.sounds, self.pictures, self.lost = [], [], []

    def on_sound(self, samples):
        self.sounds.append(samples.tolist())

    def on_picture(self, at, picture):
        self.pictures.append((at, picture.shape))

    def on_lost(self, error):
        self.lost.append(error)


def play(scenario, *, joined=True):
    async def go():
        events = []
        room = LiveKitRoom(events.append, make_process=FakeRoomProcess)
        process = room._process
        if joined:
            process.tell(m.Loaded())
            process.tell(m.Joined())
            await room.load()
            assert await room.join(GRANT, 1.0) == ""
            process.commands.clear()
        await scenario(room, process, events)

    run_virtual(go())


def test_what_the_service_tells_is_passed_on_and_anything_else_is_not():
    async def scenario(room, process, events):
        process.tell(m.Data("", b'{"type": "avatar_start_talking", "task_id": "1"}'))
        process.tell(m.Data("chat", b'{"type": "avatar_start_talking"}'))
        process.tell(m.Data("", b"\xff"))
        assert [event.kind for event in events] == ["avatar_started"]

    play(scenario)


@pytest.mark.parametrize("how", [m.Line(up=False), m.Left("SIGNAL_CLOSE")])
def test_that_the_line_is_lost_is_told_once(how):
    """What the service tells meanwhile is not waited for."""

    async def scenario(room, process, events):
        process.tell(how)
        process.tell(m.Left("SIGNAL_CLOSE"))
        assert events == [GAP]

    play(scenario)


def test_who_leaves_has_lost_nothing():
    async def scenario(room, process, events):
        await room.close()
        assert events == []

    play(scenario)


def test_sound_and_pictures_come_while_somebody_listens():
    """A picture is acknowledged in any case: the process sends no more than are taken."""

    async def scenario(room, process, events):
        ears = Ears()
        room.receive(ears)
        assert process.commands == [m.TakePictures(PICTURES_AHEAD), m.Receive(wanted=True)]
        process.tell(m.Sound(np.array([1, -2], "<i2").tobytes()))
        process.tell(m.Picture(1.5, 4, 2, bytes(12)))
        room.stop_receiving()
        process.tell(m.Sound(bytes(4)))
        process.tell(m.Picture(1.6, 4, 2, bytes(12)))
        assert (ears.sounds, ears.pictures) == ([[1, -2]], [(1.5, (3, 4))])
        assert process.commands[2:] == [
            m.TakePictures(1),
            m.Receive(wanted=False),
            m.TakePictures(1),
        ]

    play(scenario)


def test_a_picture_that_is_none_disturbs_nothing(caplog):
    async def scenario(room, process, events):
        ears = Ears()
        room.receive(ears)
        process.tell(m.Picture(1.5, 4, 2, bytes(7)))
        process.tell(m.Picture(1.6, 4, 2, bytes(12)))
        assert len(ears.pictures) == 1

    play(scenario)
    assert "7 bytes" in caplog.text


def test_a_process_that_dies_ends_this_connection_and_nothing_else():
    """Who sends, listens or waits is told; it is known for a mishap."""

    async def scenario(room, process, events):
        ears = Ears()
        room.receive(ears)
        sending = asyncio.create_task(room.send("t", b"1"))
        await asyncio.sleep(0)
        assert room.hears
        process.die("its process ended with code -6")
        with pytest.raises(SpeechFailed, match="code -6"):
            await sending
        with pytest.raises(SpeechFailed, match="no orders from here: its process ended"):
            await room.send("t", b"2")
        assert (room.broken, room.hears) == (True, False)
        (lost,) = ears.lost
        assert isinstance(lost, MediaError)
        assert "code -6" in str(lost)

    play(scenario)


@pytest.mark.parametrize("reason", ["ROOM_DELETED", "DUPLICATE_IDENTITY"])
def test_who_is_put_out_is_not_broken(reason):
    async def scenario(room, process, events):
        process.tell(m.Left(reason))
        process.die("its process ended with code 0")
        assert (room.broken, room.hears) == (False, False)

    play(scenario)


def test_what_we_left_ourselves_is_no_loss():
    """And closing twice is harmless."""

    async def scenario(room, process, events):
        ears = Ears()
        room.receive(ears)
        room.stop_receiving()
        await room.close()
        await room.close()
        await asyncio.sleep(0)
        assert (room.broken, ears.lost, room.gone.result()) == (False, [], "it was closed here")

    play(scenario)


def test_while_the_line_is_mended_nothing_is_heard():
    async def scenario(room, process, events):
        process.tell(m.Line(up=False))
        assert not room.hears
        process.tell(m.Line(up=True))
        assert room.hears

    play(scenario)


def test_each_order_has_its_own_answer():
    """One that never comes is not waited for for ever."""

    async def scenario(room, process, events):
        first, second = (asyncio.create_task(room.send("t", bytes([n]))) for n in (1, 2))
        await asyncio.sleep(0)
        one, two = process.commands
        process.tell(m.Sent(two.number, "PublishDataError"))
        process.tell(m.Sent(one.number))
        process.tell(m.Sent(99))
        await first
        with pytest.raises(SpeechFailed, match="PublishDataError"):
            await second
        with pytest.raises(SpeechFailed, match=f"within {SEND_S:g} s"):
            await room.send("t", b"3")

    play(scenario)


@pytest.mark.parametrize("how", ["not there", "silent", "dead"])
def test_without_the_library_it_is_told_what_to_install(how):
    """Whatever it is that keeps it from being loaded."""

    async def scenario(room, process, events):
        if how == "not there":
            process.tell(m.NotLoaded("ModuleNotFoundError: No module named 'livekit'"))
        elif how == "dead":
            process.die("its process ended with code 127")
        began = asyncio.get_running_loop().time()
        with pytest.raises(MissingPart, match=r"pip install \"ipyavatar\[livekit\]\""):
            await room.load()
        waited = asyncio.get_running_loop().time() - began
        assert waited == (LOAD_S if how == "silent" else 0)

    play(scenario, joined=False)


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        ("signal failure: client error: 401 Unauthorized - token is expired", 1, "has run out"),
        ("validation failed, token is expired (exp)", 1, "has run out"),
        ("signal failure: client error: 403 Forbidden", 1, "this session."),
        ("signal failure: io error", 0, "cannot be joined"),
        ("invalid peer certificate: certificate expired", 0, "cannot be joined"),
    ],
)
def test_why_a_room_cannot_be_joined_is_told_in_our_words(words, kind, told):
    """A session gets no other token, so there is one way out."""
    error = _failure(PROFILE, words, 1.0)
    assert isinstance(error, AuthenticationError if kind else NoAnswer)
    assert told in error.what
    assert ("start another" in error.fix) == bool(kind)


def test_a_message_that_holds_a_token_does_not_show_it():
    join = m.Join(Secret("wss://seeded-secret"), Secret("seeded-secret"))
    assert "seeded-secret" not in repr(join)
    assert m.decode_command(m.encode(join)[4:]).token.reveal() == "seeded-secret"
