"""The texts of a body, each of a length that is documented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..emulator import ErrorReply, ServiceRequest
from .replies import invalid, missing


def read_texts(
    request: ServiceRequest, lengths: Mapping[str, tuple[int, int]], needed: Sequence[str] = ()
) -> dict[str, str]:
    """What the body has of these.

    Args:
        request: With the body.
        lengths: The least and the most characters of each.
        needed: Those that must be there.

    Raises:
        ErrorReply: One is missing, no text, or of another length; it is told by name.
    """
    body = request.json()
    for name in needed:
        if name not in body:
            raise ErrorReply(missing(name))
    texts = {name: body[name] for name in lengths if name in body}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise ErrorReply(invalid(name, "Input should be a valid string", "string_type"))
        least, most = lengths[name]
        if len(value) < least:
            words = f"should have at least {least} character{'s'[: least > 1]}"
            raise ErrorReply(invalid(name, words, "string_too_short"))
        if len(value) > most:
            words = f"should have at most {most} characters"
            raise ErrorReply(invalid(name, words, "string_too_long"))
    return texts
