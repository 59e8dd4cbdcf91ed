"""A recorder: sound is never left out, captions end in time, and every end is told."""

import threading

import numpy as np
import pytest

from ipyavatar.errors import MediaError
from ipyavatar.media.recorder import PACKET, WAITING_PICTURES, Recorder, fit_i420
from ipyavatar.media.sinks import SpokenCaption

PICTURE = np.zeros((90, 60), np.uint8)
WAIT_S = 20.0


class FakeMovie:
    """Writes down what it is given; waits before the first picture until it may."""

    path = "a.mp4"

    def __init__(self, may_go, fails=False):
        self.may_go, self.fails = may_go, fails
        self.samples, self.shown, self.cues = 0, [], []
        self.seconds, self.bytes, self.closed = 0.0, 0, False

    def put_audio(self, audio):
        if self.fails:
            raise MediaError("full")
        self.samples += len(audio)
        self.seconds = self.samples / 48_000

    def put_picture(self, position, picture):
        self.may_go.wait(WAIT_S)
        self.shown.append((position, picture.shape))

    def put_cue(self, cue):
        self.cues.append((cue.start, cue.end, cue.text))

    def show(self, cue):
        pass

    def close(self):
        self.closed = True


class Recorded:
    """A recorder, its movie, and how it ended."""

    def __init__(self, *, held=False, fails=False):
        self.may_go, self.over = threading.Event(), threading.Event()
        if not held:
            self.may_go.set()
        self.ends, self.sizes = [], []
        self.movie = FakeMovie(self.may_go, fails)
        self.recorder = Recorder(self._make, lambda: None, self._on_end, lambda: 50.0)

    def _make(self, size):
        self.sizes.append(size)
        return self.movie

    def _on_end(self, error):
        self.ends.append(error)
        self.over.set()

    def play(self, seconds, begin=0):
        for number in range(round(seconds * 50)):
            start = begin + number * PACKET
            self.recorder.put_audio(start, None)
            if number % 2 == 0:
                self.recorder.put_picture(start, PICTURE)

    def finish(self):
        self.may_go.set()
        self.recorder.end()
        assert self.over.wait(WAIT_S)


def test_a_slow_encoder_costs_pictures_and_no_sound():
    """What was left out is counted, and it is waited for while it is busy."""
    recorded = Recorded(held=True)
    recorded.play(4.0)
    assert recorded.recorder.hold_until is not None
    recorded.finish()
    assert recorded.movie.samples == 4 * 48_000
    left_out = recorded.recorder.dropped
    assert len(recorded.movie.shown) + left_out == 100
    assert len(recorded.movie.shown) <= WAITING_PICTURES + 2
    assert recorded.ends == [None]
    assert recorded.movie.closed


def test_the_clock_of_a_movie_begins_with_it():
    """Whatever the time of the session was; its size is that of the first picture."""
    recorded = Recorded()
    recorded.recorder.put_audio(480_000, None)
    recorded.recorder.put_picture(480_000, PICTURE)
    recorded.recorder.put_audio(480_960, None)
    recorded.recorder.put_picture(481_920, np.zeros((180, 120), np.uint8))
    recorded.finish()
    assert recorded.sizes == [(60, 60)]
    assert recorded.movie.shown == [(0, (90, 60)), (1920, (90, 60))]


def test_a_caption_ends_where_it_was_cut_off():
    """By an interrupt, by the next one, or by the end of the recording."""
    recorded = Recorded()
    recorded.play(1.0)
    recorded.recorder.put_caption(SpokenCaption(48_000, 5.0, "One.", ()))
    recorded.play(1.0, 48_000)
    recorded.recorder.put_caption(SpokenCaption(96_000, 0.0, "", ()))
    recorded.recorder.put_caption(SpokenCaption(96_000, 9.0, "Two.", ()))
    recorded.play(1.0, 96_000)
    recorded.finish()
    assert recorded.movie.cues == [(1.0, 2.0, "One."), (2.0, 3.0, "Two.")]


@pytest.mark.parametrize(
    ("at", "cues"),
    [
        (-60, []),
        (-2, [(0, 1, "Told before.")]),
        (0.5, [(0.5, 2, "Told before.")]),
    ],
)
def test_a_caption_that_comes_before_the_first_sound_moves_nothing(at, cues):
    """It may be from before the recording; the movie begins with its first sound."""
    recorded = Recorded()
    begin = 100 * 48_000
    early = SpokenCaption(begin + round(at * 48_000), 3.0, "Told before.", (("Told", 0.0, 0.4),))
    recorded.recorder.put_caption(early)
    recorded.play(2.0, begin)
    recorded.finish()
    assert recorded.movie.shown[0][0] == 0
    assert recorded.movie.cues == cues


def test_what_cannot_be_written_ends_the_recording_and_nothing_else():
    """The reason is told once; what comes after is taken and thrown away."""
    recorded = Recorded(fails=True)
    recorded.play(1.0)
    assert recorded.over.wait(WAIT_S)
    recorded.play(1.0, 48_000)
    recorded.recorder.end()
    assert [str(error) for error in recorded.ends] == ["full"]
    assert not recorded.recorder.pictures
    assert recorded.recorder.hold_until is None


def test_a_recording_of_nothing_ends_as_well():
    """Ended before there was a picture."""
    recorded = Recorded()
    recorded.finish()
    assert recorded.ends == [None]


@pytest.mark.parametrize("size", [(40, 20), (200, 160)])
def test_a_picture_is_made_to_fit(size):
    """All three planes of it."""
    picture = np.zeros((90, 60), np.uint8)
    picture[60:75], picture[75:] = 100, 200
    out = fit_i420(picture, *size)
    assert out.shape == (size[1] * 3 // 2, size[0])
    quarter = size[1] + size[1] // 4
    assert (out[: size[1]] == 0).all()
    assert (out[size[1] : quarter] == 100).all()
    assert (out[quarter:] == 200).all()


def test_each_caption_is_told_once_as_it_is_in_the_movie():
    """While it is recorded, and at its end; also where the file has no track for them."""
    recorded = Recorded()
    recorded.play(1.0)
    recorded.recorder.put_caption(SpokenCaption(48_000, 1.0, "One.", (("One.", 0.0, 0.5),)))
    recorded.play(2.0, 48_000)
    recorded.recorder.put_caption(SpokenCaption(144_000, 9.0, "Two.", ()))
    recorded.play(1.0, 144_000)
    recorded.finish()
    cues = recorded.recorder.take_cues()
    assert [(cue.start, cue.end, cue.text) for cue in cues] == recorded.movie.cues
    assert recorded.movie.cues == [(1.0, 2.0, "One."), (3.0, 4.0, "Two.")]
    assert recorded.recorder.take_cues() == []


def test_a_line_of_which_more_is_told_is_one_caption():
    """A service tells its answers word by word, after a sign that it thinks."""
    recorded = Recorded()
    recorded.play(1.0)
    texts = ["…", "The sky", "The sky is blue.", "That is", "That is all."]
    for number, text in enumerate(texts, 1):
        recorded.recorder.put_caption(SpokenCaption(number * 48_000, 5.0, text, ()))
        recorded.play(1.0, number * 48_000)
    recorded.finish()
    assert recorded.movie.cues == [(2.0, 4.0, "The sky is blue."), (4.0, 6.0, "That is all.")]


def test_a_caption_lasts_as_long_as_its_sound_which_comes_in_parts():
    """A user's sound, or that of a voice of theirs: only the first part has the text."""
    recorded = Recorded()
    recorded.play(1.0)
    recorded.recorder.put_caption(SpokenCaption(48_000, 0.08, "One.", ()))
    recorded.play(0.2, 48_000)  # pictures come ahead of what goes on
    for number in range(4):
        part = SpokenCaption(51_840 + 24_000 * number, 0.5, "", (), goes_on=True)
        recorded.recorder.put_caption(part)
        recorded.play(0.5, 57_600 + 24_000 * number)
    recorded.play(1.0, 153_600)
    recorded.recorder.put_caption(SpokenCaption(201_600, 0.0, "", ()))
    recorded.finish()
    assert recorded.movie.cues == [(1.0, pytest.approx(3.08), "One.")]


def test_nothing_goes_on_where_nothing_was_said():
    recorded = Recorded()
    recorded.play(1.0)
    recorded.recorder.put_caption(SpokenCaption(48_000, 1.0, "", (), goes_on=True))
    recorded.play(1.0, 48_000)
    recorded.finish()
    assert recorded.movie.cues == []
