# ruff: noqa: RUF001 - phonemes are IPA

import numpy as np
import pytest

from ipyavatar.engine.lips import LEAD, MouthTrack, visemes
from ipyavatar.engine.pose import MOUTH_KEYS, Mouth
from ipyavatar.engine.voice.base import Phone, VoiceChunk

RATE = 24_000
JAW, PRESS, TUCK = (MOUTH_KEYS.index(k) for k in ("jaw", "press", "tuck"))


def chunk(symbols: str, each: float = 0.1, audio: np.ndarray | None = None) -> VoiceChunk:
    """Phones of equal length; the sound is a steady tone unless given."""
    phones = tuple(Phone(s, i * each, (i + 1) * each) for i, s in enumerate(symbols))
    if audio is None:
        time = np.arange(round(len(symbols) * each * RATE)) / RATE
        audio = (0.3 * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
    return VoiceChunk(audio, RATE, phones, (), "")


def middle(index: int, each: float = 0.1) -> float:
    """When the lips are in the middle of a phone: they lead its sound."""
    return (index + 0.5) * each - LEAD


@pytest.mark.parametrize("lips", "pbm")
def test_the_lips_are_shut_in_the_middle_of_p_b_m(lips: str) -> None:
    mouth = MouthTrack.of(chunk(f"ɑ{lips}ɑ")).at(middle(1))
    assert mouth.press == pytest.approx(1.0)
    assert mouth.jaw < 0.01


@pytest.mark.parametrize("lips", "fv")
def test_the_lower_lip_is_under_the_teeth_on_f_v(lips: str) -> None:
    mouth = MouthTrack.of(chunk(f"ɑ{lips}ɑ")).at(middle(1))
    assert mouth.tuck == pytest.approx(1.0)
    assert mouth.jaw <= 0.17


def test_even_the_shortest_closure_lasts_two_frames_of_25_fps() -> None:
    track = MouthTrack.of(chunk("ɑɑɑɑpɑɑɑɑ", each=0.025))
    assert np.count_nonzero(track.values[:, PRESS] > 0.9) >= 0.05 * track.rate


def test_the_jaw_is_open_on_aa_and_the_lips_are_not_pressed() -> None:
    mouth = MouthTrack.of(chunk("tɑt", each=0.15)).at(middle(1, 0.15))
    assert mouth.jaw > 0.5
    assert mouth.press == 0.0


@pytest.mark.parametrize(
    ("symbol", "key", "least"), [("u", "round", 0.6), ("i", "wide", 0.45), ("s", "teeth", 0.6)]
)
def test_each_sound_has_its_shape(symbol: str, key: str, least: float) -> None:
    mouth = MouthTrack.of(chunk(f"t{symbol}t", each=0.15)).at(middle(1, 0.15))
    assert getattr(mouth, key) > least


def test_neighbours_colour_each_other() -> None:
    before_u = MouthTrack.of(chunk("stu", each=0.08)).at(middle(1, 0.08))
    before_i = MouthTrack.of(chunk("sti", each=0.08)).at(middle(1, 0.08))
    assert before_u.round > before_i.round + 0.1
    assert before_i.wide > before_u.wide + 0.1


def test_louder_opens_wider() -> None:
    time = np.arange(round(0.6 * RATE)) / RATE
    swell = (np.where(time < 0.3, 0.03, 0.4) * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
    track = MouthTrack.of(chunk("ɑɑɑɑɑɑ", audio=swell))
    assert track.at(0.45).jaw > 1.3 * track.at(0.15).jaw


def test_a_diphthong_moves_between_two_shapes() -> None:
    assert [s.viseme for s in visemes(chunk("tWt").phones)] == ["DD", "aa", "U", "DD"]


def test_stress_and_length_marks_lend_their_time_to_the_vowel() -> None:
    vowel = visemes(chunk("tˈɑːt").phones)[1]
    assert (vowel.viseme, vowel.start, vowel.end) == ("aa", 0.1, 0.4)


def test_a_short_gap_keeps_the_mouth_in_motion_and_a_long_one_rests_it() -> None:
    assert "sil" not in [s.viseme for s in visemes(chunk("ɑ ɑ", each=0.05).phones)]
    assert MouthTrack.of(chunk("ɑ,ɑ", each=0.4)).at(middle(1, 0.4)).jaw < 0.15


def test_stress_is_a_bump_at_its_mark() -> None:
    track = MouthTrack.of(chunk("tətəˈtɑ"))
    assert track.stress_at(0.4) == pytest.approx(1.0)
    assert track.stress_at(0.0) < 0.01
    assert track.stress_at(99.0) == 0.0


def test_between_rows_it_is_interpolated_and_outside_at_rest() -> None:
    track = MouthTrack.of(chunk("tɑt"))
    between = track.at(0.105)
    expected = (track.at(0.10).jaw + track.at(0.11).jaw) / 2
    assert between.jaw == pytest.approx(expected, abs=1e-6)
    assert track.at(-0.01) == Mouth()
    assert track.at(9.0) == Mouth()


def test_without_phonemes_the_jaw_follows_the_sound() -> None:
    time = np.arange(RATE) / RATE
    burst = (np.where(time > 0.5, 0.3, 0.0) * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
    track = MouthTrack.of(VoiceChunk(burst, RATE, (), (), ""))
    assert track.at(0.25).jaw == 0.0
    assert track.at(0.75).jaw > 0.4


def test_silence_and_nothing_are_a_mouth_at_rest() -> None:
    silence = MouthTrack.of(VoiceChunk(np.zeros(RATE, np.float32), RATE, (), (), ""))
    assert not silence.values.any()
    assert MouthTrack.of(VoiceChunk(np.zeros(0, np.float32), RATE, (), (), "")).at(0.0) == Mouth()


def test_values_stay_in_the_ranges_of_a_mouth() -> None:
    values = MouthTrack.of(chunk("pˈɑfuθɪʃɔmWvAkzŋɹ", each=0.06)).values
    assert values.dtype == np.float32
    assert values.shape[1] == len(MOUTH_KEYS)
    assert values.min() >= -0.3
    assert values.max() <= 1.0
