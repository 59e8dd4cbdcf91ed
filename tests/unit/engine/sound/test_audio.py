"""Sound as users give it: what is taken, and what is refused with its reason."""

import array
import io
import wave

import numpy as np
import pytest

from ipyavatar.engine.sound.audio import Audio, SoundReader, as_audio
from ipyavatar.errors import InvalidArgument

RATE = 8_000
TONE = (0.5 * np.sin(np.arange(RATE) / 5)).astype(np.float32)


def heard(audio):
    read = audio.reader()
    blocks = [block for raw in audio.raw() for block in read(raw)]
    return np.concatenate([block.audio for block in blocks]), {block.rate for block in blocks}


def wav(samples, rate=RATE):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((samples * 32767).astype("<i2").tobytes())
    return file.getvalue()


FORMS = {
    "floats": TONE,
    "doubles": TONE.astype(np.float64),
    "16 bit": (TONE * 32768).astype(np.int16),
    "32 bit": (TONE * 2.0**31).astype(np.int32),
    "8 bit": (TONE * 128 + 128).astype(np.uint8),
    "list": TONE.tolist(),
    "list of integers": (TONE * 32768).astype(int).tolist(),
    "stereo": np.stack([TONE, TONE], 1),
    "channels first": np.stack([TONE, TONE]),
    "raw bytes": (TONE * 32768).astype("<i2").tobytes(),
    "packed": array.array("f", TONE),
    "packed integers": array.array("h", (TONE * 32768).astype(np.int16).tobytes()),
    "a view of floats": memoryview(TONE),
    "a view of bytes": memoryview((TONE * 32768).astype("<i2").tobytes()),
    "views": [memoryview(TONE[:3000]), memoryview(TONE[3000:])],
    "chunks": [TONE[:3000], TONE[3000:]],
    "bytes cut within a sample": [
        (TONE * 32768).astype("<i2").tobytes()[:3001],
        (TONE * 32768).astype("<i2").tobytes()[3001:],
    ],
    "chunks with a rate": [(TONE[:10], RATE), (TONE[10:], RATE)],
    "audios": [Audio(TONE[:10], RATE), Audio(TONE[10:], RATE)],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_samples_is_the_same_sound(form):
    samples, rates = heard(Audio(FORMS[form], RATE))
    assert rates == {RATE}
    assert samples.shape == TONE.shape
    assert np.abs(samples - TONE).max() < 0.01


def test_a_file_knows_its_rate_and_length(tmp_path):
    path = tmp_path / "tone.wav"
    path.write_bytes(wav(TONE))
    for source in (path, str(path), path.read_bytes()):
        audio = Audio(source, text="A tone.")
        assert audio.duration == pytest.approx(1.0, abs=0.01)
        samples, rates = heard(audio)
        assert rates == {RATE}
        assert np.abs(samples - TONE).max() < 0.01
    assert as_audio(path).duration == as_audio(path.read_bytes()).duration


REFUSED = {
    "nan": (np.array([0.1, np.nan]), RATE, "nan or inf"),
    "infinite": ([0.1, float("inf")], RATE, "nan or inf"),
    "three dimensions": (np.zeros((2, 9, 9)), RATE, r"\[2, 9, 9\]"),
    "a picture": (np.zeros((480, 640)), RATE, r"\[480, 640\]"),
    "one number": (np.float32(1), RATE, "shape"),
    "words": (["a", "b"], RATE, "numbers"),
    "truths": (np.ones(9, bool), RATE, "numbers"),
    "complex": (np.ones(9, complex), RATE, "numbers"),
    "ragged": ([[1.0], [1.0, 2.0]], RATE, "numbers"),
    "nothing": ([], RATE, "empty"),
    "an empty array": (np.zeros(0), RATE, "empty"),
    "no bytes": (b"", None, "empty"),
    "integers as floats": (TONE * 32768, RATE, "-1 to 1"),
    "a mapping": ({0: 0.1}, RATE, "numbers"),
    "a set": ({0.1, 0.2}, RATE, "numbers"),
    "no rate": (TONE, None, "rate"),
    "ten hours": (np.broadcast_to(np.float32(0), (36_000 * RATE,)), RATE, "36,000 s"),
    "garbage": (b"\xff\xfbnothing of a sound" * 20, None, "cannot be read"),
    "half a head": (wav(TONE)[:20], None, "sound"),
    "no such file": ("no/such.wav", None, "no sound file"),
    "a rate for a file": (wav(TONE), None, ""),
    "None": (None, RATE, "numbers"),
    "an Audio": (Audio(TONE, RATE), None, "already"),
} | {
    f"a rate of {rate!r}": (TONE, rate, "rate=")
    for rate in (0, -1, 3_999, 192_001, 24_000.5, float("nan"), float("inf"), "24k", True, 10**400)
}


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "a rate for a file"])
def test_what_is_no_sound_is_refused_at_once(name):
    source, rate, said = REFUSED[name]
    with pytest.raises(InvalidArgument, match=said) as caught:
        Audio(source, rate)
    assert caught.value.fix


def test_iterators_are_spoken_once_and_lists_as_often_as_one_likes():
    once, often = Audio(iter([TONE]), RATE), Audio([TONE], RATE)
    for audio in (once, often):
        assert len(heard(audio)[0]) == RATE
    assert len(heard(often)[0]) == RATE
    with pytest.raises(InvalidArgument, match="only once"):
        once.raw()


@pytest.mark.parametrize("piece", [np.array([np.nan]), "text", np.zeros((3, 9, 9)), (TONE, 0)])
def test_a_bad_chunk_is_refused_when_it_comes(piece):
    with pytest.raises(InvalidArgument):
        list(SoundReader(RATE)(piece))


def test_an_empty_chunk_is_nothing():
    for piece in (None, b"", [], np.zeros(0)):
        assert list(SoundReader(RATE)(piece)) == []


def test_samples_belong_to_the_audio():
    """Whoever goes on writing into the array changes nothing."""
    samples = TONE.copy()
    audio = Audio(samples, RATE)
    samples[:] = 0
    assert np.abs(heard(audio)[0]).max() > 0.4


def test_text_is_no_sound_and_samples_alone_are_refused():
    for text in (b"plain bytes", 5, ["a"], None):
        assert as_audio(text) is None
    with pytest.raises(InvalidArgument, match="Audio"):
        as_audio(TONE)


@pytest.mark.parametrize("shape", [(0,), (0, 2), (2, 0), (0, 0)])
def test_sound_without_a_sample_is_refused_in_every_shape(shape):
    """The mean over no channel's samples would be one that is no number."""
    with pytest.raises(InvalidArgument, match="empty"):
        Audio(np.zeros(shape), RATE)


def test_floats_beyond_every_float_are_refused_as_infinite():
    """And not by NumPy's warning."""
    with pytest.raises(InvalidArgument, match="no finite number"):
        Audio(np.full(100, 1e300), RATE)


def test_a_program_that_has_numpy_raise_may_fade_out():
    """What is all but silent is less than the smallest float that NumPy takes without a word."""
    faint = np.full(RATE, 1e-320)
    with np.errstate(all="raise"):
        samples, _ = heard(Audio(faint, RATE))
    assert np.abs(samples).max() < 1e-6
