"""The end of a session, confirmed. Alike for all services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import anyio

from ...errors import ServiceError, ServiceUnavailable, SessionGone
from .models import ListedSession

TOLD = 2
"""That it had ended counts when it is told so often, as with keep-alives: of a service's machines
one may not know what the others do, and what is taken for over goes on costing."""

LIST_S = 8.0
"""A list of what is open may take so long; it is asked for where a session is said not to exist."""


async def end_confirmed(
    end: Callable[[], Awaitable[object]],
    session_id: str = "",
    list_open: Callable[[], Awaitable[Sequence[ListedSession]]] | None = None,
) -> bool:
    """End a session by `end`. False when it had ended before; either way it is over.

    Args:
        end: The call.
        session_id: The session.
        list_open: Where the service tells what is open: what is in there has not ended, whatever
            `end` is told. One more call, and one more `end`, and only where it is said to be gone.

    Raises:
        ServiceError: It is not known to be over.
    """
    for _ in range(TOLD):
        try:
            await end()
        except SessionGone:
            continue
        return True
    entry = None if list_open is None else await _find(session_id, list_open)
    if entry is None:
        return False
    try:
        await end()
    except SessionGone as gone:
        raise ServiceUnavailable(
            "The service lists the session as open, and does not know it when it is to be stopped.",
            "ipyavatar.stop_all() tries again; if it stays, stop it in the service's dashboard.",
            service=gone.service,
            call=gone.call,
            status=gone.status,
        ) from gone
    return True


async def _find(
    session_id: str, list_open: Callable[[], Awaitable[Sequence[ListedSession]]]
) -> ListedSession | None:
    """It, among what is open; a list that cannot be had changes nothing."""
    with anyio.move_on_after(LIST_S):
        try:
            return next((one for one in await list_open() if one.session_id == session_id), None)
        except ServiceError:
            pass
    return None
