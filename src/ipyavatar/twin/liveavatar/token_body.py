"""What the body of a session token may hold: a member of another type is refused by name.

The service is written with pydantic, which takes `"true"` and 1 for a truth, and no number for
text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..emulator import ErrorReply
from .replies import invalid

TRUTHS: Mapping[object, bool] = {"true": True, "false": False, 1: True, 0: False}
"""What is taken for one; `True` and `False` are 1 and 0."""

_TEXTS = {
    "": ("avatar_id", "interactivity_type"),
    "avatar_persona": ("voice_id", "context_id", "language"),
    "video_settings": ("quality", "encoding"),
}


def check_token_body(body: Mapping[str, Any]) -> None:
    """Refuse members that are of another type than documented.

    Raises:
        ErrorReply: One is, with its name.
    """
    if not _is_truth(body.get("is_sandbox", False)):
        raise ErrorReply(invalid("is_sandbox", "Input should be a valid boolean", "bool_parsing"))
    for name, texts in _TEXTS.items():
        holder = body.get(name, {}) if name else body
        if not isinstance(holder, Mapping):
            raise ErrorReply(invalid(name, "Input should be an object", "model_type"))
        for text in texts:
            if not isinstance(holder.get(text, ""), str):
                full = f"{name}.{text}" if name else text
                raise ErrorReply(invalid(full, "Input should be a valid string", "string_type"))


def _is_truth(value: object) -> bool:
    return isinstance(value, (bool, int, str)) and value in TRUTHS
