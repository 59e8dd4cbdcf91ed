"""Keys of all providers in an environment: which there are, and an environment without them."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import InvalidArgument
from ..protocol.options import Credentials
from .api_address import OPENAI_VARIABLE
from .cloud.environment import Environment
from .registry import provider_names, service_specs, spec_of
from .speech_api import KEY_VARIABLE

CHAT_KEY_VARIABLE = "IPYAVATAR_CHAT_KEY"
"""Holds the key of the chat address that a `responder=` may be."""

TRANSCRIPTION_KEY_VARIABLE = "IPYAVATAR_TRANSCRIPTION_KEY"
"""Holds the key of the address that a `recognizer=` may be."""

OTHER_KEYS = (CHAT_KEY_VARIABLE, TRANSCRIPTION_KEY_VARIABLE, KEY_VARIABLE, OPENAI_VARIABLE)
"""Keys that are no service's: the kernel reads them, and gives the companion what it needs."""


def credentials_from_environment(
    environ: Mapping[str, str] | Environment | None = None,
) -> tuple[Credentials, ...]:
    """Every service whose key is in the environment."""
    environment, environ, found = Environment(environ), None, []
    for spec in service_specs():
        try:
            found.append(spec.resolve_credentials(None, None, environment))
        except InvalidArgument:
            continue
    return tuple(found)


def strip_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` for a child that gets its keys another way."""
    names = {name for provider in provider_names() for name in spec_of(provider).key_variables}
    names.update(OTHER_KEYS)
    return {name: value for name, value in environ.items() if name not in names}
