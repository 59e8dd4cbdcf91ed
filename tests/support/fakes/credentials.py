"""Credentials of nobody, for drivers and sessions in tests."""

from __future__ import annotations

from ipyavatar.core.secret import Secret
from ipyavatar.protocol.options import Credentials

KEY = "seeded-secret-key-0815"
URL = "http://127.0.0.1"


def credentials_of(provider: str, key: str = KEY, base_url: str = URL) -> Credentials:
    return Credentials(provider, base_url, Secret(key))
