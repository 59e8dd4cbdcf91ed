"""What all unit tests share."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from ipyavatar.paid.ledger import Ledger


@pytest.fixture(autouse=True)
def _no_database_stays_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ledgers and connections that a test leaves open end with it.

    From Python 3.13 on the garbage collector warns of them, in the middle of whatever test comes
    next. A ledger has a thread, so it is closed by itself: its connection must not be taken away
    while that thread uses it.
    """
    opened: list[sqlite3.Connection] = []
    ledgers: list[Ledger] = []
    connect, make = sqlite3.connect, Ledger.__init__

    def remembered(*arguments: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*arguments, **options))
        return opened[-1]

    def make_remembered(self: Ledger, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        ledgers.append(self)

    monkeypatch.setattr(sqlite3, "connect", remembered)
    monkeypatch.setattr(Ledger, "__init__", make_remembered)
    yield
    for ledger in ledgers:
        ledger.close()
    for connection in opened:
        with contextlib.suppress(sqlite3.ProgrammingError):  # it belongs to another thread
            connection.close()
