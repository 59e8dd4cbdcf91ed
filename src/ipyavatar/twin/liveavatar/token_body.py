"""What the body of a session token may hold: what is not documented is refused by name.

The service is written with pydantic, which takes `"true"` and 1 for a truth, and no number for
text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..emulator import ErrorReply
from .replies import invalid, missing

TRUTHS: Mapping[object, bool] = {"true": True, "false": False, 1: True, 0: False}
"""What is taken for one; `True` and `False` are 1 and 0."""

_TEXTS = {
    "": ("avatar_id", "interactivity_type", "llm_configuration_id"),
    "avatar_persona": ("voice_id", "context_id", "language"),
    "video_settings": ("quality", "encoding"),
}

_CHOICES = {
    "interactivity_type": ("CONVERSATIONAL", "PUSH_TO_TALK"),
    "video_settings.quality": ("low", "medium", "high", "very_high"),
    "video_settings.encoding": ("H264", "VP8"),
}


def check_token_body(body: Mapping[str, Any]) -> None:
    """Refuse members that are of another type than documented, or none of what can be chosen.

    Raises:
        ErrorReply: One is, with its name.
    """
    if not is_truth(body.get("is_sandbox", False)):
        raise ErrorReply(invalid("is_sandbox", "Input should be a valid boolean", "bool_parsing"))
    for name, texts in _TEXTS.items():
        holder = body.get(name, {}) if name else body
        if not isinstance(holder, Mapping):
            raise ErrorReply(invalid(name, "Input should be an object", "model_type"))
        for text in texts:
            full = f"{name}.{text}" if name else text
            value = holder.get(text)
            if value is not None and not isinstance(value, str):
                raise ErrorReply(invalid(full, "Input should be a valid string", "string_type"))
            choices = _CHOICES.get(full)
            if value is not None and choices is not None and value not in choices:
                words = f"Input should be {' or '.join(choices)}"
                raise ErrorReply(invalid(full, words, "enum"))


def read_voice_agent(body: Mapping[str, Any], mode: str) -> str:
    """The id of the voice agent that says what a persona would; empty where it names none.

    Raises:
        ErrorReply: It makes no sense here.
    """
    agent = body.get("voice_agent")
    if agent is None:
        return ""
    if mode != "FULL":
        raise ErrorReply(invalid("voice_agent", "is for FULL mode", "value_error"))
    if "avatar_persona" in body:
        words = "voice_agent and avatar_persona exclude each other"
        raise ErrorReply(invalid("voice_agent", words, "value_error"))
    if not isinstance(agent, Mapping):
        raise ErrorReply(invalid("voice_agent", "Input should be an object", "model_type"))
    agent_id = agent.get("id")
    if not isinstance(agent_id, str) or not agent_id:
        raise ErrorReply(missing("voice_agent.id"))
    return agent_id


def is_truth(value: object) -> bool:
    """Whether it is taken for true or false."""
    return isinstance(value, (bool, int, str)) and value in TRUTHS
