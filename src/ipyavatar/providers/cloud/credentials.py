"""The keys in an environment, for the host: they go through the pipe and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ...errors import InvalidArgument
from ...protocol.host import Credentials
from .options import ServiceOptions, kaltura_admin, resolve
from .spec import SERVICES


def resolve_credentials(
    provider: str, options: ServiceOptions, environ: Mapping[str, str] | None = None
) -> Credentials:
    """Key and place of `provider`, from the options, else from the environment.

    Raises:
        InvalidArgument: The key is missing, or the URL cannot work.
    """
    env = os.environ if environ is None else environ
    full = resolve(provider, options, env)
    assert full.base_url is not None  # noqa: S101  # filled in by `resolve`
    if full.api_key is None:  # Kaltura mints one
        partner, admin = kaltura_admin(env)
        return Credentials(provider, full.base_url, None, partner, admin)
    assert not isinstance(full.api_key, str)  # noqa: S101  # wrapped at once
    return Credentials(provider, full.base_url, full.api_key)


def credentials_from_environment(
    environ: Mapping[str, str] | None = None,
) -> tuple[Credentials, ...]:
    """Every service whose key is in the environment."""
    found = []
    for provider in SERVICES:
        try:
            found.append(resolve_credentials(provider, ServiceOptions(), environ))
        except InvalidArgument:
            continue
    return tuple(found)


def strip_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` for a child that gets its keys another way."""
    names = {name for facts in SERVICES.values() for name in facts.key_variables}
    return {name: value for name, value in environ.items() if name not in names}
