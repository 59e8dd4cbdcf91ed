"""Voice activity detection."""

import numpy as np
import pytest

from ipyavatar.twin.media.vad import BEGIN_S, END_S, VoiceActivityDetector


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_begin_and_end_of_speech_are_detected(rate):
    changes = []
    vad = VoiceActivityDetector(lambda speaking: changes.append((speaking, at)))
    loud, quiet = np.full(rate // 50, 5000, np.int16), np.zeros(rate // 50, np.int16)
    at = 0.0
    for number in range(200):
        at = (number + 1) / 50
        vad.feed(loud if 50 <= number < 100 and number != 70 else quiet, rate)
    (begin, begun_at), (end, ended_at) = changes
    assert (begin, end) == (True, False)
    assert begun_at == pytest.approx(1.0 + BEGIN_S, abs=0.021)
    assert ended_at == pytest.approx(2.0 + END_S, abs=0.021)
