"""Which Host headers are served."""

import pytest

from ipyavatar.twin.middleware import is_host_allowed


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8765", "localhost:1", "a.localhost", "[::1]:80", "10.0.0.7", "TWIN:1"],
)
def test_hosts_that_are_allowed(host: str) -> None:
    assert is_host_allowed(host, ["twin"])


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example",
     "127.0.0.1@evil.example", "[::1", "notlocalhost", "evil.example#localhost", "a b"],
)  # fmt: skip
def test_hosts_that_are_not_allowed(host: str) -> None:
    assert not is_host_allowed(host, ["twin"])
