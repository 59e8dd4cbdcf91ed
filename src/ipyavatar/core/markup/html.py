"""HTML and SSML: tags go, what they hold stays."""

# ruff: noqa: RUF001 - raised and lowered signs

from __future__ import annotations

import html
import re
from collections import Counter

_BLOCKS = "p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|tr|table|section|article|blockquote|pre|main"
_INLINE = (
    "a|abbr|address|aside|audio|b|bdi|bdo|big|body|button|caption|center|cite|code|col|colgroup|data"
    "|datalist|del|details|dfn|dialog|em|embed|fieldset|figcaption|figure|font|form|head|hgroup|html"
    "|i|iframe|img|input|ins|kbd|label|legend|link|map|mark|meta|meter|object|optgroup|option|output"
    "|picture|progress|q|rp|rt|ruby|s|samp|search|select|slot|small|source|span|strike|strong|sub"
    "|summary|sup|svg|path|tbody|td|template|textarea|tfoot|th|thead|time|title|tt|u|var|video|wbr"
    "|header|footer|nav"
    # SSML
    "|speak|voice|prosody|break|emphasis|say-as|phoneme|lang|w|express-as|amazon:effect"
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
_LINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]{1,2000})>")
_OTHER = re.compile(rf"<(/?)([A-Za-z][\w:.-]{{0,60}})({_VALUED})>")
_RAISED = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
_LOWERED = str.maketrans("0123456789+-−n", "₀₁₂₃₄₅₆₇₈₉₊₋₋ₙ")


def strip_html(text: str) -> str:
    """`text` without tags, comments, scripts and styles; entities become characters.

    Known elements go. What else looks like a tag ("List<String>", "<your name>") is text, unless
    it is opened and closed ("<answer>4</answer>"). "a <b and c> d" is a comparison.
    """
    if "<" in text:
        text = _HIDDEN.sub(" ", text)
        text = _SUB.sub(lambda m: m.group(1).translate(_LOWERED), text)
        text = _SUP.sub(lambda m: m.group(1).translate(_RAISED), text)
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
