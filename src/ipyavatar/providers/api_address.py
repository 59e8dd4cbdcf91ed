"""Addresses of OpenAI-compatible services of sound, and their keys."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

from ..core.loopback import is_loopback, warn_of_plain_http
from ..core.secret import NoKey, Secret, can_be_key
from ..errors import InvalidArgument

VERSION = "/v1"

OPENAI_VARIABLE = "OPENAI_API_KEY"
"""Counts for OpenAI's own address alone: no other one is sent that key."""

OPENAI_HOST = "api.openai.com"


def check_address(url: object, call: str, name: str) -> str:
    """The address of `call`, which is added where `url` ends before it.

    Raises:
        InvalidArgument: The `name` cannot work.
    """
    problem = _problem_of(url)
    if problem:
        fix = f"Give one like https://example.com{VERSION}{call}."
        raise InvalidArgument(f"The {name} {problem}.", fix)
    assert isinstance(url, Secret)  # noqa: S101  # else it has a problem
    parts = urlsplit(url.reveal().strip())
    path = parts.path.rstrip("/")
    if not path:
        path = VERSION + call
    elif path.endswith(VERSION):
        path += call
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _problem_of(url: object) -> str:
    """Why it cannot work, without a part of it, for any may be a secret; empty where it can."""
    if not isinstance(url, Secret):
        return f"is of type {url.type_name}" if isinstance(url, NoKey) else "is missing"
    try:
        parts = urlsplit(url.reveal().strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    if parts.username or parts.password:
        return "holds a user name or password"
    if any(char.isspace() for char in url.reveal().strip()):
        return "holds a space or a line break"
    if parts.scheme not in {"http", "https"} or not host:
        return "is not an http(s) URL of a host"
    return ""


def find_key(key: object, address: str, variable: str, name: str) -> Secret | None:
    """The key for `address`: the one that is given, or of the environment; None where none is.

    Raises:
        InvalidArgument: It cannot be a key.
    """
    if isinstance(key, NoKey):
        raise InvalidArgument(f"api_key= is of type {key.type_name}.", "Give text.")
    if key is None:
        key = Secret(os.environ.get(variable, "").strip())
        if not key and urlsplit(address).hostname == OPENAI_HOST:
            key = Secret(os.environ.get(OPENAI_VARIABLE, "").strip())
    assert isinstance(key, Secret)  # noqa: S101  # `hide` gives nothing else
    if not key:
        return None
    if not can_be_key(key):
        raise InvalidArgument(
            f"The key of the {name} holds characters no key has.",
            f"Copy it again, without quotes or line breaks, into api_key= or {variable}.",
        )
    host = urlsplit(address).hostname or ""
    if urlsplit(address).scheme == "http" and not is_loopback(host):
        warn_of_plain_http(host)
    return key
