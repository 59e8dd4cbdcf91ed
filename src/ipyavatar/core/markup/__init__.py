"""Markup: what is written for machines and renderers, and that nobody reads out.

`strip_markup` takes it away and leaves what the user wrote: captions show it, services whose own
voice speaks are sent it, and our voice goes on from it (`engine/voice/text_normalization`). How,
and in which order, is in `steps.py`: its many patterns are compiled when the first text comes.
"""

from __future__ import annotations


def strip_markup(text: str) -> str:
    """`text` without markup, control characters and emoji: what a caption may show.

    Reasoning of language models is left out, and so are code blocks, unless there is nothing else.
    Paragraphs, headings, list items and rows of tables are separated by blank lines.
    """
    from .steps import STEPS

    for step in STEPS:
        text = step(text)
    return text


def find_unreadable(text: str) -> str:
    """The parts of `text` in scripts other than Latin, joined by spaces; "" when all is read."""
    if text.isascii():
        return ""
    from ..scripts import find_foreign

    return find_foreign(strip_markup(text))
