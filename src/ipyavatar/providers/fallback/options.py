"""`fallback=`: who may take over, and which keywords are whose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.validate import require_known
from ...errors import InvalidArgument
from ..registry import provider_names, spec_of
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
    names = provider_names()
    free = [name for name in names if not spec_of(name).paid]
    require_known("fallback", name, names)
    if name not in free:
        raise InvalidArgument(
            f"fallback={name!r} cannot work: it is a service, too, and may fail as well.",
            f"Choose one of: {', '.join(free)}.",
        )
    return spec_of(name)


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
