"""The request log: the last calls, without secrets."""

from __future__ import annotations

import re
import sys
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from ..core.secret import HIDDEN, blank_out

MAX_ITEMS = 200

_SECRET_NAME = re.compile(r"token|secret|key|password|credential|authorization|^ks$", re.IGNORECASE)


@dataclass
class RequestRecord:
    """One call. `status` is None while it is under way, and 0 when there was no response."""

    seq: int
    at: float
    service: str
    call: str
    method: str
    path: str
    session: str | None = None
    status: int | None = None
    ms: float | None = None
    fault: str | None = None
    request: Any = field(default=None)


class RequestLog:
    """The last calls, oldest first."""

    def __init__(self, keep: int) -> None:
        self._calls: deque[RequestRecord] = deque(maxlen=keep)
        self.total = 0

    def begin(
        self,
        at: float,
        service: str,
        call: str,
        *,
        method: str,
        path: str,
        secrets: frozenset[str] = frozenset(),
    ) -> RequestRecord:
        """Log a call that has come in. `secrets` are cut out of the path."""
        self.total += 1
        record = RequestRecord(self.total, at, service, call, method, redact_json(path, secrets))
        self._calls.append(record)
        return record

    def to_json(self, last: int = sys.maxsize) -> list[dict[str, Any]]:
        """The `last` calls as JSON values, oldest first."""
        return [asdict(call) for call in list(self._calls)[-last:]]


def redact_json(value: Any, secrets: frozenset[str] = frozenset()) -> Any:
    """A copy of a JSON value without secrets.

    Members whose name is that of a secret are hidden, and so is every occurrence of one of
    `secrets` in any text; long text is cut.
    """
    if isinstance(value, dict):
        return {
            redact_json(str(name), secrets): HIDDEN
            if _SECRET_NAME.search(str(name))
            else redact_json(item, secrets)
            for name, item in list(value.items())[:MAX_ITEMS]
        }
    if isinstance(value, list):
        return [redact_json(item, secrets) for item in value[:MAX_ITEMS]]
    if isinstance(value, str):
        value = blank_out(value, secrets)
        return value if len(value) <= MAX_ITEMS else f"{value[:MAX_ITEMS]}…"
    return value
