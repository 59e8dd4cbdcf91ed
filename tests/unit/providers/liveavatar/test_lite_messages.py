"""The messages of LiveAvatar LITE."""

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.errors import InvalidArgument
from ipyavatar.providers.liveavatar import lite_messages


@given(st.lists(st.binary(max_size=60_000), max_size=8))
def test_pieces_keep_order_whole_samples_and_the_limit(parts):
    pieces = lite_messages.Pieces()
    out = [p for part in parts for p in pieces.feed(part)] + list(pieces.flush())
    joined = b"".join(parts)
    assert b"".join(out) == joined[: len(joined) // 2 * 2]
    assert all(p and len(p) % 2 == 0 for p in out)
    assert all(len(lite_messages.speak(p, "e")) < 1_000_000 for p in out)
    assert len(out[0]) <= lite_messages.FIRST_PIECE_BYTES if out else True


def test_lite_messages():
    message = json.loads(lite_messages.speak(b"\1\0", "e1"))
    assert base64.b64decode(message.pop("audio")) == b"\1\0"
    assert message == {"type": "agent.speak", "event_id": "e1"}
    assert json.loads(lite_messages.speak_end("e1")) == {
        "type": "agent.speak_end",
        "event_id": "e1",
    }


def test_pcm_is_clipped_and_little_endian():
    samples = np.array([0.0, 1.0, -1.0, 2.0, -2.0], np.float32)
    assert (
        lite_messages.pcm_of(samples, 24_000)
        == np.array([0, 32767, -32767, 32767, -32767], "<i2").tobytes()
    )
    with pytest.raises(InvalidArgument, match="24000 Hz, not 48000"):
        lite_messages.pcm_of(samples, 48_000)
    with pytest.raises(InvalidArgument, match="mono"):
        lite_messages.pcm_of(samples.reshape(1, 5), 24_000)
