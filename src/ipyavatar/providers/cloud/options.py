"""Checks of the options that paid services share; each names value, limit and fix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

import msgspec

from ...core.validate import require_known, require_seconds
from ...errors import InvalidArgument
from ...protocol.options import ServiceOptions


def check_values(kind: type[ServiceOptions], values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as members of `kind`, each of the right type and in its range.

    Raises:
        UnknownName: One is none of those there are.
        InvalidArgument: One cannot work.
    """
    checked = dict(values)
    for name in ("max_idle_s", "max_duration_s"):
        if name in checked:
            checked[name] = require_seconds(name, checked[name])
    types = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for name, value in checked.items():
        if types[name] is int and isinstance(value, float) and value.is_integer():
            value = int(value)  # noqa: PLW2901  # 60.0 is a whole number
        if get_origin(types[name]) is Literal:
            require_known(name, value, get_args(types[name]))
        try:
            checked[name] = msgspec.convert(value, types[name])
        except (msgspec.ValidationError, TypeError) as error:
            wanted = str(error).replace("`", "") or "Expected another type"
            raise InvalidArgument(f"{name}={value!r} cannot work.", f"{wanted}.") from None
    price = checked.get("credits_per_minute")
    if price is not None and not price >= 0:
        raise InvalidArgument(
            f"credits_per_minute={price!r} cannot work.", "Give a price of 0 or more."
        )
    return checked


def check_disable_idle_timeout(disable: object, instead: str) -> None:
    """Refuse to switch the idle time-out off, and say why.

    Args:
        disable: What the user gave.
        instead: The keywords to use instead.

    Raises:
        InvalidArgument: `disable` is true.
    """
    if disable:
        raise InvalidArgument(
            "disable_idle_timeout is never sent as true: a session that nobody ends would go on "
            "costing credits after a crash.",
            f"Use {instead}; the session is kept alive for as long as you use it.",
        )
