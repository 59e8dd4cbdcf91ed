"""A tap: what a reader is given, and what becomes of one that is slow, or never reads."""

import numpy as np

from ipyavatar.media.sinks import PATIENCE_S
from ipyavatar.media.tap import ENOUGH, KEPT_SOUND_S, MOST_PICTURES, Tap, as_message

PICTURE = np.zeros((6, 4), np.uint8)


class Read:
    """A tap, and what came out."""

    def __init__(self, kind):
        self.now = 100.0
        self.items, self.ends, self.readies = [], [], 0
        self.tap = Tap(kind, self._take, self._ready, lambda: self.now)

    def _take(self, items, ended, error):
        self.items += items
        if ended:
            self.ends.append(error)

    def _ready(self):
        self.readies += 1

    def fill(self, count, begin=0):
        for number in range(begin, begin + count):
            if self.tap.pictures:
                self.tap.put_picture(number, PICTURE)
            else:
                self.tap.put_audio(number, None)


def test_only_what_was_asked_for_is_handed_out():
    """The rest waits for the reader, in order."""
    read = Read("frames")
    read.tap.ask(2)
    read.fill(4)
    assert [at for at, _ in read.items] == [0, 1]
    read.tap.ask(5)
    assert [at for at, _ in read.items] == [0, 1, 2, 3]


def test_a_slow_reader_misses_the_oldest_pictures_and_is_told_how_many():
    """The newest few are there when it comes back."""
    read = Read("frames")
    read.fill(MOST_PICTURES + 10)
    read.tap.ask(100)
    assert [at for at, _ in read.items] == list(range(10, MOST_PICTURES + 10))
    assert read.tap.dropped == 10


def test_a_slow_reader_misses_no_sound():
    """All of it is there when it comes back."""
    read = Read("audio")
    read.fill(3000)
    read.tap.ask(10_000)
    assert [at for at, _ in read.items] == list(range(3000))
    assert read.tap.dropped == 0


def test_a_reader_that_never_reads_has_an_end():
    """What was kept is handed out, with an error that says what is missing."""
    read = Read("audio")
    most = round(KEPT_SOUND_S * 50)
    read.fill(most + 100)
    assert len(read.items) == most + 1
    assert "Nothing was read for 600 s" in str(read.ends[0])
    assert len(read.ends) == 1


def test_it_is_waited_for_while_it_reads_and_has_enough():
    """With room it takes more; full it holds, until it has not asked for a while."""
    read = Read("frames")
    read.now = 200.0
    read.tap.ask(1)
    assert read.tap.hold_until is None
    read.fill(ENOUGH["frames"] + 1)
    assert read.tap.hold_until == 200.0 + PATIENCE_S
    before = read.readies
    read.tap.ask(1)
    assert read.tap.hold_until is None
    assert read.readies == before + 1


def test_a_picture_is_copied():
    """What is drawn into the same buffer later is not seen."""
    read = Read("frames")
    picture = np.zeros((6, 4), np.uint8)
    read.tap.put_picture(0, picture)
    picture[:] = 7
    read.tap.ask(1)
    assert not read.items[0][1].any()


def test_its_end_hands_out_the_rest_once():
    """Asked for or not; nothing comes after it."""
    read = Read("frames")
    read.fill(3)
    read.tap.end()
    read.tap.end()
    read.fill(3, 10)
    assert [at for at, _ in read.items] == [0, 1, 2]
    assert read.ends == [None]


def test_messages_have_the_time_in_seconds():
    """Of a picture with its size; silence has no samples."""
    picture = as_message((48_000, PICTURE))
    assert (picture.at, picture.width, picture.height, len(picture.data)) == (1.0, 4, 4, 24)
    assert as_message((960, None)).data == b""
    assert len(as_message((960, np.zeros(960, np.float32))).data) == 3840
