"""What providers make of the text of a speech before it is said."""

from __future__ import annotations

import msgspec

from ..core.markup import find_unreadable, strip_markup
from ..core.speech import Utterance
from ..errors import SpeechFailed

SHOWN = 40
"""Characters of what is left out that a message shows."""


def plain_utterance(utterance: Utterance) -> Utterance:
    """`utterance` as a service's own voice is to say it: without markup, numbers as they are.

    What its language model is to answer ("talk") goes to it as it is.
    """
    if utterance.mode == "talk":
        return utterance
    return msgspec.structs.replace(utterance, text=strip_markup(utterance.text))


def describe_unreadable(text: str) -> str:
    """One sentence on what our voice leaves out of `text`; empty when it reads all."""
    left_out = find_unreadable(text)
    if not left_out:
        return ""
    shown = left_out if len(left_out) <= SHOWN else left_out[: SHOWN - 1] + "…"
    return f"The voice reads English; this part is left out: {shown!r}."


def require_readable(text: str) -> None:
    """Pass what had nothing to say; refuse what our voice could not read.

    Raises:
        SpeechFailed: All that there is to say is in another script.
    """
    if find_unreadable(text):
        raise SpeechFailed(
            "There was nothing in the text that the voice can read.",
            "It reads English; a service's own voice may read other languages.",
        )
