"""Formulas: chemistry, subscripts, powers, fractions."""

# ruff: noqa: E501, RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import re
import unicodedata

from .numbers import VULGAR, cardinal, decimal, ordinal, paired, whole
from .rule import Rule, rule
from .symbols import GREEK
from .units import UNITS
from .vocabulary import is_word

_SUB = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
_SUPER = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ"
_MOLECULES = (
    "CO2 H2O H2O2 H2SO4 HNO3 H3PO4 H2CO3 CH4 C2H4 C2H5OH C2H6 C6H6 C6H12O6 CaCO3 NaHCO3 NH3 NH4 NO2"
    " N2O SO2 SO3 SiO2 TiO2 Al2O3 Fe2O3 O2 O3 N2 H2 Cl2 SF6 CaCl2 MgCl2 FeCl3 CuSO4 KMnO4 PM2.5"
    " NaCl NaOH HCl KCl KOH HBr MgO CaO ZnO CuO FeO NaF KBr AgCl LiCl AgNO3 NaNO3 Na2CO3 MgSO4"
).split()
_ELEMENT = (
    "A[cglrstu]|B[aeir]?|C[adelorsu]?|F[e]?|G[ade]|H[efgo]?|I[nr]?|Kr?|L[aiu]|M[gno]|N[abdei]?|Os?"
    "|P[bdtu]?|R[abn]|S[bceimnr]?|T[aehil]|U|V|W|Xe|Yb?|Z[nr]"
)
FRACTIONS = {
    2: ("half", "halves"), 3: ("third", "thirds"), 4: ("quarter", "quarters"),
}  # fmt: skip


def _plain(text: str) -> str:
    """Sub- or superscripts in the line."""
    return unicodedata.normalize("NFKC", text).replace("−", "-")


def _molecule(match: re.Match[str]) -> str:
    """Elements letter by letter, then their counts and charge."""
    if not match["charge"] and not re.search("[₀-₉]", match["atoms"]):
        return match.group()
    formula = _plain(match["atoms"])
    out = [whole(p) if p.isdigit() else p for p in re.findall(r"\d+|[A-Za-z]", formula)]
    if match.string[match.start() - 1 : match.start()].isdigit():
        out.insert(0, "")  # 3OH⁻: how many there are
    charge = _plain(match["charge"] or "").strip()
    size, sign = charge.rstrip("+-"), charge[-1:]
    words = [whole(size)] if size.isdigit() else []
    words += [{"+": "plus", "-": "minus"}[sign]] if sign in ("+", "-") and sign else []
    return " ".join(part.upper() if part.isalpha() and len(part) == 1 else part for part in out) + (
        " " + " ".join(words) if words else ""
    )


def _molecule_in_line(match: re.Match[str]) -> str:
    parts = re.findall(r"\d+(?:\.\d+)?|[A-Za-z]", match.group())
    return " ".join(decimal(p) if p[0].isdigit() else p.upper() for p in parts)


def _formula_of_elements(match: re.Match[str]) -> str:
    """Two elements or more and a count, or an ion; a name with a number, such as COP26, is none."""
    atoms, size, sign = match["atoms"], match["size"] or "", match["sign"]
    elements = re.findall(rf"(?:{_ELEMENT})", atoms)
    if sign is None:
        named = atoms.rstrip("0123456789").isupper() and re.fullmatch(r"[A-Z]+\d+", atoms)
        long = named and (len(named.group().rstrip("0123456789")) > 3 or atoms[-2:].isdigit())
        if len(set(elements)) < 2 or not re.search(r"\d", atoms) or long:
            return match.group()
    elif not _is_ion(atoms, size, sign):
        return match.group()
    if sign and not size and atoms[-1].isdigit() and len(elements) == 1:
        atoms, size = atoms.rstrip("0123456789"), re.findall(r"\d+$", atoms)[0]
    parts = [*re.findall(r"\d+|[A-Za-z]", atoms), *([size] if size else [])]
    words = [cardinal(int(part)) if part.isdigit() else part.upper() for part in parts]
    return " ".join([*words, *([{"+": "plus", "-": "minus"}[sign]] if sign else [])])


def _is_ion(atoms: str, size: str, sign: str) -> bool:
    """Whether a sign after it is a charge, and no grade, operator or dash."""
    bare = atoms.rstrip("0123456789") if len(atoms) < 4 else atoms
    if sign == "+":
        return bare in ("H", "Na", "K", "Li", "Ag", "NH4", "H3O", "NH") or bool(
            re.fullmatch(r"(?:Ca|Mg|Ba|Zn|Cu|Fe|Al|Pb|Mn|Co|Ni|Cr|Sn|Hg|Sr)[234]?", atoms)
            and (size or atoms[-1].isdigit())
        )
    return bool(size) or atoms in (
        "Cl",
        "Br",
        "OH",
        "NO3",
        "NO2",
        "HCO3",
        "MnO4",
        "HSO4",
        "ClO4",
        "CN",
    )


def _subscript(match: re.Match[str]) -> str:
    plain = _plain(match.group())
    words = re.findall(r"\d+|[a-z]+|[+\-=]", plain)
    spoken = {"+": "plus", "-": "minus", "=": "equals"}
    said = (whole(w) if w.isdigit() else spoken.get(w) or _indices(w) for w in words)
    return f" {' '.join(said)} "


def _indices(letters: str) -> str:
    """A word stays one: x_max; other letters are indices: x_ij."""
    return letters if len(letters) > 2 and is_word(letters) else " ".join(letters)


def _power(match: re.Match[str]) -> str:
    base, exponent = match.group(1), _plain(match.group(2))
    if exponent in ("2", "3") and not (base.isdigit() and exponent == "3"):
        return f"{base} {'squared' if exponent == '2' else 'cubed'} "
    if exponent == "T":
        return f"{base} transpose "
    if exponent in ("+", "-"):
        return f"{base} {'plus' if exponent == '+' else 'minus'} "  # x → 0⁺, e⁻
    return f"{base} to the {_exponent(exponent)} "


def _exponent(text: str) -> str:
    words = {"+": "plus", "-": "minus", "=": "equals", "(": "", ")": ""}
    parts = re.findall(r"\d+|[a-zA-Z]|[^\s\w]", text)
    return " ".join(filter(None, (whole(p) if p.isdigit() else words.get(p, p) for p in parts)))


def _after_word(match: re.Match[str]) -> str:
    """A raised number after a word is a note, and no power."""
    word, note = match.groups()
    if is_word(word.lower()):
        return f"{word} {_exponent(_plain(note))} "
    return match.group()


def _scientific(match: re.Match[str]) -> str:
    mantissa, exponent = match.groups()
    return f"{decimal(mantissa)} times ten to the {decimal(exponent.lstrip('+').lstrip('0') or '0') if exponent[0] != '-' else 'minus ' + cardinal(int(exponent[1:]))}"


def fraction(above: int, below: int) -> str:
    """`2, 3` is "two thirds"."""
    one, many = FRACTIONS.get(below) or (ordinal(below), ordinal(below) + "s")
    return f"{cardinal(above)} {one if above == 1 else many}"


def _vulgar(match: re.Match[str]) -> str:
    before, sign = match.groups()
    above, _, below = unicodedata.normalize("NFKC", sign).partition("⁄")
    if not below:
        return match.group()
    if not above:
        above = "1"
    return _with_whole(before, int(above), int(below))


def _bracketed(match: re.Match[str]) -> str:
    return f" to the power of {match.group(1).strip()} "


def _mixed(match: re.Match[str]) -> str:
    above, _, below = match.group(2).partition("/")
    return _with_whole(match.group(1), int(above), int(below))


def _with_whole(before: str | None, above: int, below: int) -> str:
    if not before:
        return fraction(above, below)
    if above == 1:
        one = FRACTIONS.get(below, (ordinal(below), ""))[0]
        return f"{whole(before)} and {'an' if one[0] in 'ae' else 'a'} {one}"
    return f"{whole(before)} and {fraction(above, below)}"


def _quotient(match: re.Match[str]) -> str:
    above, below = match.groups()
    if above.isdigit() and below.isdigit():
        return match.group()
    return f"{_factors(above)} over {_factors(below)}"


def _over(match: re.Match[str]) -> str:
    above, below = (match[1] or match[2]).strip(), (match[3] or match[4]).strip()
    if above.isdigit() and below.isdigit() and 0 < int(above) < int(below) <= 10:
        return fraction(int(above), int(below))
    return f"{above} over {below}"


def _factors_apart(match: re.Match[str]) -> str:
    number, first, second = match.groups()
    if first + second in UNITS or (
        number and first + second in ("st", "nd", "rd", "th", "am", "pm")
    ):
        return match.group()
    return f"{number} {first} {second}".lstrip()


def _factors(text: str) -> str:
    return " ".join(text) if text.isalpha() else text


_SUM = r"\([^()]{1,30}[-+−*×·^][^()]{1,30}\)"

_STATES = {"aq": "aqueous", "g": "gas", "l": "liquid", "s": "solid"}


def _state(match: re.Match[str]) -> str:
    """Of a molecule or an ion: f(s) is a function's, and so is Re(s)."""
    return f"{match[1]} {_STATES[match[2]]}" if len(match[1]) > 1 else match.group()


MOLECULES: tuple[Rule, ...] = (
    rule(
        "state of matter",
        rf"(?<![\w.])((?:\d{{0,2}}(?:{_ELEMENT})[\d₀-₉]{{0,3}}){{1,8}}(?:[⁰¹²³⁴-⁹]?[⁺⁻])?)\((aq|g|l|s)\)",
        _state,
        "AgCl(s) is no plural.",
    ),
    rule(
        "formula of elements",
        rf"(?<![\w.$\\-])(?P<atoms>(?:(?:{_ELEMENT})\d{{0,3}}|\((?:(?:{_ELEMENT})\d{{0,3}}){{1,4}}\)\d{{1,2}}){{1,12}})"
        r"(?:\^?(?P<size>(?<=\^)[1-4])?(?P<sign>[+-])(?=[\s,.;:)]|$)|(?![\w(^+-]|\.\w))",
        _formula_of_elements,
        "Ca(OH)2, Na+, SO4^2-: before calls and powers.",
    ),
)

FORMULAS: tuple[Rule, ...] = (
    rule(
        "quotient of sums",
        rf"(?:(?<=\w)|(?<=[)!]))/(?={_SUM})|({_SUM})/(?=[\w(])|(?<=\w)/(?=∂)",
        lambda m: f"{m[1] or ''} over ",
        "(a+b)/c, ∂f/∂x.",
    ),
    rule(
        "product of letters",
        r"(?<![\w'’.])([A-Za-z]{1,2}\s?=\s?)(?!(?:pi|is|if|in|or|no|on|ok|df|np|pd|id|os|to|it)\b)"
        r"([A-Za-z]{2}|n[A-Z]{2})(?=[²³]|\s?[-+−]|[,;:]|[.]?\s*$|\.\s| (?:and|or) [A-Za-z] =)",
        lambda m: m[1] + " ".join(m[2]),
        "F = ma, PV = nRT.",
    ),
    rule(
        "factors with a power",
        r"(?<![\w.'’])(?!(?:as|at|be|by|do|go|he|if|in|is|it|me|my|no|of|on|or|so|to|up|us|we)[²³])(\d{0,3})([a-z])([a-z])(?=[²³](?!\w))",
        _factors_apart,
        "ax²: behind a word, it is the number of a note.",
    ),
    rule(
        "factors of a sum",
        r"(?:(?<=[-+−=] )|(?<=[=+−(]))(?!(?<=\()\d{0,3}[a-z]{2}(?:[),;]|$))(\d{1,3}(?=[a-z]{2}\b)|(?=a[bcdxyz]\b))([a-z])([a-z])(?![\w'’])(?=\s?[-+−=)]| (?:minus|plus|equals)\b|[.,;]?$|[.,;] )",
        _factors_apart,
        "a² + 2ab + b²: no unit is beside a sign. What is alone in brackets is no sum: (ad), Room (2ab).",
    ),
    rule(
        "quotient with spaces",
        r"(?<=[)\]²³])\s/\s(?=[\w(√])|(?<=\d)\s/\s(?=[A-Za-z(√])|(?<=[A-Za-z²³)])\s/\s(?=[(√∂]|\d)|(?<=\d)\s/\s(?=[(√∂])"
        r"|(?<![\w/'’.])(?!n\s/\sa\b|w\s/\so\b)([a-zα-ω])\s/\s(?=[a-zα-ω]\b)"
        r"|(?<=\w{2})\s/\s(?=[b-zα-ω](?![\w'’]))",
        lambda m: f"{m[1] or ''} over ",
        "sum / n, (a + b) / 2; yes / no is none.",
    ),
    rule("floor", r"⌊\s?([^⌊⌋\s][^⌊⌋]{0,40}?)\s?⌋", r" floor of \1 ", "Brackets with a meaning."),
    rule("ceiling", r"⌈\s?([^⌈⌉\s][^⌈⌉]{0,40}?)\s?⌉", r" ceiling of \1 ", "Likewise."),
    rule(
        "root",
        r"([²³⁴])√",
        lambda m: {"²": "√", "³": "∛", "⁴": "∜"}[m.group(1)],
        "³√8: the number is the root's, and no power.",
    ),
    rule(
        "molecule",
        r"(?<![^\W\d])(?P<atoms>(?:[A-Z][a-z]?|[()]|[₀-₉]){1,40})(?P<charge>[²³⁴-⁹]?[⁺⁻])?"
        rf"(?![\w{_SUPER}¹²³{_SUB}])",
        _molecule,
        "Chemists say the letters; before subscripts.",
    ),
    rule(
        "molecule in the line",
        rf"\b(?:{'|'.join(sorted(map(re.escape, _MOLECULES), key=len, reverse=True))})\b",
        _molecule_in_line,
        "The usual ones, typed without subscripts.",
    ),
    rule(
        "raised ordinal", r"(?<=\d)(ˢᵗ|ⁿᵈ|ʳᵈ|ᵗʰ)", lambda m: _plain(m.group()), "4ᵗʰ is no power."
    ),
    rule(
        "isotope",
        r"(?<![\w¹²³⁺⁻])([¹²³⁴-⁹][⁰¹²³⁴-⁹]{0,2})([₀-₉]{1,3})?([A-Z][a-z]?)(?!\w)",
        lambda m: f"{m[3]} {paired(_plain(m[1]))}{f', {whole(_plain(m[2]))}' if m[2] else ''}",
        "²³⁵U: the number is a name's.",
    ),
    rule(
        "absolute value",
        r"(?<![\w|)])\|\s?([A-Za-z](?:\s?[-−+∪∩]\s?[A-Za-z0-9]{1,3})?)\s?\|(?![\w|])",
        r" absolute value of \1 ",
        "Of short terms; other bars separate.",
    ),
    rule(
        "norm",
        r"‖\s?([^‖\s][^‖]{0,40}?)\s?‖",
        r" norm of \1 ",
        "Of whatever stands between double bars.",
    ),
    rule(
        "factorial",
        r"(?<![\w!'’.])(?:([nkmrN])!(?![!=\w])|(\d{1,4})!(?!=)(?=\s?[-+*/×·÷=<>≤≥≈^−)]|\s(?:is|equals|has)\b))",
        lambda m: f"{m.group(1) or m.group(2)} factorial",
        "Of what nobody exclaims: a letter for a number, or a number that is calculated with.",
    ),
    rule(
        "factorial of a bracket",
        r"\(([A-Za-z0-9]+)\s?([-+−])\s?([A-Za-z0-9]+)\)!(?![!=\w])",
        lambda m: f" {m[1]} {'plus' if m[2] == '+' else 'minus'} {m[3]}, factorial",
        "(n-1)!.",
    ),
    rule("subscript", rf"[{_SUB}]+", _subscript, "Said in its place: x one."),
    rule("note", rf"\b([A-Za-z]{{3,}})([{_SUPER}¹²³]+)", _after_word, "A footnote, and no power."),
    rule(
        "power", rf"([\w)\]∂∇{''.join(GREEK)}])([{_SUPER}¹²³]+)", _power, "Squared, cubed, to the."
    ),
    rule(
        "lone superscript",
        rf"[{_SUPER}¹²³]+",
        lambda m: f" {_exponent(_plain(m.group()))} ",
        "As it is.",
    ),
    rule("scientific", r"(?<![\w.])(\d+(?:\.\d+)?)[eE]([+-]?\d{1,4})\b", _scientific, "1e-5."),
    rule(
        "transpose",
        r"(?<=[A-Za-df-zΑ-ω)\]])\^(?:T|⊤)(?!\w)",
        " transpose ",
        "A^T: of a matrix, T is no number.",
    ),
    rule(
        "power in brackets",
        r"(?<=[\w)\]])\s?(?:\*\*|\^)\s?\(([^()]{1,80})\)",
        _bracketed,
        "e^(-x).",
    ),
    rule(
        "power of code",
        r"(?<=[\w)\]])(?:\s(?:\*\*|\^)\s|(?:(?<![A-Za-z][a-z])\s)?(?:\*\*|\^)\s?)(?=[\w(.-])",
        " to the power of ",
        "x**2; before times.",
    ),
    rule("times", r"(?<=[\w)\]])\s?\*\s?(?=[\w(.-])", " times ", "2*3; Markdown has gone before."),
    rule("negative power", r"(?<=to the power of )[-−]\s?", "minus ", "x^-1."),
    rule("letter of a half", rf"(?<=[{VULGAR}])(?=[A-Za-z])", " ", "½mv²."),
    rule("half of a letter", rf"(?<=[A-Za-z])(?=[{VULGAR}])", " ", "t½."),
    rule("vulgar fraction", rf"(?:(\d[\d,]*)\s?)?([{VULGAR}])", _vulgar, "2½ is one number."),
    rule(
        "mixed fraction",
        r"(?<![\w./,])(\d{1,4}) (1/2|1/3|2/3|1/4|3/4|[1357]/8|[1-9]/10|(?:[13579]|1[135])/16)(?![\w/])",
        _mixed,
        "2 1/2 cups.",
    ),
    rule(
        "mixed fraction of LaTeX",
        r"(?<![\w./,⁄])(\d{1,4}) (\d{1,3})⁄(\d{1,3})(?![\w⁄])",
        lambda m: _with_whole(m[1], int(m[2]), int(m[3])),
        "3 1⁄2 is one number.",
    ),
    rule(
        "fraction slash",
        r"(?:\(([^()⁄]{1,80})\)|([\w.]+))⁄(?:\(([^()⁄]{1,80})\)|([\w.]+))",
        _over,
        "What LaTeX's frac becomes.",
    ),
    rule(
        "quotient of letters",
        r"(?<![\w/.-])([a-zα-ω]|d[a-z]|\d{1,3}[α-ω]?|[a-z]\d)/(d?[a-zα-ω]|\d{1,3}[α-ω]?|[a-z]\d)(?![\w/])",
        _quotient,
        "a/b; of numbers, dates and scores come later.",
    ),
)
