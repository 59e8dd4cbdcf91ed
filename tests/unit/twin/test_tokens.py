"""Ids and tokens."""

import base64
import itertools
import json
import secrets

import pytest

from ipyavatar.twin.tokens import TokenFactory
from tests.support.livekit_token import livekit_token


def test_tokens_are_web_tokens_that_differ() -> None:
    count = itertools.count()
    tokens = TokenFactory(lambda n: next(count).to_bytes(2, "big") * (n // 2))
    token = tokens.livekit_token("room", "client", 1000.0)
    head, middle, _ = (part + "=" * (-len(part) % 4) for part in token.split("."))
    assert json.loads(base64.urlsafe_b64decode(head))["alg"] == "HS256"
    inside = json.loads(base64.urlsafe_b64decode(middle))
    assert (inside["sub"], inside["exp"], inside["video"]["roomJoin"]) == ("client", 4600, True)
    assert tokens.uuid() != tokens.uuid()


def test_a_token_is_decoded_also_when_it_has_expired() -> None:
    tokens = TokenFactory(secrets.token_bytes)
    claims = tokens.decode(tokens.livekit_token("room", "client", 1000.0))
    assert claims is not None
    assert (claims["sub"], claims["exp"]) == ("client", 4600)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "ü.b.c", ".."])
def test_what_is_no_token_of_ours_is_not_decoded(token: str) -> None:
    tokens, others = TokenFactory(secrets.token_bytes), TokenFactory(secrets.token_bytes)
    assert tokens.decode(token) is None
    assert tokens.decode(others.livekit_token("room", "client", 1000.0)) is None


def test_tokens_of_a_dev_server_are_decoded_without_a_warning() -> None:
    """Warnings are errors here, and PyJWT warns of so short a key."""
    tokens = TokenFactory(secrets.token_bytes)
    claims = tokens.decode(livekit_token("room", "agent"))
    assert claims is not None
    assert (claims["sub"], claims["video"]["room"]) == ("agent", "room")
    assert tokens.decode(livekit_token("room", "agent", key="another")) is None
    assert tokens.decode(livekit_token("room", "agent", secret="another")) is None


def test_a_renewed_token_says_the_same_for_longer() -> None:
    tokens = TokenFactory(secrets.token_bytes)
    claims = tokens.decode(livekit_token("room", "agent", attributes={"a": "b"}))
    assert claims is not None
    renewed = tokens.decode(tokens.renew(claims, 5e9))
    assert renewed is not None
    assert (renewed["attributes"], renewed["exp"]) == ({"a": "b"}, 5_000_003_600)
