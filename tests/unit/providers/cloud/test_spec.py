"""What is known of each service before the first call."""

import pytest

from ipyavatar.protocol.options import SessionOptions
from ipyavatar.providers.registry import service_spec
from tests.support.fakes.credentials import credentials_of
from tests.support.services import SERVICES


def options_of(provider, **more):
    kind = service_spec(provider).options_type
    return kind(credentials=credentials_of(provider), **more)


def test_a_spec_names_every_variable():
    kaltura = service_spec("kaltura")
    assert kaltura.url_variable == "IPYAVATAR_KALTURA_URL"
    for name in kaltura.key_variables:
        assert name in kaltura.key_hint


@pytest.mark.parametrize(
    ("provider", "options", "price"),
    [
        ("heygen", {}, None),
        ("heygen", {"credits_per_minute": 3.0}, 3.0),
        ("kaltura", {}, None),
        ("liveavatar", {"lite": True}, 1.0),
        ("liveavatar", {"lite": False}, 2.0),
        ("liveavatar", {"lite": False, "sandbox": True}, 0.0),
        ("liveavatar", {"sandbox": True, "credits_per_minute": 5.0}, 5.0),
    ],
)
def test_the_price_is_the_users_else_the_published_one(provider, options, price):
    assert service_spec(provider).price_of(options_of(provider, **options)) == price


@pytest.mark.parametrize("provider", SERVICES)
def test_only_heygen_is_told_when_to_end_a_silent_session(provider):
    spec = service_spec(provider)
    ours = {"idle_timeout_s": 77} if provider == "heygen" else {}
    seconds = spec.idle_timeout_of(options_of(provider, **ours))
    assert seconds == (77 if ours else spec.idle_timeout_s)


@pytest.mark.parametrize("provider", SERVICES)
def test_who_speaks_here(provider):
    spec = service_spec(provider)
    options = SessionOptions(provider, service=options_of(provider))
    assert spec.speaks_here(options) == (provider == "liveavatar")
