"""What a page plays, as it comes from there: asked for, acknowledged, bounded, and lost."""

import asyncio

import numpy as np
import pytest

from ipyavatar.engine.playout import SAMPLE_RATE
from ipyavatar.errors import CannotRecord, MediaError
from ipyavatar.media.container_reader import Picture, Sound
from ipyavatar.protocol.page_media import MediaOver, MediaPiece, MediaTaken, SendMedia, StopMedia
from ipyavatar.providers.cloud.page_reception import (
    ASK_EVERY_S,
    BEGIN_S,
    ENOUGH_WAITING,
    HOLD_S,
    MOST_WAITING,
    PAGE_IS_FULL,
    SILENT_S,
    PageReception,
)
from tests.support.virtual_time import VirtualClock, run_virtual

WEBM = "video/webm;codecs=vp8,opus"
PICTURE = np.zeros((6, 4), np.uint8)
TENTH = np.ones(SAMPLE_RATE // 10, np.int16)


class Reader:
    def __init__(self, kind, on_item, on_end):
        self.kind, self.on_item, self.on_end = kind, on_item, on_end
        self.fed, self.waiting, self.released, self.ended, self.closed = [], 0, 0, False, False

    def feed(self, data):
        self.fed.append(data)

    def end(self):
        self.ended = True
        self.on_end(None)

    def release(self):
        self.released += 1

    def close(self):
        self.closed = True


class Listener:
    def __init__(self):
        self.sounds, self.pictures, self.lost, self.held = [], [], [], []

    async def wait_taken(self, within_s):
        self.held.append(within_s)

    def on_sound(self, samples, played_at=None):
        self.sounds.append((len(samples), played_at))

    def on_picture(self, at, picture, early_s=0.0):
        self.pictures.append((at, round(early_s, 3)))

    def on_lost(self, error):
        self.lost.append(error.what)


class Scene:
    def __init__(self):
        self.told, self.readers, self.listener, self.clock = [], [], Listener(), VirtualClock()
        self.reception = PageReception(
            "page", self.listener, self.told.append, self.clock, self._open
        )

    def _open(self, kind, on_item, on_end):
        if kind != WEBM:
            raise MediaError("Unknown.")
        self.readers.append(Reader(kind, on_item, on_end))
        return self.readers[-1]

    def piece(self, number, data=None, kind=WEBM, recorded_ms=0.0, waiting=0):
        name = self.reception.sending
        message = MediaPiece("page", name, number, kind, recorded_ms, waiting)
        self.reception.take(message, [] if data is None else [data])

    async def begin(self):
        beginning = asyncio.ensure_future(self.reception.begin())
        await asyncio.sleep(0.1)
        self.piece(1, b"")
        await beginning

    def taken(self):
        return [one.number for one in self.told if isinstance(one, MediaTaken)]


def play(scenario):
    async def go():
        scene = Scene()
        try:
            await scenario(scene)
        finally:
            await scene.reception.close()

    run_virtual(go())


def test_the_page_is_asked_until_it_begins():
    async def scenario(scene):
        beginning = asyncio.ensure_future(scene.reception.begin())
        await asyncio.sleep(2.5 * ASK_EVERY_S)
        assert scene.told == [SendMedia("page", scene.reception.sending)] * 3
        scene.piece(1, b"")
        await beginning
        assert scene.taken() == [1]

    play(scenario)


def test_one_that_does_not_begin_is_given_up():
    async def scenario(scene):
        with pytest.raises(MediaError, match="has not begun"):
            await scene.reception.begin()
        assert scene.clock.now() == pytest.approx(BEGIN_S, abs=ASK_EVERY_S)

    play(scenario)


@pytest.mark.parametrize(("final", "kind"), [(True, CannotRecord), (False, MediaError)])
def test_one_that_cannot_says_so(final, kind):
    """What another try would not change is an error of its own."""

    async def scenario(scene):
        beginning = asyncio.ensure_future(scene.reception.begin())
        await asyncio.sleep(0)
        over = MediaOver("page", scene.reception.sending, "No recorder.", "Update.", final)
        scene.reception.end(over)
        with pytest.raises(MediaError, match=r"No recorder\. Update\.") as raised:
            await beginning
        assert type(raised.value) is kind

    play(scenario)


def test_what_cannot_be_used_is_the_end_of_it_and_told():
    """Whatever is raised: a page that goes on sending is given up all the same."""

    async def scenario(scene):
        await scene.begin()
        scene.listener.on_sound = lambda samples, played_at=None: 1 / 0
        scene.readers[0].on_item(Sound(0.0, TENTH))
        await asyncio.sleep(0.1)
        (lost,) = scene.listener.lost
        assert "ZeroDivisionError" in lost

    play(scenario)


def test_pieces_are_read_once_and_in_order_whatever_comes_again():
    async def scenario(scene):
        await scene.begin()
        for number, data in [(2, b"a"), (4, b"c"), (2, b"a"), (3, b"b"), (9, b"x"), (4, b"c")]:
            scene.piece(number, data)
        scene.piece(5)  # without its bytes
        assert scene.readers[0].fed == [b"", b"a", b"b", b"c"]
        assert scene.taken() == [1, 2, 2, 2, 3, 3, 4, 4]

    play(scenario)


def test_what_is_not_decoded_yet_holds_the_page_back():
    async def scenario(scene):
        await scene.begin()
        (reader,) = scene.readers
        reader.waiting = ENOUGH_WAITING + 1
        scene.piece(2, b"a")
        assert scene.taken() == [1]
        reader.waiting = 0
        reader.on_item(Sound(0.0, TENTH))
        await asyncio.sleep(1)
        assert scene.taken() == [1, 2]

    play(scenario)


def test_a_page_that_is_not_held_back_is_not_ours():
    async def scenario(scene):
        await scene.begin()
        scene.readers[0].waiting = MOST_WAITING + 1
        scene.piece(2, b"a")
        assert "more than it was asked for" in scene.listener.lost[0]

    play(scenario)


def test_a_type_that_cannot_be_read_is_said_at_the_beginning():
    async def scenario(scene):
        beginning = asyncio.ensure_future(scene.reception.begin())
        await asyncio.sleep(0)
        scene.piece(1, b"", kind="video/ogg")
        with pytest.raises(MediaError, match="Unknown"):
            await beginning

    play(scenario)


def test_sound_has_the_time_it_was_played_at_and_a_picture_that_of_its_sound():
    """However late a message comes: the one that was fastest tells when the file began."""

    async def scenario(scene):
        await scene.begin()  # at 0.1
        (reader,) = scene.readers
        await asyncio.sleep(2)
        scene.piece(2, b"a", recorded_ms=2_050)
        reader.on_item(Sound(0.5, TENTH))
        reader.on_item(Picture(0.62, PICTURE))
        await asyncio.sleep(1)
        ((count, played_at),) = scene.listener.sounds
        assert (count, played_at) == (len(TENTH), pytest.approx(0.05 + 0.5))
        assert scene.listener.pictures == [(0.62, 0.02)]
        assert reader.released == 2

    play(scenario)


@pytest.mark.parametrize(("waiting", "held"), [(0, [HOLD_S]), (PAGE_IS_FULL, [])])
def test_a_recording_that_is_busy_is_waited_for_while_the_page_has_room(waiting, held):
    async def scenario(scene):
        await scene.begin()
        scene.piece(2, b"a", waiting=waiting)
        scene.readers[0].on_item(Picture(0.0, PICTURE))
        await asyncio.sleep(1)
        assert scene.listener.held == held

    play(scenario)


def test_what_the_page_has_sent_comes_before_its_end():
    async def scenario(scene):
        await scene.begin()
        scene.readers[0].on_item(Sound(0.0, TENTH))
        scene.reception.end(MediaOver("page", scene.reception.sending, "The page has gone."))
        assert scene.listener.lost == []
        await asyncio.sleep(1)
        assert (len(scene.listener.sounds), scene.listener.lost) == (1, ["The page has gone."])

    play(scenario)


@pytest.mark.parametrize("error", [MediaError("Broken."), None])
def test_a_file_that_ends_is_lost(error):
    async def scenario(scene):
        await scene.begin()
        scene.readers[0].on_end(error)
        await asyncio.sleep(1)
        assert len(scene.listener.lost) == 1

    play(scenario)


def test_one_of_which_nothing_comes_is_gone():
    async def scenario(scene):
        await scene.begin()
        await asyncio.sleep(SILENT_S - 1)
        scene.piece(2, b"a")
        await asyncio.sleep(SILENT_S - 1)
        assert scene.listener.lost == []
        await asyncio.sleep(2)
        assert len(scene.listener.lost) == 1

    play(scenario)


def test_when_nobody_wants_it_the_page_is_told_and_nothing_more_is():
    async def scenario(scene):
        await scene.begin()
        await scene.reception.close()
        assert scene.told[-1] == StopMedia("page", scene.reception.sending)
        assert scene.readers[0].closed
        scene.reception.lose(MediaError("Gone."))
        assert scene.listener.lost == []

    play(scenario)
