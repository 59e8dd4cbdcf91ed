"""What a page's offer says, before there is a connection."""

import pytest

from ipyavatar.media.peer import MAX_MESSAGE_BYTES, UNSAID_MESSAGE_BYTES, max_message_bytes


@pytest.mark.parametrize(
    ("line", "most"),
    [
        ("", UNSAID_MESSAGE_BYTES),
        ("a=max-message-size:262144", 262_144),
        ("a=max-message-size:100000", 100_000),
        ("a=max-message-size:1073741823", MAX_MESSAGE_BYTES),
        ("a=max-message-size:0", MAX_MESSAGE_BYTES),
        ("a=max-message-size:1", 1024),
        ("a=max-message-size:-5", UNSAID_MESSAGE_BYTES),
        ("a=max-message-size:" + "9" * 5000, UNSAID_MESSAGE_BYTES),
        ("a=x:a=max-message-size:5", UNSAID_MESSAGE_BYTES),
    ],
)
def test_a_page_says_how_long_a_message_it_takes(line, most):
    """Nothing said is 64 KiB, 0 is no limit; nobody is believed who takes less than 1 KiB."""
    assert max_message_bytes(f"v=0\r\nm=application 9 x y\r\n{line}\r\na=mid:2\r\n") == most
