"""A script is played whole, in order, with its captions on the clock of what is heard."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ipyavatar.core.script import Line, Script
from ipyavatar.engine.voice.base import VoiceChunk, Word
from ipyavatar.media.script_player import CHAPTER_PAUSE_S, PAUSE_S, REST_S, STEP, ScriptPlayer


class FakeVoice:
    """0.73 s of sound for each sentence."""

    def __init__(self, level):
        self.level = level

    def stream(self, text, cancel):
        for sentence in text.split(". "):
            audio = np.full(17_520, self.level, np.float32)
            yield VoiceChunk(audio, 24_000, (), (Word(sentence, 0.1, 0.6),), sentence)


class FakeOutput:
    """Keeps what it is given; looks how much work is ahead."""

    def __init__(self):
        self.sound, self.at, self.drawn, self.cues = [], [], [], []

    def put(self, position, sound, picture):
        self.at.append(position)
        self.sound.append(sound)
        self.drawn.append(picture)

    def put_cue(self, cue):
        self.cues.append((len(self.at), cue))


class FakePicture:
    def draw(self, position, timelines, speaker):
        return position, speaker


@pytest.fixture
def played():
    script = Script(
        (
            Line("ava", "One. Two. Three", "Begin"),
            Line("leo", "Four"),
            Line("ava", "Five", "End"),
        )
    )
    output, told = FakeOutput(), []
    with ThreadPoolExecutor(1) as executor:
        voices = {"ava": FakeVoice(0.25), "leo": FakeVoice(0.5)}
        player = ScriptPlayer(voices, executor, FakePicture(), output, told.append)
        player.play(script)
    return player, output, told


def test_sound_and_pictures_are_in_step(played):
    """One picture for each 40 ms of sound, without a gap, for whoever has the floor."""
    player, output, _ = played
    assert output.at == [STEP * number for number in range(len(output.at))]
    assert [at for at, _ in output.drawn] == output.at
    assert player.seconds == len(output.at) / 25
    expected = 5 * 0.73 + 2 * REST_S + PAUSE_S + CHAPTER_PAUSE_S
    assert player.seconds == pytest.approx(expected, abs=0.15)


def test_the_sentences_of_a_line_follow_each_other_without_a_gap(played):
    """Not even of one sample, although they end in the middle of a step."""
    _, output, _ = played
    sound = np.concatenate(output.sound)
    first = np.flatnonzero(sound > 0.2)[0]
    assert (sound[first : first + round(3 * 0.73 * 48_000) - 10] > 0.2).all()


def test_captions_are_where_the_words_are_heard(played):
    """Each is given when it begins, and not before."""
    player, output, _ = played
    assert [cue.text for cue in player.cues] == ["One", "Two", "Three", "Four", "Five"]
    sound = np.concatenate(output.sound)
    for steps, cue in output.cues:
        begin = round(cue.start * 48_000)
        assert sound[begin + 100] > 0.2
        assert 0 <= steps * STEP - begin + STEP <= STEP + 1
    four = player.cues[3]
    assert np.allclose(sound[round(four.start * 48_000) + 100], 0.5, atol=0.05)


def test_chapters_and_progress(played):
    """A chapter begins just before its first word."""
    player, _, told = played
    (begin, first), (end, second) = player.chapters
    assert (begin, first, second) == (0.0, "Begin", "End")
    assert 0 < player.cues[4].start - end < CHAPTER_PAUSE_S
    assert sum(told) == 23
    assert len(told) > 3  # a long line has no bar that stands still
