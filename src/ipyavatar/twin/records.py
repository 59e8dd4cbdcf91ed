"""What clients make and keep with a service beside sessions: contexts, secrets, knowledge bases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .emulator import ErrorReply, ServiceReply

MAX_RECORDS = 100
"""Of one kind."""


class Records:
    """Those of one kind, the oldest first, kept as long as the twin runs.

    Args:
        title: Of one, for errors.
        new_id: Makes an id.
        error: The service's reply with a status and a sentence.
    """

    def __init__(
        self, title: str, new_id: Callable[[], str], error: Callable[[int, str], ServiceReply]
    ) -> None:
        self._title = title
        self._new_id = new_id
        self._error = error
        self._records: dict[str, dict[str, Any]] = {}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(list(self._records.values()))

    def __contains__(self, record_id: str) -> bool:
        return record_id in self._records

    def newest_first(self) -> list[dict[str, Any]]:
        """All of them."""
        return [*self][::-1]

    def add(self, values: dict[str, Any], record_id: str | None = None) -> dict[str, Any]:
        """Keep `values` under an id of their own, their member `id`.

        Raises:
            ErrorReply: There are too many.
        """
        if len(self._records) >= MAX_RECORDS:
            words = f"There are {MAX_RECORDS} of these ({self._title}): delete one"
            raise ErrorReply(self._error(400, words))
        record = {"id": record_id or self._new_id(), **values}
        self._records[record["id"]] = record
        return record

    def find(self, record_id: str) -> dict[str, Any]:
        """The one with this id.

        Raises:
            ErrorReply: There is none.
        """
        if record_id not in self._records:
            raise ErrorReply(self._error(404, f"{self._title} not found"))
        return self._records[record_id]

    def remove(self, record_id: str) -> None:
        """Forget the one with this id.

        Raises:
            ErrorReply: There is none.
        """
        del self._records[self.find(record_id)["id"]]
