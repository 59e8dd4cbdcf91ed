"""Keys and places of services: from the call, else from the environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ...core.loopback import is_loopback, warn_of_plain_http
from ...core.secret import NoKey, Secret, can_be_key, hide
from ...errors import InvalidArgument, MissingSetting
from .environment import Environment

if TYPE_CHECKING:
    from .profile import ServiceProfile


def resolve_key(profile: ServiceProfile, api_key: object, environment: Environment) -> Secret:
    """The key from the argument, else from the environment.

    Raises:
        InvalidArgument: There is none, or it cannot be one. The message names the variable.
    """
    if api_key is None:
        key = environment.secret(profile.key_variables[0])
    else:
        api_key = hide(api_key)
        if not isinstance(api_key, Secret):
            kind = api_key.type_name if isinstance(api_key, NoKey) else "None"
            raise InvalidArgument(f"api_key= is of type {kind}.", f"Give text. {profile.key_hint}")
        key = Secret(api_key.reveal().strip())
    if not key:
        raise MissingSetting(f"There is no key for {profile.title}.", profile.key_hint)
    if not can_be_key(key):
        # A header with a line break or a curly quote would fail later, with the key in the error.
        raise InvalidArgument(
            f"The key for {profile.title} holds characters no key has.",
            f"Copy it again, without quotes or line breaks. {profile.key_hint}",
        )
    return key


def resolve_url(profile: ServiceProfile, base_url: object, environment: Environment) -> str:
    """The base URL from the argument, the environment or the profile, without a slash at its end.

    Raises:
        InvalidArgument: It is not an http or https URL of a host, or holds a password.
    """
    base_url = hide(base_url)
    given = environment.secret(profile.url_variable) if base_url is None else base_url
    if not isinstance(given, Secret):
        kind = given.type_name
        raise InvalidArgument(
            f"base_url= is of type {kind}.", "Give text, like https://example.com."
        )
    url = Secret(given.reveal().strip())
    return check_url(url, f"base_url= or {profile.url_variable}") if url else profile.base_url


# A name, its labels not empty; or an address.
_HOST = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})*\.?|(?=[^:]*:)[0-9a-f:.]+(%\w+)?", re.IGNORECASE)


def check_url(url: Secret, taker: str, name: str = "base URL") -> str:
    """`url`, tidied; people paste it with a slash or with `/v1` at its end.

    Args:
        url: As it was given.
        taker: What takes another one.
        name: What it is called.

    Raises:
        InvalidArgument: It is not an http or https URL of a host, or holds a password.
    """
    # Another function looks at it: verbose tracebacks show the variables of this one.
    problem = _problem_of(url)
    if problem:
        fix = f"Give one like https://example.com, or http://127.0.0.1:8765, to {taker}."
        raise InvalidArgument(f"The {name} {problem}.", fix)
    checked = url.reveal()
    parts = urlsplit(checked)
    host = parts.hostname or ""
    if parts.scheme == "http" and not is_loopback(host):
        warn_of_plain_http(host)
    return checked.rstrip("/").removesuffix("/v1").rstrip("/")


def _problem_of(url: Secret) -> str:
    """Why it cannot work, without a part of it, for any may be a secret; empty where it can."""
    text = url.reveal()
    if any(char.isspace() or not char.isprintable() for char in text):
        return "holds a space, or what cannot be seen"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    if parts.username or parts.password:
        return "holds a user name or password"
    if parts.query or parts.fragment:
        return "holds a query or a fragment"
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host or ""):
        return "is not an http(s) URL of a host"
    return ""


# Quotes that a file or a shell has left around it; a variable that nobody has put in.
