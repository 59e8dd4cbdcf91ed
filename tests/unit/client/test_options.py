"""What a session is made of, where another avatar stands in or may take over."""

import pytest

from ipyavatar.client.options import make_options

SERVICES = {
    "heygen": {"api_key": "heygen-key-1"},
    "liveavatar": {"api_key": "liveavatar-key-1", "avatar_id": "one"},
    "kaltura": {"api_key": "kaltura-key-1", "avatar_id": "one"},
}


@pytest.mark.parametrize("name", SERVICES)
def test_what_changes_changes_for_the_one_that_takes_over_too(name):
    """Another host opens that one by these options: in that size, and with the responder."""
    options = make_options(name, {**SERVICES[name], "fallback": "embedded"})
    changed = options.with_responder().with_quality("low")
    assert changed.wire.responds
    assert changed.quality == "low"
    assert changed.fallback is not None
    assert changed.fallback.wire.responds
    assert changed.fallback.quality == "low"


def test_who_stands_in_is_told_with_a_responder_too(monkeypatch):
    """That the service was not asked is no secret."""
    monkeypatch.delenv("LIVEAVATAR_API_KEY", raising=False)
    options = make_options("liveavatar", {"fallback": "embedded"})
    assert options.provider == "embedded"
    assert options.stands_in
    assert options.with_responder().stands_in == options.stands_in
