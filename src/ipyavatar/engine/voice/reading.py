"""Text as people expect to hear it: markup and emoji out, symbols as words."""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>|<!--.*?-->", re.S)


def plain(text: str) -> str:
    """`text` without markup, control characters and emoji: what a caption may show."""
    text = _TAG.sub(" ", text)
    text = _CONTROL.sub("", text)
    return "".join(c for c in text if unicodedata.category(c) not in ("So", "Sk", "Cs", "Co"))


def spoken(text: str) -> str:
    """One plain sentence as it is to be said, for the pronunciation."""
    return text


def unreadable(text: str) -> str:
    """The words of `text` in scripts other than Latin, joined by spaces."""
    return " ".join(w for w in text.split() if any(c.isalpha() and ord(c) > 0x24F for c in w))
