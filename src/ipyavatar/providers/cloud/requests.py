"""Checks of what goes into a call, before it costs one."""

from __future__ import annotations

from urllib.parse import quote

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


def path_segment(session_id: str) -> str:
    """`session_id` as one segment of a path, whatever is in it.

    Raises:
        InvalidArgument: It is empty.
    """
    if not session_id:
        raise InvalidArgument("There is no session id.", "Give one from sessions().")
    quoted = quote(session_id, safe="", errors="replace")
    # Segments of dots alone are ways up and down.
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")
