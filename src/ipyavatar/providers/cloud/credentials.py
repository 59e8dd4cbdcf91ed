"""Keys and places of services: from the call, else from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ...core.secret import Secret
from ...errors import InvalidArgument
from ...protocol.options import Credentials
from ..registry import service_specs

if TYPE_CHECKING:
    from .spec import ServiceSpec


class Environment:
    """Environment variables that do not show themselves: a verbose traceback prints locals."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = os.environ if values is None else values

    def __repr__(self) -> str:
        return "<environment>"

    def read(self, name: str) -> str:
        """The value of `name` without white space around it; empty when it is not set."""
        return self._values.get(name, "").strip()

    def secret(self, name: str) -> Secret:
        """The same, hidden."""
        return Secret(self.read(name))


def resolve_key(spec: ServiceSpec[Any], api_key: object, environment: Environment) -> Secret:
    """The key from the argument, else from the environment.

    Raises:
        InvalidArgument: There is none, or it cannot be one. The message names the variable.
    """
    if api_key is None:
        key = environment.secret(spec.key_variables[0])
    elif isinstance(api_key, (Secret, str)):
        key = _stripped(api_key)
    else:
        raise InvalidArgument(
            f"api_key= is of type {type(api_key).__name__}.", f"Give text. {spec.key_hint}"
        )
    if not key:
        raise InvalidArgument(f"There is no key for {spec.title}.", spec.key_hint)
    if not _can_be_sent(key):
        # A header with a line break or a curly quote would fail later, with the key in the error.
        raise InvalidArgument(
            f"The key for {spec.title} holds characters no key has.",
            f"Copy it again, without quotes or line breaks. {spec.key_hint}",
        )
    return key


def resolve_url(spec: ServiceSpec[Any], base_url: object, environment: Environment) -> str:
    """The base URL from the argument, the environment or the spec, without a slash at its end.

    Raises:
        InvalidArgument: It is not an http or https URL of a host, or holds a password.
    """
    given = environment.read(spec.url_variable) if base_url is None else base_url
    if not isinstance(given, str):
        raise InvalidArgument(
            f"base_url={given!r} cannot work.", "Give text, like https://example.com."
        )
    return check_url(given.strip(), spec.url_variable) if given.strip() else spec.base_url


def check_url(url: str, variable: str) -> str:
    """`url`, tidied; people paste it with a slash or with `/v1` at its end.

    Raises:
        InvalidArgument: It is not an http or https URL of a host, or holds a password.
    """
    example = f"Give one like https://example.com to base_url= or {variable}."
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidArgument("The base URL is not a URL.", example) from error
    if parts.username or parts.password:
        # Not shown: what stands there is a secret.
        raise InvalidArgument("The base URL holds a user name or password.", example)
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise InvalidArgument(f"The base URL {url!r} is not an http(s) URL of a host.", example)
    return url.rstrip("/").removesuffix("/v1").rstrip("/")


def credentials_from_environment(
    environ: Mapping[str, str] | None = None,
) -> tuple[Credentials, ...]:
    """Every service whose key is in the environment."""
    environment, found = Environment(environ), []
    for spec in service_specs():
        try:
            found.append(spec.resolve_credentials(None, None, environment))
        except InvalidArgument:
            continue
    return tuple(found)


def strip_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` for a child that gets its keys another way."""
    names = {name for spec in service_specs() for name in spec.key_variables}
    return {name: value for name, value in environ.items() if name not in names}


def _stripped(key: Secret | str) -> Secret:
    return Secret((key.reveal() if isinstance(key, Secret) else key).strip())


def _can_be_sent(key: Secret) -> bool:
    text = key.reveal()
    return text.isascii() and not any(c.isspace() or not c.isprintable() for c in text)
