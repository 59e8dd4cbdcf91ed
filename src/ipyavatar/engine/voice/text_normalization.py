"""Text as people expect to hear it.

Two steps. `strip_markup` takes away what nobody reads out (markup, emoji, control characters) and
leaves what the user wrote, as a caption shows it. `normalize_text` writes one sentence out for the
pronunciation, which itself reads numbers, dates, times, money, units and common
abbreviations; only what it reads wrongly or not at all is here.
"""

# ruff: noqa: RUF001 - symbols and foreign letters are what this file is about

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable

_BLOCK_TAGS = "p|div|br|hr|li|ul|ol|h[1-6]|tr|table|section|article|blockquote|pre"
_ATTRIBUTES = r"(?:\s+[\w:@-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))*\s*/?"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), replacement)
    for pattern, replacement in (
        # HTML, and SSML. A tag has attributes with "=" or none, so "a <b and c> d" stays.
        (r"<!--(?:(?!<!--)[\s\S])*?-->", " "),
        (r"(?i)<(script|style)\b[^<>]*>(?:(?!<\1)[\s\S])*?</\1\s*>", " "),
        (rf"(?i)</?(?:{_BLOCK_TAGS}){_ATTRIBUTES}>", "\n\n"),
        (rf"</?[A-Za-z][\w:-]*{_ATTRIBUTES}>", ""),
        (r"<((?:https?://|mailto:)[^\s<>]+)>", r"\1"),
        # Markdown, blocks first. What is between marks is bounded, so that unmatched marks cost
        # no more than a fixed look ahead.
        (r"^[ \t]*[|:]?[ \t]*:?-{3,}[-:| \t]*$", "\n"),
        (r"^[ \t]*(?:[*_=][ \t]*){3,}$", "\n"),
        (r"^[ \t]*\|(.*)\|[ \t]*$", r"\n\n\1"),
        (r"^[ \t]*(?:>[ \t]?)+", ""),
        (r"^[ \t]*#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", r"\n\n\1\n\n"),
        (r"^[ \t]*[-*+•‣◦▪][ \t]+(?:\[[ xX]\][ \t]+)?", "\n\n"),
        (r"^[ \t]*(\d{1,3})[.)][ \t]+(?=\S)", r"\n\n\1: "),
        (r"!?\[([^\[\]\n]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)", r"\1"),
        (r"\[\^[^\]\n]{1,20}\]", ""),
        (r"(?<!`)(`{1,3})([^`\n]{1,300})\1(?!`)", r"\2"),
        (r"(\*\*\*|\*\*|~~)(?=\S)(.{1,300}?)(?<=\S)\1", r"\2"),
        (r"(?<!\w)(___|__|_)(?=[^\W_])(.{1,300}?)(?<=[^\s_])\1(?!\w)", r"\2"),
        (r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])", r"\1"),
    )
)
_FENCE = re.compile(r"^[ \t]*(```|~~~)[^\n]*\n([\s\S]*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE)
_FENCE_LINE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_ROW_EDGE = re.compile(r"[ \t]+\|[ \t]+")
_BLANK_LINES = re.compile(r"[ \t]*\n[ \t]*\n\s*")
_GAPS = re.compile(r"[ \t]+(?=[ \t]|[,.;!?](?:\s|$))")  # where an emoji was
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_KEPT_SYMBOLS = frozenset("°©®™№℃℉←→↑↓↔")
_EMOJI_PARTS = frozenset("\u200d\u20e3\ufe0e\ufe0f")
_WIDE = re.compile("[\uff01-\uff5e\U0001d400-\U0001d7ff\ufb00-\ufb06]")


def strip_markup(text: str) -> str:
    """`text` without markup, control characters and emoji: what a caption may show.

    Code blocks are left out, unless there is nothing else. Paragraphs, headings and list items
    are separated by blank lines.
    """
    text = _LINE_ENDS.sub("\n", text)
    text = _kept_characters(_WIDE.sub(lambda m: unicodedata.normalize("NFKC", m.group()), text))
    without_code = _FENCE.sub("\n", text)
    text = without_code if without_code.strip() else _FENCE_LINE.sub("", text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    text = _ROW_EDGE.sub(", ", html.unescape(text))
    return _GAPS.sub("", _BLANK_LINES.sub("\n\n", text)).strip()


def _kept_characters(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if _is_kept(c))


def _is_kept(char: str) -> bool:
    if char in "\n\t" or char in _KEPT_SYMBOLS:
        return True
    if char in _EMOJI_PARTS or (char >= "\U0001f000" and not char.isalpha()):
        return False
    category = unicodedata.category(char)
    return category not in ("Cc", "Cf", "Cs", "Co", "Cn", "So")


_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu",
    "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau",
    "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_OPERATORS = {
    "≈": "is about", "≤": "is at most", "≥": "is at least", "≠": "is not equal to",
    "≡": "is equivalent to", "∞": "infinity", "√": "the square root of", "∑": "the sum of",
    "∫": "the integral of", "∈": "in", "∂": "partial", "⇒": "implies", "↔": "to and from",
    "↑": "up", "↓": "down", "−": "minus", "·": "times", "‰": "per mille", "№": "number",
    "℃": "degrees Celsius", "℉": "degrees Fahrenheit",
    "==": "equals", "!=": "is not equal to", ">=": "is at least", "<=": "is at most",
    "=>": "to", "->": "to", "<-": "from", "&&": "and", "||": "or",
}  # fmt: skip
_TOP_LEVEL = "com|org|net|edu|gov|io|dev|ai|app|co|me|info|de|uk|fr|eu|ch|at|nl|it|es|us|ca"
_SUFFIXES = "py|js|ts|md|txt|json|csv|html|css|toml|yaml|yml|ipynb|pdf|png|jpg|mp4|wav|sh|rs|go"


def _greek(match: re.Match[str]) -> str:
    return f" {_GREEK[match.group().lower()]} "


def _web_address(match: re.Match[str]) -> str:
    """The host alone: a whole path read out helps nobody."""
    return re.sub(r"\.", " dot ", match.group(1))


def _dotted(match: re.Match[str]) -> str:
    return match.group().replace(".", " dot ")


def _email(match: re.Match[str]) -> str:
    return (
        re.sub(r"[._+-]", _email_mark, match.group(1))
        + " at "
        + match.group(2).replace(".", " dot ")
    )


def _email_mark(match: re.Match[str]) -> str:
    words = {".": "dot", "_": "underscore", "+": "plus", "-": "dash"}
    return f" {words[match.group()]} "


def _version(match: re.Match[str]) -> str:
    return match.group(1) + " point ".join(match.group(2).split("."))


def _power(match: re.Match[str]) -> str:
    return f"{match.group(1)} times 10 to the power of {match.group(2).lstrip('+')}"


_Replacement = str | Callable[[re.Match[str]], str]
_WORDS: tuple[tuple[re.Pattern[str], _Replacement], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?i)\b(?:https?|ftp)://(?:[^\s/@]*@)?(?:www\.)?([\w.-]+\w)(?::\d+)?(?:[/?#]\S*[\w/=&])?",
         _web_address),
        (r"(?i)\bwww\.([\w.-]+\w)(?:[/?#]\S*[\w/=&])?", _web_address),
        (r"(?i)\b(?:mailto:)?([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)", _email),
        (rf"(?i)\b[\w-]+(?:\.[\w-]+){{0,9}}\.(?:{_TOP_LEVEL}|{_SUFFIXES})\b(?!\.\w)", _dotted),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", _dotted),
        # Past a trillion nobody follows a number: the digits one by one.
        (r"\d{13,}", lambda m: " ".join(m.group())),
        (r"\b[vV](?=\d+\.\d)", "version "),
        (r"((?i:\b(?:version|python|release|numpy|node|ubuntu|java)\s))(\d+(?:\.\d+)+)\b",
         _version),
        (r"()\b(\d+(?:\.\d+){2,})\b", _version),
        (r"\b(\d+(?:\.\d+)?)[eE]([+-]?\d+)\b", _power),
        (r"(?<=[a-z])([.!?])(?=[A-Z][a-z])", r"\1 "),
        (r"\b([A-Za-z_]\w+)\.(?=[A-Za-z_]\w+)(?<!\b[A-Z]\.)", r"\1 dot "),
        (r"(?<=\w)\(\)", ""),
        (r"\bC#", "C sharp"),
        (r"\bF#", "F sharp"),
        (r"\.NET\b", " dot net"),
        (r"\bC\+\+", "C plus plus"),
        (r"\b[eE]\.\s?g\.,?(?=\s)", "for example"),
        (r"\b[iI]\.\s?e\.,?(?=\s)", "that is,"),
        (r"\betc\.(?=\s[a-z])", "et cetera"),
        (r"\bp\.\s?(?=\d)", "page "),
        (r"(\d)\s?([€£])(?!\d)", r"\1 \2"),
        (r"(?<![\w.])(\d[\d,.]*\d|\d)\s([€£])(?!\d)", r"\2\1"),
        (r"(?<=\d)[kK]\b", " thousand"),
        (r"(?<=\d) ?m/s\b", " meters per second"),
        (r"\b(k?m|cm|mm)²", r"square \1"),
        (r"\bsquare km\b", "square kilometers"),
        (r"\bsquare m\b", "square meters"),
        (r"(?<=\w)\s\*\s(?=\w)", " times "),
        ("[" + "".join(_GREEK) + "".join(_GREEK).upper().replace("Σ", "") + "Σ](?![\u0370-\u03ff])",
         _greek),
    )
)  # fmt: skip
_OPERATOR = re.compile("|".join(re.escape(s) for s in sorted(_OPERATORS, key=len, reverse=True)))
_SPACES = re.compile(r"\s+")


def normalize_text(text: str) -> str:
    """One plain sentence as it is to be said, for the pronunciation."""
    text = _FOREIGN.sub(" ", text)
    for pattern, replacement in _WORDS:
        text = pattern.sub(replacement, text)
    text = _OPERATOR.sub(lambda m: f" {_OPERATORS[m.group()]} ", text)
    return _SPACES.sub(" ", text).strip()


def _is_foreign(char: str) -> bool:
    """A letter of another script; modifiers and the letters of formulas do not count."""
    return (
        char.isalpha()
        and char > "\u024f"
        and unicodedata.category(char) != "Lm"
        and not unicodedata.name(char, "").startswith(("LATIN", "MICRO", "FEMININE", "MASCULINE"))
    )


# Letters past Latin; a lone Greek letter is a symbol and is read by its name.
_FOREIGN = re.compile(
    r"[\u0370-\u03ff\u1f00-\u1fff]{2,}"
    r"|[\u0400-\u1dff\u2c00-\u2c5f\u2c80-\ua71f\ua800-\uab2f\uab70-\ufaff\ufb13-\ufdff"
    r"\ufe70-\ufefc\uff66-\uffdc\U00010000-\U0001cfff\U00020000-\U0003ffff]+"
)


def find_unreadable(text: str) -> str:
    """The parts of `text` in scripts other than Latin, joined by spaces; "" when all is read."""
    found = (m.group() for m in _FOREIGN.finditer(strip_markup(text)))
    return " ".join(part for part in found if any(_is_foreign(c) for c in part))
