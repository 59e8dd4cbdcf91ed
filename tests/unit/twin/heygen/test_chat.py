"""The frames of HeyGen's chat websocket."""

from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.twin.heygen.chat import read_fields


def test_a_text_frame_of_the_sdk_is_read():
    # Captured from @heygen/streaming-avatar 2.1.0.
    frame = dict(read_fields(bytes.fromhex("0a0a1a086869207468657265")))
    assert dict(read_fields(frame[1])) == {3: b"hi there"}


@given(st.binary(max_size=200))
def test_garbage_in_place_of_a_frame_is_an_error_or_fields(data):
    try:
        found = list(read_fields(data))
    except ValueError:
        return
    assert sum(len(v) for _, v in found if isinstance(v, bytes)) <= len(data)
