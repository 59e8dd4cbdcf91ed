"""Who there is to choose from: characters, faces of services, voices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..core.secret import Secret
from ..engine.face import CHARACTERS

if TYPE_CHECKING:
    from ..providers.cloud.models import ServiceAvatar, ServiceVoice
    from ..providers.spec import ProviderSpec


class Catalogue(dict[str, str]):
    """What one can choose: id to name. Prints as a table.

    Attributes:
        rows: The entries in full, with what the service tells of each.
    """

    def __init__(self, rows: Sequence[ServiceAvatar] | Sequence[ServiceVoice]) -> None:
        super().__init__({row.id: row.name for row in rows})
        self.rows: tuple[ServiceAvatar | ServiceVoice, ...] = tuple(rows)

    def __repr__(self) -> str:
        if not self.rows:
            return "There are none."
        names = tuple(field.name for field in fields(self.rows[0]))
        lines = [names, *(_cells(row) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )


def characters() -> dict[str, str]:
    """The characters that can be drawn: name to description."""
    return {name: info.description for name, info in CHARACTERS.items()}


def avatars(
    provider: str = "embedded", *, api_key: Secret | str | None = None, base_url: str | None = None
) -> Catalogue:
    """The faces of a provider: what `avatar_id=` takes (`character=` of the embedded avatar).

    Args:
        provider: Whose.
        api_key: The account's key; from the environment when None.
        base_url: Where the service is; from the environment, else the live one.

    Raises:
        UnknownName: There is no such provider.
        InvalidArgument: The key is missing.
        NotOffered: The service cannot list them.
        ServiceError: It cannot be asked now.
    """
    return _list(provider, api_key, base_url, lambda spec: spec.list_avatars)


def voices(
    provider: str = "embedded", *, api_key: Secret | str | None = None, base_url: str | None = None
) -> Catalogue:
    """The voices of a provider: what `voice_id=` takes (`voice=` where our own voice speaks).

    Args:
        provider: Whose.
        api_key: The account's key; from the environment when None.
        base_url: Where the service is; from the environment, else the live one.

    Raises:
        UnknownName: There is no such provider.
        InvalidArgument: The key is missing.
        NotOffered: The service cannot list them.
        ServiceError: It cannot be asked now.
    """
    return _list(provider, api_key, base_url, lambda spec: spec.list_voices)


def _list(
    provider: str,
    api_key: Secret | str | None,
    base_url: str | None,
    choose: Callable[[ProviderSpec], Callable[..., Awaitable[Any]]],
) -> Catalogue:
    from ..providers.cloud.credentials import Environment
    from ..providers.registry import spec_of
    from .sessions import client_factory, complete

    api_key = Secret(api_key) if isinstance(api_key, str) else api_key
    spec = spec_of(provider)
    credentials = spec.resolve_credentials(api_key, base_url, Environment())

    async def ask() -> Any:
        return await choose(spec)(credentials, client_factory())

    return Catalogue(complete(ask()))


def _cells(row: ServiceAvatar | ServiceVoice) -> tuple[str, ...]:
    return tuple(str(getattr(row, field.name) or "") for field in fields(row))
