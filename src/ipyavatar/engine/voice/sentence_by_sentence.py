"""A text said sentence by sentence: what fails is skipped, and told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from ...core.markup import strip_markup
from ...core.text import is_silent
from ...errors import AvatarError
from .base import VoiceChunk
from .splitter import pieces


def say_sentences(
    text: str,
    language: str,
    say: Callable[[str], VoiceChunk],
    tell: Callable[[str], None],
    cancel: threading.Event,
) -> Iterator[VoiceChunk]:
    """The sound of each sentence of `text`, until `cancel` is set.

    Args:
        text: As the user wrote it.
        language: Whose rules end its sentences.
        say: Makes the sound of one sentence, or raises an `AvatarError`.
        tell: Told which sentence was left out, and why.
        cancel: Ends it before the next sentence.

    Raises:
        AvatarError: Nothing of it could be said.
    """
    said, failure = False, None
    for piece in pieces(strip_markup(text), language):
        if cancel.is_set():
            return
        if is_silent(piece.text):
            continue
        try:
            yield say(piece.text)
            said = True
        except AvatarError as error:
            failure = error
            tell(f"left out {piece.text[:40]!r}: {error.what}")
    if failure is not None and not said:
        raise failure
