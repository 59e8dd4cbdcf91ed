"""Which addresses are the twin's own."""

import pytest

from ipyavatar.twin.liveavatar.custom_room import is_same_address


@pytest.mark.parametrize(
    ("url", "base", "same"),
    [
        ("ws://127.0.0.1:8765", "http://localhost:8765", True),
        ("http://[::1]:8765/", "http://127.0.0.1:8765", True),
        ("wss://hub.example", "https://hub.example:443", True),
        ("ws://hub.example", "https://hub.example", False),
        ("ws://127.0.0.1:8766", "http://127.0.0.1:8765", False),
        ("ftp://127.0.0.1:8765", "http://127.0.0.1:8765", False),
        ("ws://:99999999", "http://127.0.0.1:8765", False),
        ("ws://[::1", "http://127.0.0.1:8765", False),
        ("", "http://127.0.0.1:8765", False),
    ],
)
def test_an_address_is_the_same_by_machine_and_port(url, base, same):
    assert is_same_address(url, base) is same
