"""The end of a session, confirmed. Alike for all services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ...errors import SessionGone


async def end_confirmed(end: Callable[[], Awaitable[object]]) -> bool:
    """End a session by `end`. False when it had ended before; either way it is over.

    That it had counts when it is told twice, as with keep-alives: of a service's machines one may
    not know what the others do, and what is taken for over goes on costing.

    Raises:
        ServiceError: It is not known to be over.
    """
    for _ in range(2):
        try:
            await end()
        except SessionGone:
            continue
        return True
    return False
