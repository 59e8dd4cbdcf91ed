"""Names with numbers: monarchs, chapters, versions; abbreviations that the voice does not know."""

# ruff: noqa: E501, RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import itertools
import re

from .numbers import cardinal, digits, ordinal, paired, roman, whole, year
from .rule import Rule, any_of, rule
from .units import PERIODS, UNITS

_MONARCHS = (
    "Pope King Queen Emperor Tsar Czar Sultan Shah Prince Princess Duke Henry Louis Edward George William"
    " Charles James Richard Elizabeth Napoleon Pius Benedict Leo Paul Ramses Ramesses Frederick"
    " Philip Felipe Alexander Nicholas Peter Catherine Ivan Umberto Emmanuel Gustav Gustaf Christian"
    " Ferdinand Alfonso Carlos Francis Innocent Gregory Clement Urban Boniface Sixtus Julius Otto"
    " Rudolf Wilhelm Friedrich Leopold Margaret Mary Malcolm Robert David John Haakon Harald Olav"
    " Selim Mehmed Murad Suleiman Darius Xerxes Ptolemy Cleopatra Thutmose Amenhotep Antiochus"
    " Constantine Justinian Theodosius Baldwin Albert Rainier Stephen Victor Joseph Maximilian"
    " Sigismund Casimir Matthias Isabella Juan Pedro Manuel Afonso Sancho Stanley Davis Jones Jr Smith"
).split()
_ROMAN = r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_COUNTED = (
    "Chapter Part Act Scene Section Volume Vol Book Phase Article War Mark Type Level Stage Class Grade"
    " Bowl Apollo Gemini Fantasy Episode Round Rocky Wars Title Appendix Table Figure Step Division"
    " Corps Schedule Annex Category Group Tier Saturn Sonata Symphony Concerto Opus Canto Vatican"
    " Rambo Halo Diablo Quest Tome Number Equation Example Problem Question Theorem Lemma Case Form Column Row Model"
).split()
_AFTER_ME = frozenset(
    "am have had did do will would can could like love made wrote read saw think took want need know"
    " found got went mean meant said use used just never always ever remember described showed".split()
)
"""What follows the pronoun, and no numeral."""
_AFTER_ONE = frozenset(
    "and or to of is in for error errors trial trials diabetes hypersensitivity collagen supernova"
    " supernovae interferon interferons superconductor superconductors study studies cancer".split()
)
"""What follows a numeral, and no pronoun."""
_SOFTWARE = (
    "python pytorch tensorflow numpy scipy pandas cuda cudnn rocm php java jdk jre node nodejs npm ruby"
    " rust go golang swift kotlin scala perl julia ubuntu debian fedora centos rhel linux kernel macos"
    " ios ipados android windows chrome firefox safari edge git github gitlab docker kubernetes helm"
    " django flask fastapi react angular vue next jupyter jupyterlab ipython notebook matplotlib"
    " seaborn sklearn scikit-learn keras jax flax onnx onnxruntime opencv pillow spacy transformers"
    " langchain llama mistral gemini claude gpt postgres postgresql mysql mariadb sqlite redis mongodb"
    " kafka spark hadoop airflow nginx apache openssl tls ssl http usb bluetooth cmake gcc clang llvm"
    " conda pip poetry uv ruff mypy pytest bash zsh vim emacs qt gtk unity unreal blender gnome kde"
    " chromium electron typescript javascript ecmascript html css sql r version release ver build"
    " firmware driver v torch torchvision torchaudio tensorrt cupy numba polars xgboost lightgbm catboost"
    " statsmodels plotly gradio fastai openai ollama vllm nccl httpx pydantic sqlalchemy terraform ansible"
).split()
_BEFORE_DIGITS = {
    "p": "page", "pp": "pages", "No": "Number", "Nos": "Numbers", "no": "number", "nos": "numbers",
    "Fig": "Figure", "fig": "figure", "Figs": "Figures", "figs": "figures", "Eq": "Equation",
    "eq": "equation", "Sec": "Section", "sec": "section", "Ch": "Chapter",
    "ch": "chapter", "Vol": "Volume", "vol": "volume", "ca": "circa", "c": "circa", "Tab": "Table",
    "Art": "Article", "Arts": "Articles", "Ex": "Example", "ex": "example", "Ref": "Reference",
    "App": "Appendix", "Rm": "Room", "St": "Saint", "Eqs": "Equations", "eqs": "equations",
    "Ext": "Extension", "Sc": "Scene", "Fl": "Floor", "ext": "extension", "Op": "Opus", "op": "opus", "Para": "Paragraph",
    "para": "paragraph", "approx": "approximately", "Approx": "Approximately",
    "Tel": "Telephone", "tel": "telephone", "Est": "Established", "est": "established", "Thm": "Theorem", "Def": "Definition",
    "Prop": "Proposition", "Lem": "Lemma", "Cor": "Corollary", "Alg": "Algorithm", "Prob": "Problem",
}  # fmt: skip
_LIVED = {"b": "born", "d": "died", "r": "reigned"}
_ALWAYS = {
    "a.k.a.": "also known as", "w.r.t.": "with respect to", "s.t.": "such that", "wrt": "with respect to",
    "i.i.d.": "I I D", "resp.": "respectively", "incl.": "including", "excl.": "excluding",
    "max.": "maximum", "min.": "minimum", "avg.": "average", "std.": "standard", "std. dev.": "standard deviation", "temp.": "temperature",
    "viz.": "namely", "ibid.": "ibid", "al.": "al", "esp.": "especially", "misc.": "miscellaneous",
    "dept.": "department", "Dept.": "Department", "govt.": "government",
}  # fmt: skip


def _numeral(match: re.Match[str]) -> str:
    name, numeral = match.groups()
    value = roman(numeral)
    if not value or _is_pronoun(match):
        return match.group()
    return f"{name} the {ordinal(value)}" if name in _MONARCHS else f"{name} {cardinal(value)}"


def _is_pronoun(match: re.Match[str]) -> bool:
    """Of "the book I read": by the word after it, which is seldom one after "type I"."""
    if match.group(2) != "I" or match.group(1) in (*_MONARCHS, "War"):
        return False
    follows = re.match(r" ([a-z]+)", match.string[match.end() :])
    if follows is None:
        return False
    return follows[1] in _AFTER_ME if match.group(1)[0].isupper() else follows[1] not in _AFTER_ONE


def _unknown_numeral(match: re.Match[str]) -> str:
    """After another name: of these, the letters can be nothing else."""
    return f"{match.group(1)} {cardinal(roman(match.group(2)))}"


def _numerals(match: re.Match[str]) -> str:
    """A row that counts on: what else "I" or "IV" may be, it is none there."""
    values = [roman(numeral) for numeral in re.findall("[IVXLCDM]+", match.group())]
    if len(values) < 3 or any(after <= before for before, after in itertools.pairwise(values)):
        return match.group()
    return re.sub("[IVXLCDM]+", lambda m: cardinal(roman(m.group())), match.group())


def _item_of_small_numeral(match: re.Match[str]) -> str:
    if match[1] == "i" and not re.search(r"(?<!\S)ii\) \w", match.string):
        return match.group()
    return f"{cardinal(roman(match[1].upper()))}: "


def _roman_year(match: re.Match[str]) -> str:
    value = roman(match.group())
    return year(value) if value else match.group()


def _small_numeral(match: re.Match[str]) -> str:
    value = roman(match.group(2).upper())  # of "page is", the numeral is empty
    return (
        f"{match.group(1)} {cardinal(value)}" if value and not _is_pronoun(match) else match.group()
    )


def _version(match: re.Match[str]) -> str:
    return f"{match.group(1) or ''}{say_version(match.group(2))}{_gap(match)}"


def _gap(match: re.Match[str]) -> str:
    """A space before a letter that follows: Python 3.13t."""
    return " " if match.string[match.end() : match.end() + 1].isalpha() else ""


def say_version(text: str) -> str:
    """`2.10` is "two point ten": the parts of a version are whole numbers."""
    return " point ".join(whole(part) for part in text.split("."))


def _after_name(match: re.Match[str]) -> str:
    name, gap, number = match.groups()
    if not is_software(name):
        return match.group()
    return f"{name}{gap or ' '}{say_version(number)}{_gap(match)}"


def is_software(name: str) -> bool:
    """Whether `name` is that of a program, whose numbers are versions."""
    bare = name.rstrip("0123456789-")
    inner = any(c.isupper() for c in bare[1:]) and any(c.islower() for c in bare)
    return inner or bare.lower() in _SOFTWARE


_COMPARED = {
    ">=": "greater than or equal to", "<=": "less than or equal to", "!=": "not equal to",
    "~=": "compatible with", ">": "greater than", "<": "less than",
}  # fmt: skip
_LIMIT = r"(?:[<>=!~]=|[<>])\s?\d+(?:\.\d+){0,4}(?:\.\*)?"


def _requirement(match: re.Match[str]) -> str:
    """A program, and the versions of it that will do."""
    name, limits = match.groups()
    known = len(name) > 1 and is_software(name)
    if not known and "," not in limits and not re.search(r"~=|\d\.\d+\.", limits):
        return match.group()
    said: list[str] = []
    for sign, version in re.findall(r"([<>=!~]=|[<>])\s?([\d.]*\d)", limits):
        words = "equals" if sign == "==" else _COMPARED[sign]
        said.append(f"{'is ' if not said and sign != '==' else ''}{words} {say_version(version)}")
    return f"{name} {', '.join(said)}"


_PRERELEASES = {"a": "alpha", "b": "beta", "rc": "R C"}


def _three_digits(match: re.Match[str]) -> str:
    """As numbers of rooms and roads are read: one oh one."""
    lead, first, second = match.groups()
    return f"{lead.rstrip()} {paired(first)}{f' {paired(second)}' if second else ''}"


REQUIREMENTS: tuple[Rule, ...] = (
    rule(
        "requirement",
        rf"(?<![\w.])([A-Za-z][\w-]{{0,40}})(?:\[[\w,]{{1,40}}\])?\s?({_LIMIT}(?:\s?,\s?{_LIMIT}){{0,5}})(?![\w]|\.\d)",
        _requirement,
        "Python>=3.10; before operators and lists.",
    ),
    rule(
        "pronouns",
        r"\b(?i:he|she|they|him|her|them|his|hers|theirs)(?:/(?i:he|she|they|him|her|them|his|hers|theirs)){2,3}\b",
        lambda m: m.group().replace("/", " "),
        "he/she/they is no path.",
    ),
    rule(
        "phone number with full stops",
        r"(?<![\w.])\d{3}\.\d{3}\.\d{4}(?!\w|\.\d)",
        lambda m: m.group().replace(".", "-"),
        "555.123.4567 is no version; digit by digit among dates.",
    ),
    rule("always", r"\b24/7/365\b", "twenty-four seven three sixty-five", "No path, no date."),
    rule(
        "rate of an amount",
        rf"(?<=\d)(\s?(?:{any_of(UNITS)})/(?:{any_of({**UNITS, **PERIODS})}))/(?=\d+(?:\.\d+)?\s?(?:{any_of(UNITS)})(?![A-Za-z]))",
        r"\1 per ",
        "60 mL/min/1.73 m², likewise.",
    ),
    rule(
        "rate of a rate",
        rf"(?<=\d)(\s?(?:{any_of(UNITS)})/(?:{any_of({**UNITS, **PERIODS})})(?:[²³]|\^[23])?)/({any_of(PERIODS)})(?![\w/])",
        lambda m: f"{m[1]} per {PERIODS[m[2]]}",
        "9.8 m/s/s, 5 mg/kg/day, 50 kWh/m²/yr: no path.",
    ),
    rule(
        "wireless",
        r"\b802\.11(?=[a-z]{1,2}\b)|(?<=triple E )802\.11\b",
        "eight oh two dot eleven ",
        "A standard that is read in its own way.",
    ),
)

NAMES: tuple[Rule, ...] = (
    rule("for example", r"\b[eE]\.\s?g\.,?(?=\s)", "for example", "Latin is read in English."),
    rule("that is", r"\b[iI]\.\s?e\.,?(?=\s)", "that is,", "Likewise."),
    rule(
        "et cetera",
        r"\betc\.(?=\s[a-z(]|[,;:])|\betc\b(?!\.)",
        "et cetera",
        "Not at the end of a sentence.",
    ),
    rule("et cetera at the end", r"\betc\.", "et cetera.", "There, its full stop counts."),
    rule(
        "abbreviation",
        rf"(?<![\w.])({any_of(_ALWAYS)})(?=\s(?:[a-z(\d]|[A-Z]{{2}}))|(?<![\w.])(wrt)\b",
        lambda m: _ALWAYS[m.group(1) or m.group(2)],
        "Where a sentence goes on.",
    ),
    rule(
        "adjusted",
        r"\b([Aa])dj\.(?=\s(?:R|OR|HR|RR|p|P)(?![A-Za-z]))",
        r"\1djusted",
        "adj. R²: of statistics.",
    ),
    rule(
        "abbreviation before a numeral",
        rf"(?<![\w.])(Ch|Sec|Vol|Fig|Eq|Art|Tab|App|No|Op|Pt)\. (?=({_ROMAN})(?!\w|\.\w|['’]))(?!I (?:{'|'.join(sorted(_AFTER_ME))})\b)",
        lambda m: f"{ {**_BEFORE_DIGITS, 'Pt': 'Part'}[m[1]] } ",
        "Ch. IV: its word first, so that the numeral is one.",
    ),
    rule("compare", r"(?<![\w.])[Cc]f\.(?=\s)", "compare", "Before what is named by a capital."),
    rule("century", r"(?<=\d(?:th|st|nd|rd))\s?c\.(?!\w)", " century", "The 19th c."),
    rule(
        "because",
        r"(?<=[a-z]{2}[ ,])b/c(?= [a-z]{2})",
        "because",
        "Between words; else a quotient.",
    ),
    rule("and or", r"\band/or\b", "and or", "A slash between words that are one expression."),
    rule(
        "pair",
        r"\b((?i:he|she|they|him|his|her|yes|on|true|pass|either|input|win)|A|I|N|S|R|[A-Z]{2,5})"
        r"/(?=(?:(?i:she|he|they|her|hers|his|him|them|no|off|false|fail|or|output|loss)|B|O|A|C|D|[A-Z]{2,5})\b)",
        r"\1 ",
        "Likewise; before ratios.",
    ),
    rule(
        "grade with a minus",
        r"(?:(?<=\b[Aa]n )(A)|(?<=\b[Aa] )([B-D])|(?<=\bgrade )([A-D])|(?<=\bgrade of )([A-D]))-(?=[\s,.;)]|$)(?! (?:and|or) \w+-)",
        lambda m: f"{next(filter(None, m.groups()))} minus",
        "He got an A-: a hyphen is silent.",
    ),
    rule(
        "end of a strand",
        r"(?<!\w)([35])['′](?=-[A-Za-z]|\s(?:end|cap|UTR)\b)|(?<=[A-Z]-)([35])['′](?!\w)",
        lambda m: f"{m[1] or m[2]} prime",
        "5′-ATG-3′: no feet.",
    ),
    rule(
        "numeral in brackets",
        r"(?<!\w)\((i{1,3}|iv|vi{1,3}|ix)\)",
        lambda m: f"({cardinal(roman(m[1].upper()))})",
        "(i) one; (ii) two. Not (v), (x): letters as well.",
    ),
    rule(
        "number with a letter",
        r"\b((?:[Ss]eat|[Gg]ate|[Aa]pt\.?|[Aa]partment|[Rr]oom|[Uu]nit|[Ss]uite|[Rr]ow|[Ff]lat|[Ff]igures?|[Ff]igs?\.|[Tt]ables?|[Tt]ab\.|[Ee]xercise"
        r"|[Qq]uestion|[Pp]roblem|[Cc]lass|[Gg]rade|[Ss]tep|[Pp]art|[Pp]latform|[Bb]uilding|[Tt]erminal|[Ll]ine|[Nn]umber|[Ee]xit|[Pp]ier|[Bb]us|[Tt]rack|[Ff]loor|[Zz]one|[Bb]ay)\s)"
        r"(\d{1,4})([A-JLN-Za-jln-z])(?![\w/])",
        r"\1\2 \3",
        "Seat 14A has no amps; before quantities.",
    ),
    rule(
        "number of a house",
        r"(?<![\w.,$€£¥-])(\d{1,4})([A-E])(?= (?:[A-Z][a-z]+ ){1,3}(?:St|Street|Ave|Avenue|Rd|Road|Ln|Lane|Dr|Drive|Blvd|Square|Place|Court|Way)\b)",
        r"\1 \2",
        "221B Baker Street has no billions.",
    ),
    rule(
        "versus of a court",
        r"\b([A-Z][\w.'’-]+|al\.?) v\. (?=[A-Z])",
        r"\1 versus ",
        "Roe v. Wade.",
    ),
    rule(
        "small numeral of an item",
        r"(?:^|(?<= ))(i{1,3}|iv|vi{1,3}|ix)\) (?=\w)",
        _item_of_small_numeral,
        "i) first ii) second; i) by itself is a letter.",
    ),
    rule(
        "form of a company",
        r"(?<![\w.,-])(\d{1,2})-([KQF])(?![\w-])",
        lambda m: f"{cardinal(int(m[1]))} {m[2]}",
        "A 10-K has no kelvin.",
    ),
    rule(
        "years of a life",
        r"(?<=[(,;])( ?)([bdr])\. ?(?=\d{3,4}(?!\d))",
        lambda m: f"{m[1]}{_LIVED[m[2]]} ",
        "(b. 1990, d. 2020).",
    ),
    rule("number as Romans write it", r"\b[Nn][º°]\s?(?=\d)", "number ", "nº 5."),
    rule(
        "number of a room or a road",
        r"\b((?:Boeing|Flight|Highway|Route|Room|Suite|Channel|Interstate)\s|Airbus\sA)(\d{3})(?:-(\d{1,3}))?(?![\w-]|[.,]\d)",
        _three_digits,
        "Room 101.",
    ),
    rule(
        "size of a model",
        r"\b([A-Za-z][\w.]{0,30}(?:-[\w.]{1,20}){0,5}-\d+(?:\.\d+)?)B(?!\w)",
        r"\1 B",
        "Llama-3.1-8B: no billion.",
    ),
    rule(
        "initials",
        r"\b([A-Z]{1,3})&([A-Z]{1,3})\b",
        lambda m: f"{' '.join(m[1])} and {' '.join(m[2])}",
        "AT&T: its letters, also where they are a word.",
    ),
    rule(
        "code point",
        r"\bU\+([0-9A-F]{4,6})\b",
        lambda m: f"U plus {' '.join(digits(c) if c.isdigit() else c for c in m[1])}",
        "U+00E9 is no power of ten.",
    ),
    rule("age", r"(?<=\d)\s?(?:y/o\b|y\.o\.|yo\b)", " years old", "20 y/o; before quotients."),
    rule(
        "place on a chromosome",
        r"\bchr(\d{1,2}|[XYM]):(?=\d)",
        r"chromosome \1, ",
        "chr1:100-200: no ratio.",
    ),
    rule("sections", r"§§\s?(?=\d)", "sections ", "One sign for each would be said twice."),
    rule("indexed", r"\b([in])-th\b", r"\1th", "The n-th."),
    rule("fiscal year", r"\bFY(?=\d)", "FY ", "FY2023/24."),
    rule(
        "long number after its sign",
        r"(?<![\w&])#(\d{6,20})(?![\d.,]*\d|\w)",
        lambda m: f"number {digits(m[1])}",
        "Order #123456789: to be written down.",
    ),
    rule("number sign", r"(?<![\w&])#\s?(?=\d| of\b)", "number ", "#5, # of items."),
    rule(
        "estimated",
        r"\b([Ee])st\. ?(?=[$€£]?\d)(?!(?:1\d|20)\d\d\b(?!,\d))",
        r"\1stimated ",
        "est. 5 hours; est. 1990 is established.",
    ),
    rule(
        "before a number",
        rf"(?<![\w.])({any_of(_BEFORE_DIGITS)})\.\s?(?<!c\.)(?=\(?(?:S(?=\d))?\d)"
        r"|(?<![\w.])(c)\.(?: (?=\d)|(?=\d{3,4}\b))",
        lambda m: f"{_BEFORE_DIGITS[m.group(1) or m.group(2)]} ",
        "No. 5, Fig. 2, p. 3.",
    ),
    rule(
        "numeral of a century",
        rf"(?<![\w.])({_ROMAN})(?=(?:(?:[-–]| and | to ){_ROMAN})? (?:century|centuries)\b)"
        rf"|(?<=[-–])({_ROMAN})(?= centur)",
        lambda m: ordinal(roman(m[1] or m[2])),
        "The XIX century.",
    ),
    rule(
        "world war",
        r"\bWW(I{1,2})\b(?!\.\w|['’](?!s\b)\w)",
        lambda m: f"World War {cardinal(len(m[1]))}",
        "WWII: letters that nobody says.",
    ),
    rule(
        "numerals in a row",
        rf"(?<![\w.'’-]){_ROMAN}(?:, {_ROMAN}){{1,20}}(?:,? (?:and|or) {_ROMAN})?(?![\w-]|\.\w|['’]\w)",
        _numerals,
        "I, II, III, IV: each by those beside it.",
    ),
    rule(
        "numerals from the first on",
        r"(?<![\w.'’-])I(,| and| or| to) II(?![\w-]|\.\w|['’]\w)",
        r"one\1 two",
        "I, II, III: beside II it is no pronoun.",
    ),
    rule(
        "numeral before its next",
        r"(?<![\w.-])II(?=(?:,|,? and|,? or| to) (?:III|IV)\b)",
        "two",
        "II and III.",
    ),
    rule(
        "year in numerals",
        r"(?<![\w.-])(?=[MDCLXVI]{5})M{1,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?![\w-]|\.\w)",
        _roman_year,
        "MMXXIV.",
    ),
    rule(
        "numeral after a name",
        rf"\b(?!Malcolm X\b)({any_of((*_MONARCHS, *_COUNTED))})\.? ({_ROMAN})\b(?!\.\w|['’](?!s\b)\w)",
        _numeral,
        "Monarchs are counted in ordinals, wars are not.",
    ),
    rule(
        "numeral in small letters",
        r"\b([Ss]cene|[Pp]art|[Cc]hapter|[Ss]ection|[Ss]tep|[Ii]tem|[Pp]age|[Aa]ct|[Tt]ype|[Pp]hase|[Ss]tage|[Cc]lass|[Gg]rade|[Ll]evel|[Bb]ook|[Vv]olume|[Tt]able|[Aa]ppendix) "
        rf"((?=[ivx])(?:x{{0,3}})(?:ix|iv|v?i{{0,3}})|{_ROMAN})\b(?!\.\w|['’](?!s\b)\w)",
        _small_numeral,
        "Scene ii; type II.",
    ),
    rule(
        "numeral after another name",
        r"\b([A-Z][a-z]+) (III?|IV|VI{1,3}|IX|XI{1,3}|XIV|XVI{0,3}|XIX|XX[IVX]*)\b(?!\.\w|['’](?!s\b)\w)",
        _unknown_numeral,
        "Only where the letters can be nothing else.",
    ),
    rule(
        "numeral by itself",
        r"(?<![\w.-])(?:III|VIII?|XI{2,3}|XI?V|XVI{1,3}|XIX|XXI{1,3})(?![\w-]|\.\w|['’](?!s\b)\w)",
        lambda m: cardinal(roman(m.group())),
        "Likewise.",
    ),
    rule(
        "designation",
        r"(?<![\w.(=+*/^°-])(?<![=+*/^-] )([A-EF-JLO-WYZ]|[A-Z](?=-\d\d))-(\d{1,4})(?![\w.,]*\d)"
        r"(?!\s?[-=+*/^)<>]| (?:seconds|minutes|hours|days|weeks)\b)",
        r"\1 \2",
        "F-16: a name; with small letters, spaces or N it is arithmetic.",
    ),
    rule(
        "before a release",
        r"(?<![\d.])(\d+\.\d+(?:\.\d+)*)(?:-(alpha|beta|rc|pre|preview|dev|post|snapshot|canary|nightly|a|b)|(?=(?:a|b|rc)\d)(?<=\.\d)(a|b|rc))[.-]?(\d{1,4})?(?![\w])",
        lambda m: f"{m[1]} {_PRERELEASES.get(m[2] or m[3], m[2] or m[3])} {m[4] or ''}".rstrip(),
        "2.0.0-rc.1, 3.13.0b2; before versions.",
    ),
    rule(
        "any version",
        r"(?<![\w.])(\d{1,4}(?:\.\d{1,4}){0,3})\.([xX*])(?![\w.]*\w)|(?<=\d)\.(?=(?:dev|post)\d)",
        lambda m: (
            f"{say_version(m[1])} point {'star' if m[2] == '*' else m[2].lower()}"
            if m[1]
            else " dot "
        ),
        "Python 3.x, 1.2.x, 0.1.dev0.",
    ),
    rule(
        "standard",
        r"\b([GHTVX])\.(\d{3})(?![\w.])",
        lambda m: f"{m[1]} {paired(m[2])}",
        "H.264: neither decimals nor an initial.",
    ),
    rule(
        "v before a version",
        r"(?<![\w.])(?!V(?:4|6|8|10|12)\b(?!\.\d))[vV]\.?\s?(?=\d+(?:\.\d+|\b))",
        "version ",
        "v2.1; a V8 is an engine.",
    ),
    rule(
        "version with three parts",
        r"(?<![\w.,$€£])(?!(?:\d{1,2}\.\d{1,2}\.(?:19|20)\d\d|(?:19|20)\d\d\.(?:0[1-9]|1[0-2])\.(?:0[1-9]|[12]\d|3[01]))(?!\d|\.\d))()(\d+(?:\.\d+){2,})(?![\w]|\.\d)",
        _version,
        "No number has two points; a date with full stops has.",
    ),
    rule(
        "version after its word",
        r"(?i)(\b(?:version|release|python|ver\.?)\s)(\d+(?:\.\d+)+)\b",
        _version,
        "Before decimals.",
    ),
    rule(
        "version after a name",
        r"\b([A-Za-z][\w-]*)(\s|-|:|==|>=|<=|=|(?<=[a-z]{3}))(\d+\.\d{2,}|\d+\.0)(?![\d%]|\.\d)",
        _after_name,
        "A program has versions, a quantity has decimals.",
    ),
)
