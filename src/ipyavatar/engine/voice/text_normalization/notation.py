"""Notation of mathematics and physics: signs that mean something only together."""

# ruff: noqa: RUF001 - patterns are read in one piece

from __future__ import annotations

import re
import unicodedata

from .rule import Rule, rule

_SUB = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
_SUPER = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
_LIMITED = {"∫": "the integral", "∑": "the sum", "∏": "the product", "∬": "the integral"}
_INVERSE = {"sin": "sine", "cos": "cosine", "tan": "tangent"}
_EMPTY = {"[]": "an empty list", "{}": "an empty dictionary", "()": "an empty tuple"}
_TERM = r"(?:[A-Za-zα-ωΑ-Ω]|sin|cos|tan|log|ln|exp|sqrt)(?![A-Za-z'’-])|[√∞∂∇∫∑]"


def _in_line(text: str) -> str:
    """Sub- or superscripts as they are said after "from" and "to"."""
    plain = unicodedata.normalize("NFKC", text).replace("−", "-")
    for sign, word in (("=", " equals "), ("+", " plus "), ("-", " minus ")):
        plain = plain.replace(sign, word)
    return plain.strip()


def _with_limits(match: re.Match[str]) -> str:
    sign, low, high = match.groups()
    if high:
        return f" {_LIMITED[sign]} from {_in_line(low)} to {_in_line(high)} of "
    return f" {_LIMITED[sign]} over {_in_line(low)} of "


def _inverse(match: re.Match[str]) -> str:
    """Close to a bracket, which goes with it then, as that of a call."""
    called = match.string.startswith("(", match.end())
    return f"inverse {_INVERSE.get(match[1], match[1])}{'' if called else ' '}"


NOTATION_BEFORE_CALLS: tuple[Rule, ...] = (
    rule(
        "distribution",
        r"(?<=[\w²)}])\s?[~∼]\s?(?=(?:i\.?i\.?d\.? )?[A-Z]\w{0,20}\()",
        " is distributed as ",
        "X ~ N(0, 1): before calls.",
    ),
    rule(
        "inverse of a function",
        r"\b([fg])(?:⁻¹|\^\{?-1\}?)(?=\()",
        r"\1 inverse of",
        "f⁻¹(x): no power of it.",
    ),
    rule(
        "inverse of an angle's function",
        r"\b(sin|cos|tan)h?(?:⁻¹|\^\{?-1\}?)\s?",
        _inverse,
        "tan⁻¹(x).",
    ),
    rule(
        "nothing in brackets",
        r"(=\s?|\breturn )(\[\]|\{\}|\(\))(?![\w.(\[])",
        lambda m: f"{m[1]}{_EMPTY[m[2]]}",
        "x = []: the brackets are all there is.",
    ),
    rule(
        "transposed in code",
        r"(?<![\w.])([a-z_]\w{0,20}|[A-Z]{1,4}|[A-Z]_\w{1,20})\.T(?![\w.])",
        r"\1 transpose",
        "x.T: before abbreviations.",
    ),
    rule(
        "inner product",
        r"⟨\s?([^⟨⟩|,]{1,30}),\s?([^⟨⟩|,]{1,30}?)\s?⟩",
        r" the inner product of \1 and \2 ",
        "⟨u, v⟩.",
    ),
    rule(
        "bra and ket",
        r"⟨([^⟨⟩|,\s]{1,10})\|(?:([^⟨⟩|,\s]{1,10})⟩)?|\|([^⟨⟩|,\s]{1,10})⟩",
        lambda m: (
            f" ket {m[3]} " if m[3] else f" bra {m[1]} ket {m[2]} " if m[2] else f" bra {m[1]} "
        ),
        "⟨φ|ψ⟩.",
    ),
    rule(
        "minus after a sign",
        r"(?<![=<>-][=<>-])(?<=[=+*/^≤≥≈×·(,])(\s?)-(?=(?:" + _TERM + "))",
        r"\1minus ",
        "y = -kx, f(-x): a hyphen is silent, a minus is not.",
    ),
    rule(
        "minus of a name",
        r"(?<=\s=\s)-(?=[A-Za-z_(])|(?<=\w=)-(?=[a-z]{1,3}\b)",
        "minus ",
        "loss = -likelihood, likewise.",
    ),
    rule(
        "minus of the first term",
        r"^\s*-(?=[A-Za-zα-ω]\s?[+*/=^²³±])",
        "minus ",
        "-b ± √(b² - 4ac).",
    ),
    rule(
        "complement of a set",
        r"(?<![\w\\])([A-Zℕℤℚℝℂ]) \\ ?(?=[A-Z{]|\w\b)",
        r"\1 without ",
        "A \\ B: before backslashes go.",
    ),
)

NOTATION: tuple[Rule, ...] = (
    rule(
        "scale with commas",
        r"(?<![\w:.,])(\d{1,3}):(?=\d{1,3}(?:,\d{3})+(?![\d:,]))",
        r"\1 to ",
        "1:10,000 is no time.",
    ),
    rule("even chances", r"(?<![\w.,-])50[-–/]50(?![\w-]|[.,]\d)", "fifty fifty", "No range."),
    rule(
        "processors",
        r"\bx86[_-]?64\b",
        "x eighty-six sixty-four",
        "A name; an underscore in a number would join it.",
    ),
    rule(
        "percentage points",
        r"([-+−]\d{1,3}(?:\.\d{1,3})?|\b\d{1,3}\.\d{1,3})\s?pp\b",
        r"\1 percentage points",
        "+2.5pp; 12 pp. are pages.",
    ),
    rule("limits", f"([{''.join(_LIMITED)}])([{_SUB}]+)([{_SUPER}]+)?", _with_limits, "∫₀¹, ∑ᵢ."),
    rule(
        "index with a power",
        rf"(?<=\w)([{_SUB}]+)([²³])(?![⁺⁻])",
        lambda m: f" {_in_line(m[1])} {'squared' if m[2] == '²' else 'cubed'} ",
        "xᵢ²: the power is of the two together.",
    ),
    rule("divergence", r"∇\s?[·⋅]\s?", " nabla dot ", "∇·E: no product."),
    rule("curl", r"∇\s?×\s?", " nabla cross ", "∇×B, likewise."),
    rule("over a root", r"(?<=[\w)²³])\s?/\s?(?=[√∑∫∏])", " over ", "σ/√n."),
    rule(
        "size of a space",
        r"(?<=[RCℝℂ])\s?\^\s?\(?(\w{1,3})\s?[×x]\s?(\w{1,3})\)?|(?<=[RCℝℂ])([ᵃ-ᶻⁿ])ˣ([ᵃ-ᶻⁿ])",
        lambda m: " to the {} by {} ".format(*map(_in_line, (m[1] or m[3], m[2] or m[4]))),
        "ℝ^(m×n): by, not times.",
    ),
    rule("standard state", r"(?<=Δ)([GHSE])\s?°(?!\s?[CF\d])", r"\1 naught ", "ΔG° is no angle."),
)
