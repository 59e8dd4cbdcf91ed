"""Notation of mathematics and physics: signs that mean something only together."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece

from __future__ import annotations

import re
import unicodedata

from .numbers import digits
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


def _divergence(match: re.Match[str]) -> str:
    """Of one distribution from another."""
    return f"{match[1]} of {match[2]} and {match[3]} "


def _norm(match: re.Match[str]) -> str:
    """With its index before it, and its power after it."""
    bars, typed, index, power = match.groups()
    raised = {"²": "squared", "2": "squared", "³": "cubed", "3": "cubed"}.get(power or "", "")
    return f" {_in_line(index or '')} norm of {bars or typed} {raised} "


def _measures(match: re.Match[str]) -> str:
    low, high = match.groups()
    return f"{low} or {high}" if 5 <= int(low) < int(high) else match.group()


_BASES = {"₂": "two", "₈": "eight", "₁₀": "ten", "₁₆": "sixteen"}


def _in_base(match: re.Match[str]) -> str:
    """Digit by digit, but for tens."""
    number, base = (group for group in match.groups() if group)
    if base == "₁₀":
        return f"{number} base ten"
    said = " ".join(digits(char) if char.isdigit() else char for char in number)
    return f"{said} base {_BASES[base]}"


_FACTOR = r"\(?[-−]?(?:(?:\d{1,4}(?:\.\d{1,4})?)?(?:[a-zα-ω]{1,2}|[A-Z])(?:\^\d|[²³])?|\d{1,4}(?:\.\d{1,4})?)\)?"
_AND_FACTOR = rf"(?:\s?[-−+*/·]\s?|(?<=\))(?=\()){_FACTOR}"
_SUM = rf"{_FACTOR}(?:{_AND_FACTOR}){{1,8}}"
_BETWEEN_TERMS = re.compile(
    r"(?<=[A-Za-zα-ω)²³])\s?[-−]\s?(?=[\w(])|(?<=\d)\s?[-−]\s?(?=\d{0,4}[A-Za-zα-ω(])"
)


def _differences(match: re.Match[str]) -> str:
    """Of numbers alone a hyphen may make a date, or a range."""
    return _BETWEEN_TERMS.sub(" minus ", match.group())


_MATHS = "α-ωΑ-Ω₀-₉ₐ-ₜᵢᵣᵤᵥ²³"

_IN_BARS = r"(?:(?:sin|cos|tan|log|ln|exp|det|[A-Za-zα-ωΑ-Ω](?:_\w|[₀-₉ₙₖᵢⱼ])?['′]?)(?:\([^()|]{1,12}\))?|\d{1,3})"
_POWERS = {"": "", "²": " squared", "³": " cubed"}
_SIGN_IN_BARS = re.compile(r"(?<=[\w)'′]) ?([-−+]) ?(?=[A-Za-zα-ωΑ-Ω\d])(?![^(]*\))")


def _say_sign(match: re.Match[str]) -> str:
    return " plus " if match[1] == "+" else " minus "


NOTATION_BEFORE_CALLS: tuple[Rule, ...] = (
    rule(
        "differences in an equation",
        rf"(?<![\w.=<>-])(?:[A-Za-zα-ω](?:\([a-z]\))?\s?=\s?{_SUM}|{_SUM}\s?=\s?{_FACTOR}(?:{_AND_FACTOR}){{0,8}})(?![\w.=-])",
        _differences,
        "y=3x-1: beside an equals sign a hyphen is a minus.",
    ),
    rule(
        "one beside another",
        r"(?<=[A-Z]{2}) / (?=\d)|(?<=\d) / (?=[A-Za-z][\w-]{2,} \d)|(?<=[↓↑]) / ",
        ", ",
        "3pm ET / 12pm PT, CUDA 12 / cuDNN 8: nothing is divided.",
    ),
    rule(
        "limit of the keyboard",
        r"\blim_?[{(\s]\s?([A-Za-zα-ω]{1,2})\s?(?:→|->)\s?([-+−]?(?:\w{1,6}|∞)[⁺⁻]?)[})]?",
        r"the limit as \1 to \2 of",
        "lim x→0; before arrows.",
    ),
    rule(
        "divergence of distributions",
        r"\b(KL|JS|JSD|D_?\{?KL\}?|D|D K L(?= ?\()) ?(?<!D )\(\s?(\w{1,12})\s?(?:\|\||‖|∥)\s?(\w{1,12})\s?\)",
        _divergence,
        "KL(p || q): no alternative and no norm.",
    ),
    rule(
        "norm with an index or a power",
        r"(?:‖\s?([^‖\s][^‖]{0,40}?)\s?‖|(?<![\w|)])\|\|([A-Za-zα-ω](?:\s?[-−+]\s?\w{1,3})?)\|\|(?!\|))"
        r"(?=[_^₀-₉²³])(?:_?([₀-₉]|(?<=_)\d))?(?:\^?(²|³|(?<=\^)[23]))?",
        _norm,
        "‖x‖₂, ||x||²: before each by itself.",
    ),
    rule(
        "product of absolute values",
        r"(?<![\w|])\|([A-Za-z](?: vector| hat| bar|[₀-₉])?)\|\s?\|([A-Za-z](?: vector| hat| bar|[₀-₉])?)\|(?!\|)",
        r" absolute value of \1 times absolute value of \2 ",
        "|a||b| has no alternatives.",
    ),
    rule(
        "absolute value of a difference",
        rf"(?<![\w|)])\|(?=[^|]*[(+−-])({_IN_BARS}(?: ?[-−+] ?{_IN_BARS}){{0,2}})\|([²³]?)(?![\w|⁰-₉])",
        lambda m: f" absolute value of {_SIGN_IN_BARS.sub(_say_sign, m[1])}{_POWERS[m[2]]} ",
        "|f(x)-f(a)| < ε: calls are opened later, and bars of theirs are silent then.",
    ),
    rule(
        "power of an absolute value",
        r"(?<![\w|)])\|\s?([A-Za-zα-ω](?:\s?[-−+]\s?\w{1,3})?)\s?\|([²³])",
        lambda m: f" absolute value of {m[1]} {'squared' if m[2] == '²' else 'cubed'} ",
        "|x|², likewise.",
    ),
    rule(
        "sum in capitals",
        r"Σ(?=[ᵢⱼₖₙ])|(?:^|(?<=[=)+*/·×−-] )|(?<=[=(] [-−]))Σ(?= ?\(| [a-z](?:[ᵢⱼₖₙ]|\b))",
        "∑",
        "Σᵢ xᵢ is a sum; alone it is a matrix.",
    ),
    rule(
        "relation",
        r"(?<=[\w)]) ~ (?=(?:[a-z_][\w.]*|\d(?= ?[+|]))(?: ?[-+*:|,)]|$))|(?<=\b[A-Za-z])~(?=[A-Za-z]\b)",
        " tilde ",
        "y ~ x + z: nothing is about as much.",
    ),
    rule(
        "raised star",
        r"(?<![\w*])([A-Za-zα-ωΑ-Ω][₀-₉]?|(?:\d+\.)?\d+|\.\d+)(\*{1,3})(?<![A-Za-zα-ω]\*\*)(?=[\s,.;:)\]]|$|-[a-z])(?! ?[\d(*]| [A-Za-z]\b)",
        lambda m: m[1] + " star" * len(m[2]),
        "π*, the A* algorithm, 0.35**: nothing follows that it could be multiplied by.",
    ),
    rule(
        "mark of a note",
        r"(?<=[a-z]{3})\*{1,3}(?=[\s,.;:)]|$)(?! ?[\d(*]| [A-Za-z]\b)",
        "",
        "Price* excludes tax.",
    ),
    rule(
        "product after a space",
        r"(?<=\b\w) \*(?=(?:[a-z]|\d{1,4})\b)",
        " times ",
        "2 *x: no pointer.",
    ),
    rule(
        "minus beside Greek",
        rf"(?<![\w.-])(\d{{1,3}}) ?- ?(?=[α-ωΑ-Ω](?![-\w]))|(?<=\([A-Za-z])-(?=[α-ω]\))|(?<=[{_MATHS}]) - (?=[\w(√∑∫∇∂])|(?:(?<=[)\]])|(?<=\b[A-Za-z])) - (?=[α-ωΑ-Ω√∑∫∇∂])",
        lambda m: f"{m[1] or ''} minus ",
        "1-β, θ - η: a hyphen is silent, a minus is not.",
    ),
    rule("minus infinity", r"(?<![\w.)\]])-(?=inf(?:inity)?\b|[∞½⅓¼⅔¾⅛√])", "minus ", "-inf, -½."),
    rule(
        "times in other signs",
        r"(?<=\d)(\s?)[✕✖⨯](\s?)(?=\d)",
        r"\1×\2",
        "2 ✕ 3 crosses nothing out.",
    ),
    rule(
        "change of a base",
        r"\b([cgnmr])\.(\d{1,7})([ACGTU]{1,4})>([ACGTU]{1,4})\b",
        lambda m: f"{m[1]} dot {m[2]} {' '.join(m[3])} to {' '.join(m[4])}",
        "c.76A>T compares nothing.",
    ),
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
    rule(
        "proportion by its word",
        r"(?<![\w:.])(\d{1,3}):(?=\d{1,3}(?:-to-\d+)? (?:ratio|dilution|scale|odds|mixture|mix|contrast|leverage|compression)s?\b)"
        r"|(?<=\bratio of )(\d{1,3}):(?=\d)|(?<=\bscale of )(\d{1,3}):(?=\d)|(?<=\bdiluted )(\d{1,3}):(?=\d)|(?<=\bodds of )(\d{1,3}):(?=\d)",
        lambda m: f"{next(filter(None, m.groups()))} to ",
        "A 1:50 dilution is no time.",
    ),
    rule(
        "molar",
        r"(?<=\d) ?M(?= (?:solution|(?=[A-Z]*[a-z0-9])(?:[A-Z][a-z]?\d{0,2}){2,6}(?!\w)))",
        " molar",
        "0.1 M NaCl: no million.",
    ),
    rule(
        "trillions",
        r"(?<=\d)T(?= (?:tokens?|param(?:eter)?s?|words|samples|rows|records|operations|FLOPs?|dollars|requests|events)\b)",
        " trillion",
        "1.4T tokens: a magnet's is a unit, and stays.",
    ),
    rule(
        "number in another base",
        r"(?<![\w.,])(?:([01]{2,64})(₂)|([0-7]{1,32})(₈)|(\d{1,12})(₁₀)|([0-9A-F]{1,32})(₁₆))(?![\w₀-₉])",
        _in_base,
        "1010₂ is no thousand, and FF₁₆ no molecule.",
    ),
    rule(
        "so many devices",
        r"(?<![\w.])(\d{1,4})[x×](?=[A-Z]{1,3}\d{2,4}(?!\w))",
        r"\1 times ",
        "8xA100.",
    ),
    rule(
        "aperture",
        r"(?<![\w/])([fƒ])/(?=(?:0\.\d\d?|[1-9]\.\d)(?![\d.])|\d{1,2}(?= (?:lens|aperture)\b))",
        r"\1 ",
        "f/2.8 of a lens is no function's.",
    ),
    rule(
        "imaginary part",
        r"(?:(?<=\b\w [-+−] )|(?<=\d [-+−] )|(?<=\b\w minus ))([abcdy])([ij])(?![\w'’-])",
        r"\1 \2",
        "a + bi is no word.",
    ),
    rule(
        "one measure or another",
        r"(?<![\w/.,-])(\d{1,4})/(\d{2,4})(?= ?(?:[kMG]?Hz|V|VAC|GB|TB|W)(?!\w))",
        _measures,
        "50/60 Hz is no score.",
    ),
    rule("volts of a kind", r"(?<=\d) ?V(AC|DC)\b", r" V \1", "240 VAC."),
    rule(
        "sides in inches",
        r"(?<=\d) in (?:×|x) ?(?=\d{1,4}(?:\.\d{1,3})?(?: ?(?:in\b|inch|\"|″)| ?[x×] ?\d|[,;)]|\.?$))",
        " inches by ",
        "10 in × 12 in.",
    ),
    rule("last side in inches", r"(?<= inches by )(\d+(?:\.\d+)?) in\b", r"\1 inches", "Likewise."),
    rule(
        "from noon or to it",
        r"\b([Nn]oon|[Mm]idnight)(?:[-–](?=\d|noon\b|midnight\b)|\s[-–—]\s(?=\d{1,2}(?::\d\d|\s?[AaPp]\.?[Mm]\b|\so['’]clock)))"
        r"|(?:(?<=\d)(\s?[AaPp]\.?[Mm]\.?)\s?[-–—]\s?|(?<=\d)[-–]|(?<=:\d\d)\s[-–—]\s)(?=(?:noon|midnight)\b)",
        lambda m: f"{m[1] or m[2] or ''} to ",
        "Noon–1pm; a dash with gaps may part sentences.",
    ),
    rule("mercury", r"\bmm Hg\b", "mmHg", "One unit."),
    rule(
        "orbital with its electrons",
        r"(?<![\w.])([1-7])([spdf])(¹[⁰-⁴]|[¹²³⁴-⁹])(?![\w⁺⁻])|\b(sp)([²³])(?!\w)",
        lambda m: f" {m[1] or ''} {(m[2] or 's p').upper()} {_in_line(m[3] or m[5])} ",
        "1s² 2s²: no square seconds; sp³.",
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
    rule(
        "over a root",
        r"(?<=[\w)²³])\s?/\s?(?=[√∑∫∏]|the (?:sum|product|integral)\b)|(?<=[₀-₉])/(?=[A-Za-z(])|(?:(?<=[\d)])|(?<=\b[a-z]))/(?=\()|(?<=\))/(?=[α-ωΑ-Ω])",
        " over ",
        "σ/√n.",
    ),
    rule(
        "size of a space",
        r"(?<=[RCℝℂ])\s?\^\s?\(?(\w{1,3})\s?[×x]\s?(\w{1,3})\)?|(?<=[RCℝℂ])([ᵃ-ᶻⁿ])ˣ([ᵃ-ᶻⁿ])",
        lambda m: " to the {} by {} ".format(*map(_in_line, (m[1] or m[3], m[2] or m[4]))),
        "ℝ^(m×n): by, not times.",
    ),
    rule(
        "standard state",
        r"(?:(?<=Δ)([GHS])|\b(E))\s?°(?!\s?[CF\d])",
        r"\1\2 naught ",
        "ΔG° is no angle.",
    ),
)
