"""Checks of what goes into a call, before it costs one."""

from __future__ import annotations

from ...errors import InvalidArgument


def check_text(text: str, limit: int) -> None:
    """Refuse text the service would refuse, before it costs a call.

    Raises:
        InvalidArgument: It is blank or longer than `limit` characters.
    """
    if not text.strip():
        raise InvalidArgument("There is nothing to say: the text is blank.", "Give some words.")
    if len(text) > limit:
        raise InvalidArgument(
            f"The text has {len(text)} characters; one call takes {limit}.",
            "Cut it with split_text first.",
        )


def check_session_id(session_id: str) -> str:
    """`session_id`, if it can stand in a path.

    Raises:
        InvalidArgument: It is empty or holds other characters than ids do.
    """
    if not session_id or not all(c.isascii() and (c.isalnum() or c in "-_.:~") for c in session_id):
        raise InvalidArgument(f"{session_id!r} is not a session id.", "Give one from sessions().")
    return session_id
