"""What the clients give back, alike for all services."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=1)]
"""What a service calls a session, or where a stream is: an empty one cannot be ended, or played."""


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session as its service lists it.

    Attributes:
        provider: The name of its service.
        session_id: The service's id.
        status: The service's word for its state.
        created_at: Unix time in seconds; None when it does not say.
        duration_s: Seconds so far, where told.
        credits: Credits used, where told.
    """

    provider: str
    session_id: str
    status: str
    created_at: float | None = None
    duration_s: float | None = None
    credits: float | None = None


@dataclass(frozen=True, slots=True)
class ServiceAvatar:
    """A face one can choose: its id is what `avatar_id=` takes."""

    id: str
    name: str
    preview_url: str | None = None
    voice_id: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceVoice:
    """A voice one can choose: its id is what `voice_id=` takes."""

    id: str
    name: str
    language: str | None = None
    sample_url: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """What a service's language model may know: its id is what `context_id=` takes."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Task:
    """A speech the service has taken; its id and its length where it told them."""

    task_id: str | None
    duration_s: float | None = None


def told_seconds(value: float | None, most: float = math.inf) -> float | None:
    """A length as a service tells it; None where it tells none, which some do by zero or -1."""
    return value if value is not None and 0 < value <= most else None


LATEST = 1e11
"""Unix seconds, in the year 5138: what is greater counts in a smaller unit."""


def unix_time(value: float | str | None) -> float | None:
    """A service's time, number or date, as Unix seconds; None for none or nonsense."""
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except ValueError:
        return _read_date(str(value))
    # Some services count milliseconds, or even smaller.
    units = (number / scale for scale in (1, 1e3, 1e6, 1e9))
    return next((seconds for seconds in units if 0 <= seconds <= LATEST), None)


def _read_date(text: str) -> float | None:
    """Of ISO 8601, or as in the headers of HTTP."""
    for read in (_read_iso_date, parsedate_to_datetime):
        try:
            when = read(text)
            # Without a zone it is Greenwich's.
            return (when if when.tzinfo else when.replace(tzinfo=dt.timezone.utc)).timestamp()
        except (ValueError, OverflowError):
            continue
    return None


def _read_iso_date(text: str) -> dt.datetime:
    # Digits behind the microsecond, which Python 3.10 does not read, tell nothing of use.
    text = re.sub(r"(\.\d{6})\d+", r"\1", text.replace("Z", "+00:00"))
    return dt.datetime.fromisoformat(text)
