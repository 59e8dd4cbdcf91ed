"""HTML and SSML: tags go, what they hold stays."""

# ruff: noqa: RUF001 - raised and lowered signs

from __future__ import annotations

import html
import re
from collections import Counter

from .characters import RAISED

_BLOCKS = (
    "p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|tr|table|section|article|blockquote|pre|main|address|aside"
    "|break|button|caption|center|details|dialog|fieldset|figcaption|figure|footer|form|header|hgroup|legend|nav"
    "|optgroup|option|search|summary|tbody|tfoot|thead|title"
)
_INLINE = (
    "a|abbr|audio|b|bdi|bdo|big|body|cite|code|col|colgroup|data|datalist|del|dfn|em|embed|font"
    "|head|html|i|iframe|img|input|ins|kbd|label|link|map|mark|meta|meter|object|output|picture"
    "|progress|q|rp|rt|ruby|s|samp|select|slot|small|source|span|strike|strong|sub|sup|svg|path|td"
    "|template|textarea|th|time|tt|u|var|video|wbr"
    # SSML
    "|speak|voice|prosody|emphasis|say-as|phoneme|lang|w|express-as|amazon:effect"
    "|mstts:express-as"
)
_VALUED = r"(?:\s+[\w:@-]+\s*=\s*(?:\"[^\"<>]{0,2000}\"|'[^'<>]{0,2000}'|[^\s\"'<>]+)){0,30}\s*/?"

_HIDDEN = re.compile(
    r"(?i)<!--(?:(?!<!--)[\s\S]){0,20000}?-->"
    r"|<(?P<tag>script|style)\b[^<>]{0,2000}>(?:(?!<(?:script|style)\b)[\s\S]){0,100000}?</(?P=tag)\s*>"
    r"|<!doctype[^<>]{0,200}>|<\?xml[^<>]{0,200}\?>|<!\[CDATA\[|\]\]>"
)
_CELL = re.compile(r"(?i)</t[dh]>\s*(?=<t[dh]\b)")
_BLOCK = re.compile(rf"(?i)</?(?:{_BLOCKS}){_VALUED}>")
_TAG = re.compile(rf"(?i)</?(?:{_INLINE}){_VALUED}>")
_SUP = re.compile(r"(?i)<sup>\s*([+\-−]?[\dn]{1,6})\s*</sup>")
_SUB = re.compile(r"(?i)<sub>\s*([+\-−]?[\dn]{1,6})\s*</sub>")
# What is said instead: of a picture, and in SSML of an abbreviation.
_SPOKEN = re.compile(
    r"(?i)<img\b[^<>]{0,1000}?\salt\s*=\s*(?:\"([^\"<>]{0,300})\"|'([^'<>]{0,300})')[^<>]{0,1000}>"
    r"|<sub\s+alias\s*=\s*(?:\"([^\"<>]{1,300})\"|'([^'<>]{1,300})')\s*>[^<>]{0,300}</sub\s*>"
)
_LINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]{1,2000})>")
_OTHER = re.compile(rf"<(/?)([A-Za-z][\w:.-]{{0,60}})({_VALUED})>")
_LOWERED = str.maketrans("0123456789+-−n", "₀₁₂₃₄₅₆₇₈₉₊₋₋ₙ")


def strip_html(text: str) -> str:
    """`text` without tags, comments, scripts and styles; entities become characters.

    Known elements go. What else looks like a tag ("List<String>", "<your name>") is text, unless
    it is opened and closed ("<answer>4</answer>"). "a <b and c> d" is a comparison.
    """
    if "<" in text:
        text = _HIDDEN.sub(" ", text)
        text = _SPOKEN.sub(lambda m: m[1] or m[2] or m[3] or m[4] or "", text)
        text = _SUB.sub(lambda m: m.group(1).translate(_LOWERED), text)
        text = _SUP.sub(lambda m: m.group(1).translate(RAISED), text)
        text = _CELL.sub(", ", text)
        text = _BLOCK.sub("\n\n", text)
        text = _TAG.sub("", text)
        text = _LINK.sub(r"\1", text)
        text = _without_pairs(text)
    return _unescape(text) if "&" in text else text


def _without_pairs(text: str) -> str:
    """`text` without tags of unknown elements that are both opened and closed."""
    seen = Counter((m.group(2).lower(), bool(m.group(1))) for m in _OTHER.finditer(text))
    paired = {name for name, closes in seen if (name, not closes) in seen}

    def without(match: re.Match[str]) -> str:
        return "" if match.group(2).lower() in paired else match.group()

    return _OTHER.sub(without, text) if paired else text


def _unescape(text: str) -> str:
    """Entities as characters; what is no character at all becomes a space."""
    plain = html.unescape(text)
    return "".join(c if c in "\n\t" or c.isprintable() else " " for c in plain)
