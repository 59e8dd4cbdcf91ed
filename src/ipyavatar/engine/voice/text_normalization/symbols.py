"""Signs: each has a word; what no table has is read by its name in Unicode."""

# ruff: noqa: RUF001 - patterns and lists of words are read in one piece

from __future__ import annotations

import re
import unicodedata

from .rule import Rule, rule

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu",
    "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau",
    "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "ϵ": "epsilon",
    "ϑ": "theta", "ϕ": "phi", "ϖ": "pi", "ϱ": "rho", "Ω": "omega", "µ": "mu",
}  # fmt: skip
_WORDS = {
    "≈": "is about", "≅": "is congruent to", "≃": "is about", "≤": "is less than or equal to",
    "≥": "is greater than or equal to", "⩽": "is less than or equal to",
    "⩾": "is greater than or equal to", "≠": "is not equal to", "≡": "is equivalent to",
    "≪": "is much less than", "≫": "is much greater than", "∝": "is proportional to",
    "∞": "infinity", "√": "the square root of", "∛": "the cube root of", "∜": "the fourth root of",
    "∑": "the sum of", "∏": "the product of", "∫": "the integral of", "∬": "the integral of",
    "∮": "the integral of", "∂": "partial", "∇": "nabla", "∈": "in", "∉": "not in",
    "∋": "contains", "⊂": "is a subset of", "⊆": "is a subset of", "⊃": "is a superset of",
    "⊇": "is a superset of", "∪": "union", "∩": "intersection", "∖": "without",
    "∅": "the empty set", "∀": "for all", "∃": "there exists", "¬": "not", "∧": "and", "∨": "or",
    "⇒": "implies", "⇐": "is implied by", "⇔": "if and only if", "→": "to", "↦": "maps to",
    "←": "from", "↔": "to and from", "↑": "up", "↓": "down", "↗": "up", "↘": "down",
    "−": "minus", "±": "plus or minus", "∓": "minus or plus", "×": "times", "·": "times",
    "⋅": "times", "∙": "times", "∗": "times", "÷": "divided by", "∕": "divided by",
    "∶": "to", "⊕": "plus", "⊗": "times", "⊥": "is perpendicular to", "∥": "is parallel to",
    "∠": "angle", "∴": "therefore", "∵": "because", "‰": "per mille", "‱": "per ten thousand",
    "№": "number", "℃": "degrees Celsius", "℉": "degrees Fahrenheit", "ℓ": "l", "ħ": "h bar",
    "§": "section", "¶": "paragraph", "©": "copyright", "®": "registered", "℗": "copyright",
    "™": "trademark", "℠": "service mark", "℡": "telephone", "✓": "check", "✔": "check",
    "✗": "cross", "✘": "cross", "✕": "cross", "✖": "cross", "¤": "currency", "†": "dagger",
    "∘": "composed with",
    "‡": "double dagger", "′": "prime", "″": "double prime", "°": "degrees", "¢": "cents",
    "△": "triangle", "▵": "triangle", "⊊": "is a proper subset of", "⊋": "is a proper superset of",
    "⇌": "in equilibrium with", "⇋": "in equilibrium with", "⟹": "implies", "⟸": "is implied by",
    "⟺": "if and only if", "⟶": "to", "⟼": "maps to", "≔": "is defined as", "≜": "is defined as",
    "≝": "is defined as", "∼": "tilde", "⊢": "proves", "⊨": "entails", "∄": "there is no",
    "⋯": "dot dot dot",
    "∆": "delta", "⊙": "times",
    "=": "equals", "+": "plus", "%": "percent", "&": "and", "~": "about", "@": "at",
    "♀": "female", "♂": "male", "♭": "flat", "♮": "natural", "♯": "sharp", "⌘": "command",
    "⌥": "option", "⌃": "control", "⇧": "shift", "☑": "check", "☒": "cross",
    "¦": ",", "ª": "ordinal", "º": "ordinal", "¿": "", "¡": "", "‖": ",", "⁄": "over",
}  # fmt: skip
_ARROWS = (
    ("LEFT RIGHT", "to and from"), ("RIGHT", "to"), ("LEFT", "from"), ("UP", "up"),
    ("DOWN", "down"), ("NORTH", "up"), ("SOUTH", "down"),
)  # fmt: skip
_MARKED = "".join(set(_WORDS) - set("=+%&~@"))
_QUIET = re.compile(r"[\\|_*^#`{}\[\]<>]+")


def _greek(match: re.Match[str]) -> str:
    return f" {GREEK[match.group().lower()]} "


def _named(match: re.Match[str]) -> str:
    char = match.group()
    return name_sign(char) if _is_sign(char) else char


def name_sign(char: str) -> str:
    """A sign by its name in Unicode: what the name says of its looks is left out."""
    name = unicodedata.name(char, "")
    if "ARROW" in name:
        return next((f" {word} " for part, word in _ARROWS if part in name), " arrow ")
    name = re.sub(r"\b(?:SIGN|SYMBOL|OPERATOR|N-ARY|WITH .*)\b", "", name)
    return f" {name.lower().replace('-', ' ').strip()} "


def _is_sign(char: str) -> bool:
    category = unicodedata.category(char)
    return category in ("Sm", "Sc") or (category == "So" and "ARROW" in unicodedata.name(char, ""))


GREEK_LETTERS = rule(
    "Greek letter",
    "[" + "".join(dict.fromkeys("".join(GREEK) + "".join(GREEK).upper().replace("Σ", ""))) + "Σ]",
    _greek,
    "A letter by itself is a symbol, and has a name; words of Greek are no English.",
)

SIGNS: tuple[Rule, ...] = (
    rule("type in brackets", r"(?<=[A-Za-z])<([A-Za-z]\w{0,40})>", r" of \1 ", "List<String>."),
    rule("brackets", r"<([A-Za-z][\w .'’]{0,60})>", r" \1 ", "<your name> compares nothing."),
    rule(
        "comparison below",
        r"(?:(?<=[\w)%])\s{0,3}|(?<=\])\s)<\s{0,3}(?=[\w(.$€£+−-])",
        " is less than ",
        "Two sides.",
    ),
    rule(
        "comparison above",
        r"(?:(?<=[\w)%])\s{0,3}|(?<=\])\s)>\s{0,3}(?=[\w(.$€£+−-])",
        " is greater than ",
        "Likewise.",
    ),
    rule("below", r"(?<![\w<])<\s?(?=[\w.])", " less than ", "One side: (<5 years)."),
    rule("above", r"(?<![\w>])>\s?(?=[\w.])", " greater than ", "Likewise."),
    rule("ordinal indicator", r"(?<=\w)[ªº]", "", "Of a number that is read by now."),
    rule("plural trademark", r"(?<=\w)[™®℠]", "", "Beside a name nobody says it."),
    rule(
        "signs", "[" + re.escape(_MARKED) + "]", lambda m: f" {_WORDS[m.group()]} ", "Tables first."
    ),
    rule("ampersand", r"&", " and ", "Of the keyboard's own signs."),
    rule("plus", r"\+", " plus ", "Likewise."),
    rule("equals", r"=", " equals ", "Likewise."),
    rule("percent", r"%", " percent ", "Likewise."),
    rule("about", r"~(?=\s?[\d.$€£a-z])", " about ", "Likewise."),
    rule("tilde", r"~", " tilde ", "Likewise."),
    rule("at", r"@", " at ", "Likewise."),
    rule("caret", r"(?<=[\w)\]}])(?:\^|\s\^\s)(?=[\w(-])", " to the power of ", "Likewise."),
    rule("caret by itself", r"\^(?=[\\\w(\[.-])", " caret ", "^abc: nothing before it."),
    rule("dollar", r"\$", " dollar ", "What is no price."),
    rule("slash", r"(?<=\w)\s?/\s?(?=[\w(])", " slash ", "What is no ratio."),
    rule("other signs", r"[^\x00-\x7f\w\s]", _named, "So that none vanishes in silence."),
    rule("quiet marks", _QUIET.pattern, " ", "Brackets and marks of layout have no words."),
)
ALONE = {
    "%": "percent", "+": "plus", "=": "equals", "&": "and", "@": "at", "#": "hash", "$": "dollar",
    "/": "slash", "\\": "backslash", "^": "caret", "~": "tilde", "<": "less than",
    ">": "greater than", "|": "pipe",
}  # fmt: skip
"""Where there are only signs, each gets its name."""
