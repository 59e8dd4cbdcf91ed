"""Audio that clients send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.engine.playout import SAMPLE_RATE
from ipyavatar.twin.media.audio_input import PcmSegmenter
from ipyavatar.twin.speech_length import LITE_RATE


@given(st.lists(st.integers(1, 5000).map(lambda n: 2 * n), max_size=20))
def test_sound_in_pieces_of_any_size_keeps_its_length(sizes):
    segments = PcmSegmenter("s")
    got = [segments.feed(b"\x10\x20" * (size // 2), last=False) for size in sizes]
    got.append(segments.feed(b"", last=True))
    length = sum(len(segment.audio) for segment in got if segment)
    wanted = sum(sizes) / 2 * SAMPLE_RATE / LITE_RATE
    assert length == pytest.approx(wanted, abs=4)
