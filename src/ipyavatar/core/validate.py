"""Checks that any argument may need."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import UnknownName


def require_known(kind: str, name: object, names: Iterable[str]) -> None:
    """Raise unless `name` is one of `names`.

    Raises:
        UnknownName: It is not; the message lists them and guesses.
    """
    known = list(names)
    if name not in known:
        raise UnknownName.of(kind, name, known)
