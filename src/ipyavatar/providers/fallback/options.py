"""`fallback=`: who may take over, and which keywords are whose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import InvalidArgument
from ..registry import spec_of
from ..spec import ProviderSpec

SHARED = frozenset({"quality", "voice", "max_idle_s"})
"""Keywords that mean the same to both, where both take them."""


def fallback_of(keywords: Mapping[str, Any]) -> ProviderSpec | None:
    """Who takes over, by the user's keywords; None where nobody does.

    Raises:
        UnknownName: There is no such provider.
        InvalidArgument: It may fail just as well.
    """
    name = keywords.get("fallback")
    if name is None:
        return None
    spec = spec_of(name)
    if spec.paid:
        raise InvalidArgument(
            f"fallback={spec.name!r} cannot work: it is a service, too, and may fail as well.",
            'Give fallback="embedded".',
        )
    return spec


def split_keywords(
    spec: ProviderSpec, fallback: ProviderSpec, keywords: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Each takes what it knows, the first before the second, but for what is `SHARED`.

    What neither knows is the first's, which says so.
    """
    own = spec.keyword_names
    first = {n: v for n, v in keywords.items() if n in own or n not in fallback.keyword_names}
    known = fallback.keyword_names & (SHARED | keywords.keys() - own)
    second = {name: v for name, v in keywords.items() if name in known}
    return first, second
