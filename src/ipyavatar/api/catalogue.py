"""Who there is to choose from: characters, faces of services, voices, contexts."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..core.secret import NoKey, Secret, hide, hide_unless_word, one_line
from ..engine.face import CHARACTERS

if TYPE_CHECKING:
    from ..providers.cloud.models import ServiceAvatar, ServiceContext, ServiceVoice
    from ..providers.spec import ProviderSpec

    Row = ServiceAvatar | ServiceVoice | ServiceContext


class Catalogue(dict[str, str]):
    """What one can choose: id to name. Prints as a table; in a notebook one with pictures.

    Attributes:
        rows: The entries in full, with what the service tells of each.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        # Some services list one twice: as the account's own, and as everybody's.
        first = {row.id: row for row in reversed(rows)}
        self.rows: tuple[Row, ...] = tuple(row for row in rows if first[row.id] is row)
        super().__init__({row.id: row.name for row in self.rows})

    def __repr__(self) -> str:
        if not self.rows:
            return "There are none."
        names = self._columns()
        lines = [names, *(_cells(row, names) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    def _columns(self) -> tuple[str, ...]:
        """Of those of a row, the ones that have anything in them."""
        names = (field.name for field in fields(self.rows[0]))
        return tuple(name for name in names if any(getattr(row, name) for row in self.rows))

    def _repr_html_(self) -> str:
        if not self.rows:
            return "<p>There are none.</p>"
        names = self._columns()
        head = "".join(f'<th scope="col">{_HEADINGS.get(name, name)}</th>' for name in names)
        body = "".join(
            f"<tr>{''.join(_html_cell(row, name) for name in names)}</tr>" for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


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
    # Verbose tracebacks show what stands in variables.
    provider, key, url = hide_unless_word(provider), hide(api_key), hide(base_url)
    api_key = base_url = None
    return _list(provider, key, url, lambda spec: spec.list_avatars)


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
    # Verbose tracebacks show what stands in variables.
    provider, key, url = hide_unless_word(provider), hide(api_key), hide(base_url)
    api_key = base_url = None
    return _list(provider, key, url, lambda spec: spec.list_voices)


def contexts(
    provider: str = "liveavatar",
    *,
    api_key: Secret | str | None = None,
    base_url: str | None = None,
) -> Catalogue:
    """The contexts of an account: what `context_id=` takes.

    Args:
        provider: Whose; only LiveAvatar has them.
        api_key: The account's key; from the environment when None.
        base_url: Where the service is; from the environment, else the live one.

    Raises:
        UnknownName: There is no such provider.
        InvalidArgument: The key is missing.
        NotOffered: The service has none.
        ServiceError: It cannot be asked now.
    """
    # Verbose tracebacks show what stands in variables.
    provider, key, url = hide_unless_word(provider), hide(api_key), hide(base_url)
    api_key = base_url = None
    return _list(provider, key, url, lambda spec: spec.list_contexts)


def _list(
    provider: str,
    key: Secret | NoKey | None,
    url: Secret | NoKey | None,
    choose: Callable[[ProviderSpec], Callable[..., Awaitable[Any]]],
) -> Catalogue:
    from ..providers.cloud.environment import Environment
    from ..providers.registry import spec_of
    from ..providers.spec import ProviderSpec
    from .sessions import client_factory, complete

    spec = spec_of(provider)
    kind: Any = type(spec)
    # It says so without a key where it has no such list.
    offered = choose(kind) is not choose(ProviderSpec)  # type: ignore[arg-type]
    credentials = spec.resolve_credentials(key, url, Environment()) if offered else None

    async def ask() -> Any:
        return await choose(spec)(credentials, client_factory())

    return Catalogue(complete(ask()))


_HEADINGS = {"preview_url": "picture", "sample_url": "sample", "voice_id": "voice"}


LONGEST_ADDRESS = 4000
"""Characters of an address that is followed: signed ones are long."""

LONGEST_PICTURE = 200_000
"""Characters of a picture inside the table: the output of a cell is saved with the notebook."""


def _cells(row: Row, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(_text(str(getattr(row, name) or "")) for name in names)


def _text(value: str) -> str:
    """What a service tells, as text: one line of bounded length."""
    return "" if value.startswith("data:") else one_line(value, ())


def _is_followed(address: str) -> bool:
    """Whether a page may fetch it: of the web, or a picture of bounded size."""
    start = address[:16].lower()
    if start.startswith("data:image/"):
        return len(address) <= LONGEST_PICTURE
    return start.startswith(("https://", "http://")) and len(address) <= LONGEST_ADDRESS


def _html_cell(row: Row, name: str) -> str:
    value = str(getattr(row, name) or "")
    shown = html.escape(_text(value))
    if name in ("preview_url", "sample_url") and _is_followed(value):
        address = html.escape(value)
        if name == "preview_url":
            face = html.escape(_text(row.name))
            return (
                f'<td><img src="{address}" alt="{face}" height="72" loading="lazy" '
                'referrerpolicy="no-referrer"></td>'
            )
        return f'<td><audio src="{address}" controls preload="none"></audio></td>'
    return f"<td><code>{shown}</code></td>" if name == "id" else f"<td>{shown}</td>"
