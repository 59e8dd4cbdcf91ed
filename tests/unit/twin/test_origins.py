"""Which pages may do what."""

import pytest

from ipyavatar.errors import InvalidArgument
from ipyavatar.twin.origins import OriginPolicy, parse_origin

OWN = "http://127.0.0.1:8765"

LOOPBACK = [
    "http://localhost:8888", "http://127.0.0.1:9999", "https://127.3.2.1", "http://[::1]:8888",
    "http://lab.localhost",
]  # fmt: skip
FOREIGN = [
    "https://evil.example", "null", "", "file://", "http://10.0.0.7", "http://localhost.evil.example",
    "http://notlocalhost", "https://127.0.0.1.evil.example", "http://127.0.0.1@evil.example",
    "http://evil.example:80#localhost", "http://evil.example/localhost", "vscode-webview://abc",
    "http://[::1", "http://localhost:x", "localhost", "//localhost",
]  # fmt: skip


@pytest.mark.parametrize("origin", LOOPBACK)
def test_pages_of_this_machine_use_the_services_but_no_controls(origin):
    """JupyterLab is on another port, and must reach its streams."""
    policy = OriginPolicy.of([])
    assert policy.may_use(origin, OWN)
    assert not policy.may_control(origin, OWN)


@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_pages_may_nothing(origin):
    """Whatever it is called, a page of elsewhere is refused."""
    policy = OriginPolicy.of(["https://hub.example"])
    assert not policy.may_use(origin, OWN)
    assert not policy.may_control(origin, OWN)


def test_pages_that_are_named_may_all_and_a_star_the_services_alone():
    """One origin is named with its scheme and port; a star does not open the controls."""
    named = OriginPolicy.of(["https://HUB.example:443/", "vscode-webview://abc"])
    for origin in ("https://hub.example", "vscode-webview://abc", OWN):
        assert named.may_use(origin, OWN)
        assert named.may_control(origin, OWN)
    assert not named.may_use("http://hub.example", OWN)
    assert not named.may_use("https://hub.example:8000", OWN)
    every = OriginPolicy.of(["*"])
    assert every.may_use("https://evil.example", OWN)
    assert not every.may_control("https://evil.example", OWN)
    assert not every.may_control("null", OWN)


@pytest.mark.parametrize(
    "text", ["hub.example", "https://", "https://a/b", "null", "", "https://a?b"]
)
def test_what_is_no_origin_is_refused_in_words(text):
    """A mistake is said at the start, and not by pages that are refused."""
    with pytest.raises(InvalidArgument, match="no origin of a web page"):
        parse_origin(text)
