"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from .responses import member

T = TypeVar("T")

PAGE_SIZE = 100
PAGES_MOST = 20


async def read_pages(
    read: Callable[[int], Awaitable[tuple[list[T], bool]]], id_of: Callable[[T], str]
) -> tuple[T, ...]:
    """All entries, each once, in order.

    A list may change while it is read, and a service may not heed what page it is asked for: it is
    over, too, with a page that brings nothing new.

    Args:
        read: Given the number of a page, from 0, its entries and whether there may be more.
        id_of: The id of an entry.
    """
    found: dict[str, T] = {}
    for page in range(PAGES_MOST):
        entries, more = await read(page)
        before = len(found)
        for entry in entries:
            found.setdefault(id_of(entry), entry)
        if not more or len(found) == before:
            break
    return tuple(found.values())


def listed(holder: Any, name: str) -> Any:
    """The list `holder[name]`; null is how some servers write an empty one."""
    value = member(holder, name)
    return [] if value is None and isinstance(holder, dict) and name in holder else value
