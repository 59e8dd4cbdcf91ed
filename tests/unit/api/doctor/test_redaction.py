"""What a report does not tell."""

import pytest

from ipyavatar.api.doctor.redaction import Redaction
from ipyavatar.core.secret import Secret
from ipyavatar.providers.cloud.environment import Environment

SERVERS = '[{"urls": "turn:turn.example.org", "username": "relay-user", "credential": "p@ss-word"}]'


@pytest.fixture
def redaction(monkeypatch):
    monkeypatch.setenv("HOME", "/data/people/jane.doe")
    values = {
        "HEYGEN_API_KEY": "heygen-key-1",
        "KALTURA_ADMIN_SECRET": "admin-secret-1",
        "IPYAVATAR_ICE_SERVERS": SERVERS,
        "HTTPS_PROXY": "http://proxy%20user:proxy%40pass@proxy.example.org:3128",
        "USER": "jdoe",
        "HOME": "/data/people/jane.doe",
    }
    return Redaction.of(Environment(values))


@pytest.mark.parametrize(
    "text",
    [
        "heygen-key-1",
        "<admin-secret-1>",
        SERVERS,
        "user relay-user is refused",
        "p@ss-word",
        "proxy user",
        "proxy%20user:proxy%40pass",
        "proxy@pass",
        "/data/people/jane.doe/.local/state",
        "/scratch/jdoe/state",
        "C:\\Users\\jdoe\\AppData",
        "jdoe_state",
        "JDOE",
    ],
)
def test_it_is_not_told(redaction, text):
    clean = redaction.clean(f"Before {text} after.")
    for part in ("key-1", "secret-1", "relay-user", "p@ss", "proxy", "jane", "jdoe", "JDOE"):
        assert part not in clean
    assert clean.startswith("Before ")
    assert clean.endswith(" after.")


def test_the_rest_stays(redaction):
    for text in ("turn:turn.example.org:3478", "It takes 5 ms.", "/usr/lib/python3/x.py", ""):
        assert redaction.clean(text) == text
    assert redaction.clean_facts({"ms": 5, "ok": True, "none": None}) == {
        "ms": 5,
        "ok": True,
        "none": None,
    }


def test_homes_of_others_are_not_named(redaction):
    assert redaction.clean("/home/otto/x and C:\\Users\\otto\\x") == (
        "/home/<user>/x and C:\\Users\\<user>\\x"
    )


def test_short_secrets_and_names_take_no_words_apart():
    redaction = Redaction([Secret("me")], users=["al"], machines=["x"])
    assert (
        redaction.clean("me: messages for all by al at x")
        == "<secret>: messages for all by al at x"
    )
    assert redaction.clean("/srv/al/x") == "/srv/<user>/<machine>"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "all_proxy"])
def test_a_password_of_this_processes_proxy_is_not_told_whatever_environment_is_given(
    monkeypatch, name
):
    """Requests go by it all the same."""
    monkeypatch.setenv(name, "http://proxy-user:proxy-pass@proxy.example.org:3128")
    clean = Redaction.of(Environment({})).clean("407 for proxy-user:proxy-pass")
    assert clean == "407 for <secret>:<secret>"
