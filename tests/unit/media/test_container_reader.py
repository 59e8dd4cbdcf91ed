"""A file that is read while it comes, as a browser records it."""

import threading

import av
import numpy as np
import pytest

from ipyavatar.engine.playout import SAMPLE_RATE
from ipyavatar.errors import MediaError
from ipyavatar.media.container_reader import WAITING_ITEMS, ContainerReader, Picture, Sound
from ipyavatar.media.movie import SAMPLES_PER_PICTURE, Movie

SIZE = (64, 48)
WAIT_S = 20


def make_file(path, seconds=2.0):
    """A tone, and pictures that grow lighter."""
    movie = Movie(str(path), SIZE)
    for number in range(round(seconds * 25)):
        time = (number * SAMPLES_PER_PICTURE + np.arange(SAMPLES_PER_PICTURE)) / SAMPLE_RATE
        movie.put_audio(np.sin(2 * np.pi * 440 * time).astype(np.float32) / 2)
        picture = np.full((SIZE[1] * 3 // 2, SIZE[0]), 128, np.uint8)
        picture[: SIZE[1]] = 20 + 4 * number
        movie.put_picture(number * SAMPLES_PER_PICTURE, picture)
    movie.close()
    return path.read_bytes()


class Reading:
    """A reader, and what it gave; each item is used at once, unless `holds`."""

    def __init__(self, kind="video/webm;codecs=vp8,opus", holds=False):
        self.items, self.holds, self.changed = [], holds, threading.Condition()
        self.ended, self.error = threading.Event(), None
        self.reader = ContainerReader(kind, self._take, self._end)

    def _take(self, item):
        with self.changed:
            self.items.append(item)
            self.changed.notify()
        if not self.holds:
            self.reader.release()

    def _end(self, error):
        self.error = error
        self.ended.set()

    def until(self, condition):
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.items), WAIT_S)

    def of(self, kind):
        return [item for item in self.items if isinstance(item, kind)]


@pytest.mark.parametrize("piece", [100, 4_000, 10**9])
def test_all_of_it_comes_whatever_the_pieces(tmp_path, piece):
    """Sound laid end to end, as loud as it was, and each picture with its time."""
    data = make_file(tmp_path / "a.webm")
    reading = Reading()
    for at in range(0, len(data), piece):
        reading.reader.feed(data[at : at + piece])
    reading.reader.end()
    assert reading.ended.wait(WAIT_S)
    assert reading.error is None
    sound = np.concatenate([one.samples for one in reading.of(Sound)])
    assert len(sound) / SAMPLE_RATE == pytest.approx(2, abs=0.1)
    assert np.sqrt(np.mean((sound / 32768.0) ** 2)) == pytest.approx(0.354, abs=0.05)
    pictures = reading.of(Picture)
    assert [one.at for one in pictures] == pytest.approx([n / 25 for n in range(50)], abs=0.002)
    assert pictures[-1].picture[:48].mean() - pictures[0].picture[:48].mean() > 150


def test_what_has_come_is_there_before_the_rest(tmp_path):
    data = make_file(tmp_path / "a.webm")
    reading = Reading()
    reading.reader.feed(data[: len(data) // 2])
    reading.until(lambda items: any(item.at > 0.5 for item in items))
    assert not reading.ended.is_set()
    reading.reader.close()
    assert reading.ended.wait(WAIT_S)


def test_without_sound_its_clock_goes_on_in_silence(tmp_path):
    reading = Reading()
    reading.reader.feed(_without_sound(make_file(tmp_path / "a.webm"), tmp_path))
    reading.reader.end()
    assert reading.ended.wait(WAIT_S)
    silence = np.concatenate([one.samples for one in reading.of(Sound)])
    assert not silence.any()
    assert len(silence) / SAMPLE_RATE == pytest.approx(reading.of(Picture)[-1].at, abs=0.01)


def _without_sound(data, folder):
    (folder / "both.webm").write_bytes(data)
    with av.open(folder / "both.webm") as both, av.open(folder / "b.webm", "w") as alone:
        stream = alone.add_stream_from_template(both.streams.video[0])
        for packet in both.demux(both.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                alone.mux(packet)
    return (folder / "b.webm").read_bytes()


def test_so_much_is_under_way_and_no_more_until_it_is_used(tmp_path):
    reading = Reading(holds=True)
    reading.reader.feed(make_file(tmp_path / "a.webm"))
    reading.until(lambda items: len(items) == WAITING_ITEMS)
    reading.reader.release()
    reading.until(lambda items: len(items) == WAITING_ITEMS + 1)
    assert reading.reader.waiting > 0
    reading.reader.close()
    assert reading.ended.wait(WAIT_S)
    assert reading.reader.waiting == 0


def test_closed_while_it_is_held_up_it_ends_whatever_it_was_about_to_give(tmp_path):
    """Without sound a picture is two items: silence, and itself."""
    data = _without_sound(make_file(tmp_path / "a.webm"), tmp_path)
    for used in range(2):
        reading = Reading(holds=True)
        reading.reader.feed(data)
        for _ in range(used):
            reading.reader.release()
        reading.until(lambda items, used=used: len(items) == WAITING_ITEMS + used)
        reading.reader.close()
        assert reading.ended.wait(WAIT_S)


@pytest.mark.parametrize(
    "data", [b"no file at all" * 500, bytes(9_000), b"", b"\x1aE\xdf\xa3" + bytes(9_000)]
)
def test_what_is_no_file_is_said(data):
    reading = Reading()
    reading.reader.feed(data)
    reading.reader.end()
    assert reading.ended.wait(WAIT_S)
    assert isinstance(reading.error, MediaError)


def test_a_file_that_breaks_off_is_read_as_far_as_it_came(tmp_path):
    data = make_file(tmp_path / "a.webm")
    reading = Reading()
    reading.reader.feed(data[: len(data) * 2 // 3])
    reading.reader.end()
    assert reading.ended.wait(WAIT_S)
    assert reading.of(Picture)[-1].at > 0.8


@pytest.mark.parametrize("kind", ["video/ogg", "", "text/html", "video/webm2"])
def test_a_type_that_nobody_reads_here(kind):
    with pytest.raises(MediaError, match="cannot be read here"):
        ContainerReader(kind, print, print)
