import subprocess
import sys

import pytest

from ipyavatar.engine.voice import VOICES, load_voice
from ipyavatar.engine.voice.onnx_output import with_output
from ipyavatar.engine.voice.timbre import TIMBRES, level, np
from ipyavatar.errors import UnknownName


def test_every_voice_described_has_a_timbre() -> None:
    assert list(VOICES) == list(TIMBRES)


def test_there_are_women_and_men() -> None:
    kinds = {info.description.split(",")[0] for info in VOICES.values()}
    assert kinds == {"female", "male"}
    assert len(VOICES) >= 4


def test_an_unknown_voice_is_named_with_what_there_is() -> None:
    with pytest.raises(UnknownName, match=r"no voice 'colle'.*Did you mean 'cole'"):
        load_voice("colle")


def test_listing_voices_loads_no_network() -> None:
    code = (
        "import sys; from ipyavatar.engine.voice import VOICES, load_voice; load_voice('june');"
        "sys.exit(bool({'onnxruntime', 'hibari'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_output_is_appended_as_a_second_graph_field() -> None:
    added = with_output(b"model", "t")
    # graph (7) { output (12) { name (1): "t", type (2) { tensor_type (1) { elem_type (1): 7 }}}}
    assert added == b"model" + bytes([0x3A, 11, 0x62, 9, 0x0A, 1, ord("t"), 0x12, 4, 0x0A, 2, 8, 7])


def test_loud_sound_is_bent_under_the_ceiling_and_quiet_sound_only_scaled() -> None:
    sound = np.linspace(-1, 1, 201, dtype=np.float32)
    loud = level(sound, gain=3.0)
    assert np.abs(loud).max() <= 0.85
    assert np.all(np.diff(loud) >= 0)
    assert level(sound * np.float32(0.1), gain=2.0) == pytest.approx(sound * 0.2, abs=1e-6)
