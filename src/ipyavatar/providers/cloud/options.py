"""The options that paid services share, and their checks: each names value, limit and fix."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, TypedDict, get_args, get_origin

import msgspec

from ...core.secret import Secret
from ...core.text import plain_text
from ...core.validate import require_known, require_seconds, require_switch
from ...errors import InvalidArgument, describe
from ...protocol.options import ServiceOptions


class ServiceKeywords(TypedDict, total=False):
    """Keywords that every paid service takes.

    Attributes:
        api_key: The account's key; from the environment when not given.
        base_url: Where the service is; from the environment, else the live one.
        avatar_id: The service's id of the face.
        voice_id: The service's id of the voice; the face's own when not given.
        max_idle_s: Seconds without activity of the user after which we end the session (600).
        max_duration_s: Seconds after which we end the session in any case (3600).
        credits_per_minute: Your price, where none is published.
        fallback: `"embedded"`: goes on with what is queued where the service cannot be opened, or
            breaks for good; it takes the keywords of `Avatar()` besides.
        disable_idle_timeout: Never sent as true; says what to use instead.
    """

    api_key: Secret | str | None
    base_url: str | None
    avatar_id: str | None
    voice_id: str | None
    max_idle_s: float | None
    max_duration_s: float | None
    credits_per_minute: float | None
    fallback: str | None
    disable_idle_timeout: bool | None


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
            value = require_known(name, value, get_args(types[name]))  # noqa: PLW2901
        if isinstance(value, str) and not (value.isprintable() and value.strip()):
            # Of an empty variable, or with the line break of a file: the service would refuse it.
            fix = "Give one line of text, or leave it out for the default."
            raise InvalidArgument(f"{name}={value!r} cannot work.", fix)
        try:
            fits = msgspec.convert(value, types[name])
        except (msgspec.ValidationError, TypeError) as error:
            wanted = str(error).replace("`", "") or "Expected another type"
            raise InvalidArgument(f"{name}={describe(value)} cannot work.", f"{wanted}.") from None
        checked[name] = plain_text(fits) if isinstance(fits, str) else fits
    price = checked.get("credits_per_minute")
    if price is not None and not 0 <= price < math.inf:
        raise InvalidArgument(
            f"credits_per_minute={describe(price)} cannot work.", "Give a price of 0 or more."
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
    if require_switch("disable_idle_timeout", disable):
        raise InvalidArgument(
            "disable_idle_timeout is never sent as true: a session that nobody ends would go on "
            "costing credits after a crash.",
            f"Use {instead}; the session is kept alive for as long as you use it.",
        )
