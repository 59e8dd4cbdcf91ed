"""Piper models: what is read of their files, what a model is fed, and damaged ones."""

import json
import threading

import numpy as np
import pytest

from ipyavatar.engine.voice.piper import PiperVoice, load_piper, read_config
from ipyavatar.errors import InvalidArgument, SpeechFailed
from ipyavatar.protocol.options import VoiceOptions

IDS = {sign: [number] for number, sign in enumerate("_^$ !,.?abcdefghijklmnopqrstuvwxyz")}
CONFIG = {
    "audio": {"sample_rate": 22050},
    "phoneme_type": "text",
    "inference": {"noise_scale": 0.5, "length_scale": 1.2, "noise_w": 0.7},
    "phoneme_id_map": IDS,
    "num_speakers": 2,
    "language": {"code": "de_DE"},
}


class FakeModel:
    """A second of tone, and what it was fed."""

    def __init__(self, output=None):
        self.fed = []
        tone = (0.3 * np.sin(np.arange(22_050) / 9)).astype(np.float32)
        self.output = tone[None, None, None] if output is None else output

    def run(self, names, feed):
        self.fed.append(feed)
        if isinstance(self.output, Exception):
            raise self.output
        return [self.output]


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "anna.onnx"
    path.write_bytes(b"no model at all")
    path.with_name("anna.onnx.json").write_text(json.dumps(CONFIG))
    return path


def voice_of(model, fake, told=None, **options):
    notify = print if told is None else told.append
    return PiperVoice(model, read_config(model), fake, VoiceOptions(**options), notify)


def say(voice, text):
    return list(voice.stream(text, threading.Event()))


def test_a_model_is_fed_the_numbers_of_its_phonemes(model):
    fake = FakeModel()
    (chunk,) = say(voice_of(model, fake, speed=2.0), "Ab, c.")
    (feed,) = fake.fed
    wanted = [IDS[sign][0] for sign in "^_" + "".join(f"{sign}_" for sign in "ab, c.") + "$"]
    assert feed["input"].tolist() == [wanted]
    assert feed["input_lengths"].tolist() == [len(wanted)]
    assert feed["scales"].tolist() == pytest.approx([0.5, 0.6, 0.7])
    assert feed["sid"].tolist() == [0]
    assert (chunk.sample_rate, chunk.text, chunk.duration) == (22_050, "Ab, c.", 1.0)
    assert [word.text for word in chunk.words] == ["Ab,", "c."]


def test_signs_without_a_phoneme_cost_nothing_but_themselves(model):
    fake = FakeModel()
    say(voice_of(model, fake), "a⁻⁹ b 🎉.")
    assert IDS["a"][0] in fake.fed[0]["input"][0]


def test_a_sentence_without_any_phoneme_is_skipped_and_told(model):
    told = []
    chunks = say(voice_of(model, FakeModel(), told), "Eins. 你好。 Zwei.")
    assert [chunk.text for chunk in chunks] == ["Eins.", "Zwei."]
    assert "no phonemes" in told[0]


@pytest.mark.parametrize(
    "output",
    [
        np.zeros((1, 1, 0)),
        np.full((1, 1, 9), np.nan),
        RuntimeError("shape"),
        np.float32([[np.inf]]),
    ],
    ids=["nothing", "nan", "raises", "infinite"],
)
def test_a_model_that_gives_no_sound_is_told(model, output):
    with pytest.raises(SpeechFailed):
        say(voice_of(model, FakeModel(output), []), "Hallo.")


def test_a_damaged_model_file_is_told_with_what_to_do(model):
    with pytest.raises(InvalidArgument, match=r"anna\.onnx.*damaged.*Download"):
        load_piper(str(model), VoiceOptions(), print)


BROKEN = {
    "empty": "",
    "half": json.dumps(CONFIG)[:40],
    "a list": "[]",
    "a number": "5",
    "deep": "[" * 5000,
    "no phonemes": json.dumps(CONFIG | {"phoneme_id_map": {}}),
    "phonemes of another kind": json.dumps(CONFIG | {"phoneme_id_map": {"a": "b"}}),
    "no rate": json.dumps(CONFIG | {"audio": {}}),
    "a rate of nothing": json.dumps(CONFIG | {"audio": {"sample_rate": 0}}),
    "no espeak voice": json.dumps(CONFIG | {"phoneme_type": "espeak"}),
    "no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_damaged_description_is_told_with_what_to_do(model, case):
    data = BROKEN[case]
    file = model.with_name("anna.onnx.json")
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(InvalidArgument, match=r"anna\.onnx\.json.*Download"):
        read_config(model)
