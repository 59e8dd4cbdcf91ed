"""Code in a sentence: names, calls, operators."""

# ruff: noqa: E501, RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import re
import unicodedata

from .numbers import cardinal
from .rule import Rule, rule
from .vocabulary import is_pronounceable, is_word, split_compound

_OPENERS = frozenset(
    "A After All An And As At But By Do For From He Her His How However I If In It Its Let My Next No"
    " Not Now On One Or Our She So Some That The Their Then There These They This Those To Today We"
    " Well What When Where Which While Who Why Will With Yes You Your".split()
)
_NOT_SPELLED = frozenset(
    "hm hmm mm mmm sh shh psst pst tsk pfft grr brr zzz nth vs mr mrs ms dr jr sr st ft pp".split()
)
_PARTS = re.compile(
    r"[^\W\d_]*[^\x00-\x7f\W\d_][^\W\d_]*|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+"
)
_OPENING_SIDE = r"(?:^|(?<=[(,;:\[] )|(?<=[(\[]))"
_OPENING = re.compile(r"[\w\])]\(|\w\[[\"']")


def say_identifier(name: str) -> str:
    """`"getUserName"` is "get user name", `"groupby"` "group by", `"df"` "d f"."""
    words: list[str] = []
    for part in _PARTS.findall(name):
        if part.isupper() and len(part) > 1:
            words.append(part)
        elif part.isalpha():
            words += map(_spelled, split_compound(part.lower()))
        else:
            words.append(part)
    return " ".join(words)


ENDINGS = (
    "csv|tsv|txt|jsonl?|ya?ml|toml|xml|html?|md|ipynb|py|zip|tar|gz|bz2|xz|tgz|pdf|png|jpe?g|gif|svg|webp|mp3|mp4"
    "|wav|webm|mkv|log|parquet|pkl|np[yz]|h5|pth?|onnx|gguf|safetensors|docx?|xlsx?|pptx?|whl|db|sqlite|exe|dll|so"
)


_CALLED = frozenset("len str int print repr sorted reversed".split())
_LETTERS = frozenset(("os", "io"))
"""Names of modules that look like words."""


def _spelled(word: str) -> str:
    said = len(word) < 2 or (is_pronounceable(word) and word not in _LETTERS)
    return word if said else " ".join(word)


def _dotted(match: re.Match[str]) -> str:
    """Names with dots between them, unless it is an abbreviation or a full stop without a space."""
    text = match.group()
    parts = text.split(".")
    first, last = parts[0], parts[-1]
    if all(len(part) == 1 for part in parts) or (len(last) == 1 and first[0].isupper()):
        return text  # U.S, e.g, Ph.D
    if any(len(part) == 1 for part in parts[:-1]) and first[0].isupper():
        return text  # J.R.R.Tolkien
    if len(parts) == 2 and last in _OPENERS and is_word(first.lower()):
        return f"{first}. {last}"
    return " dot ".join(map(say_identifier, parts))


def _snake(match: re.Match[str]) -> str:
    if not re.search("[A-Za-z]", match.group()):
        return match.group()  # 1_000: one number
    return " ".join(map(say_identifier, filter(None, match.group().split("_"))))


def _camel(match: re.Match[str]) -> str:
    return say_identifier(match.group())


def _unpronounceable(match: re.Match[str]) -> str:
    word = match.group()
    if word in _NOT_SPELLED or is_word(word):
        return word
    return " ".join(word)


_FUNCTIONS = {"sin": "sine", "cos": "cosine", "tan": "tangent"}
_MOMENTS = {
    "Var": "variance",
    "Cov": "covariance",
    "Corr": "correlation",
    "Pr": "probability",
    "tr": "trace",
}
_KEYS = {
    "Ctrl": "control", "Cmd": "command", "Esc": "escape", "PgUp": "page up", "PgDn": "page down",
}  # fmt: skip
_CHORDS = {
    "maj": "major", "min": "minor", "m": "minor", "dim": "diminished", "aug": "augmented",
    "sus": "suspended", "add": "add",
}  # fmt: skip


def _chord(match: re.Match[str]) -> str:
    """A chord, where its name can be nothing else: "Am" may be a verb."""
    note, sign, kind, number = match.groups()
    if kind == "m" and not sign and not number:
        return match.group()
    half = {"#": " sharp", "♯": " sharp", "b": " flat", "♭": " flat"}.get(sign, "")
    return f"{note}{half} {_CHORDS[kind]} {cardinal(int(number)) if number else ''}".strip()


def _of(match: re.Match[str], function: str) -> str:
    """Close to the bracket, which goes with it then, as that of a call."""
    return f"{function} of{'' if match.string.startswith('(', match.end()) else ' '}"


_OPEN_QUOTE = re.compile(r"(?<!\w)'(?=[^\s'])[^']{0,200}$")


def _prime(match: re.Match[str]) -> str:
    if _OPEN_QUOTE.search(match.string[: match.start() + 1]):
        return match.group()
    return f"{match[1]} prime"


def _primes(match: re.Match[str]) -> str:
    factor, letter, marks, minus = match.groups()
    if _OPEN_QUOTE.search(match.string[: match.start(3)]):
        return match.group()
    word = "prime" if marks in ("'", "′") else "double prime"
    return f"{factor} {letter} {word}{' minus ' if minus else ''}".lstrip()


def open_calls(text: str) -> str:
    """Calls without brackets and quotes: `mean("city")` is "mean city", `f(x)` "f of x"."""
    if not _OPENING.search(text):
        return text
    out: list[str] = []
    calls: list[bool] = []  # for each open bracket, whether it is that of a call
    for at, char in enumerate(text):
        before = text[at - 1] if at else " "
        if char == "(":
            called = before.isalnum() or before in "_)]"
            calls.append(called)
            if called and _is_function(text, at):
                out.append(" of ")
            else:
                out.append(" " if called else char)
        elif char == ")" and calls:
            out.append(" " if calls.pop() else char)
        elif char in "\"'" and _quotes_argument(text, at, any(calls)):
            out.append(" ")
        else:
            out.append(char)
    return "".join(out)


def _quotes_argument(text: str, at: int, called: bool) -> bool:
    """Whether a quotation mark is one of code: of an index, or in a call, but no apostrophe."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if before == "[" or after == "]":
        return True
    return called and not (before.isalpha() and after.isalpha())


def _is_function(text: str, at: int) -> bool:
    """Whether the name before a bracket is that of mathematics: one letter, with an argument."""
    one = re.search(
        r"(?<![\w.])(?:[A-Za-zΑ-ω]|[a-zA-Z](?: double)? prime)$", text[max(0, at - 16) : at]
    )
    if one is None or text[at + 1 : at + 2] in (")", "", '"', "'"):
        return False
    statistic = one.group() in "tFrzχ" and re.match(r"[\d., ]{1,20}\)", text[at + 1 : at + 22])
    return not statistic  # t(58)


BEFORE_CALLS: tuple[Rule, ...] = (
    rule(
        "from end to end of a strand",
        r"(?<![\w.])([35])['′]\s?[-–→]\s?([35])['′](?!\w)",
        r"\1 prime to \2 prime",
        "5'–3', of DNA: before feet.",
    ),
    rule(
        "ends of a strand",
        r"(?<![\w.])([35])['′](?= to [35]['′]|-[ACGTU]{2}|[ -](?:UTR|end|cap|untranslated)\b)"
        r"|(?<=[ACGTU]{2}-)([35])['′](?!\w)",
        lambda m: f"{m[1] or m[2]} prime",
        "The 3' UTR, 5'-ATG.",
    ),
    rule(
        "other end of a strand",
        r"(?<=[35] prime to )([35])['′](?!\w)",
        r"\1 prime",
        "After its one end.",
    ),
    rule(
        "product with a sum",
        r"(?<![\w.])(?:(\d{0,2})([a-z])\((?=\d?\2\s?[-+−]\s?\d)|(?:(?<![A-Za-z]\s)|(?=\d{1,3}\([k-z])|(?=\d{1,3}\([^()\n]{1,12}\)\s?[=<>+−*/^²³]))(\d{1,3})\((?=[a-z]\s?[-+−]\s?(?:\w|\d{1,3})\)))",
        lambda m: f"{m[3]} times (" if m[3] else f"{m[1]} {m[2]} times (",
        "n(n+1): no function has itself for its argument. Exercise 2(a-c) has items, 2(x+1) factors.",
    ),
    rule(
        "product of sums",
        r"(?<=[\w²³]\))\((?=\d{0,2}[a-z]\s?[-+−]\s?\w{1,3}\))",
        " times (",
        "(n+1)(2n+1).",
    ),
    rule(
        "quotient of brackets",
        r"(?<=[\w²³!]\))(!?)/(?=\d|[A-Za-z](?![\w'’.])|\w{1,20}\(|\()",
        r"\1 over ",
        "n(n+1)/2, f(x)/g(x): before brackets go.",
    ),
    rule(
        "norm of the keyboard",
        r"(?<![\w|)])\|\|([A-Za-zα-ωΑ-Ω](?:\s?[-−+]\s?[A-Za-zα-ω0-9]{1,3})?)\|\|(?!\|)",
        r" norm of \1 ",
        "||x||: no alternatives.",
    ),
    rule(
        "optional plural",
        r"(?<![\w.])([\w.]{0,40}[a-z]{2})\((e?s)\)",
        lambda m: m.group() if m[1] in _CALLED or re.search(r"[._]", m[1]) else m[1] + m[2],
        "file(s) is no call; len(s) and json.loads(s) are.",
    ),
    rule(
        "second derivative",
        r"\b([A-Za-z])(?:''|″|′′)(?=\()",
        r"\1 double prime",
        "f''(x); before calls.",
    ),
    rule("derivative", r"\b([A-Za-z])['′](?=\()", r"\1 prime", "f'(x), likewise."),
    rule(
        "primes of an equation",
        r"(?<![\w'’\"\\])(\d{0,3})([a-z])(''|″|′′|['′])(?=\s?[-+−=])(\s[-−]\s(?=\d{0,3}[a-z]\b|\d|\())?(?=.*=)",
        _primes,
        "y'' + 2y' + y = 0: before feet, inches and quotes.",
    ),
    rule(
        "prime",
        r"(?<![\w'’\"\\])([A-Za-z])['′](?=\s?(?:[=+*/^<>)]|$))",
        _prime,
        "x' = 5: no quotation, whose end 'plan b' has.",
    ),
    rule("languages", r"\bC\+\+(?!\w)", "C plus plus", "A name, no arithmetic."),
    rule(
        "chord",
        r"\b([A-G])([#♯b♭]?)(maj|min|m|dim|aug|sus|add)(\d{0,2})(?![\w(])",
        _chord,
        "F#m7; before sharps.",
    ),
    rule("sharps", r"\b([A-G])#(?![A-Za-z])", r"\1 sharp ", "C#; also before a seventh: F#7."),
    rule("flats", r"\b([A-G])[b♭](?= (?:major|minor)\b)", r"\1 flat", "Bb major."),
    rule("dot net", r"(?<![\w.])\.NET\b", " dot net", "Likewise."),
    rule("short forms", r"\bw/o\b", "without", "Before slashes are read."),
    rule(
        "command after a prompt",
        r"^\s*\$ (?=[a-z.~/][\w./~-]*(?: |$))(?!.*\$)",
        "",
        "$ pip install x: nobody says the prompt; x costs no dollar.",
    ),
    rule(
        "base of a logarithm",
        r"\blog(?:_\{?(\d{1,3}|[eb])\}?|([₀-₉]{1,3}|ₑ))(?=\s?[\w(α-ω])",
        lambda m: _of(m, f"log base {m[1] or unicodedata.normalize('NFKC', m[2])}"),
        "log₂(8), log_10 x: its argument is no factor.",
    ),
    rule("root by name", r"\bsqrt(?=\()", "square root of", "sqrt(2): before calls."),
    rule("care of", r"\bc/o\b(?!\s?[=+*/^<>-])", "care of", "Likewise."),
    rule("not applicable", r"\bn/a\b(?!\s?[=+*/^<>-])", "N A", "Likewise."),
    rule(
        "given",
        r"\b(Pr?|p|E)\s?([(\[])([^()\[\]|]{1,30})\|([^()\[\]|]{1,30})([)\]])",
        r"\1\2\3 given \4\5",
        "P(A|B): before calls and absolute values.",
    ),
    rule(
        "moments",
        r"(?<![\w.])(Var|Cov|Corr|Pr|tr)(?= ?[(\[][A-Z])",
        lambda m: _of(m, _MOMENTS[m[1]]),
        "Var(X): of random variables, which are capitals.",
    ),
    rule(
        "such that",
        r"\{\s?([A-Za-z]\w{0,3}(?:\s?∈\s?[\w²³]{1,4})?)\s?\|\s?(?=\S)",
        r"\1 such that ",
        "{x | x > 0}.",
    ),
    rule(
        "power of a function",
        r"\b(sin|cos|tan|log|ln|sinh|cosh|tanh)(?:²|\^2(?!\d))\s?",
        lambda m: f"{_FUNCTIONS.get(m[1], m[1])} squared ",
        "sin²θ: no note after a word.",
    ),
    rule(
        "function",
        r"(?<!\ba )(?<!\bthe )\b(sin|cos|tan)(?=\(|\s?[\dα-ωΑ-Ω]|\s[b-hj-z]\b(?!['’])|⁻)",
        lambda m: _FUNCTIONS[m[1]],
        "Of an argument; alone they are words of their own.",
    ),
    rule(
        "star",
        r"(?<![\w)\]*])\*(?=\.[A-Za-z])|(?<=\b[Ss]elect )\*|(?<=\bSELECT )\*|(?<=\bimport )\*|(?<=\()\*(?=\))",
        " star ",
        "*.py, SELECT *, COUNT(*): nothing is multiplied.",
    ),
    rule(
        "star of a table",
        r"(?i:\b(select|count\(|,) ?)(\w{1,40})\.\*(?=[,\s)]|$)|(?<=\d)\.\*(?=[,\s)]|$)(?! [A-Z])",
        lambda m: f"{m[1]} {m[2]} dot star " if m[1] else " dot star ",
        "SELECT b.*, 1.*: no full stop.",
    ),
    rule(
        "not in code",
        r"(?:(?<=[=&|] )|(?<=\()|(?<=\bif )|^)!(?=[A-Za-z_]\w{0,40}\s?(?:$|[)&|;:]|==))",
        "not ",
        "if (!done): a mark that ends no sentence.",
    ),
    rule(
        "key",
        r"\b(Ctrl|Cmd|Esc|PgUp|PgDn)\b",
        lambda m: _KEYS[m[1]],
        "As it is called.",
    ),
    rule("short with", r"\bw/(?=\s)", "with", "Likewise."),
)

NAMES_IN_CODE: tuple[Rule, ...] = (
    rule(
        "attribute",
        r"(?<=[)\]])\.(?=[A-Za-z_])",
        " dot ",
        "After an index; a sentence has a space.",
    ),
    rule(
        "dotted name",
        r"(?<![\w.@])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+",
        _dotted,
        "Names of modules, methods and files.",
    ),
    rule(
        "ending of a file",
        rf"(?:(?<=\d)|(?<=\d[a-zA-Z]))(?:\.(?:{ENDINGS}))+(?!\w|\.\w)",
        lambda m: m.group().replace(".", " dot "),
        "v1.2.zip: after a digit a full stop may be many things.",
    ),
    rule(
        "ending by itself",
        rf"(?<![\w.])\.({ENDINGS})(?![\w.])",
        lambda m: f" dot {say_identifier(m[1])}",
        ".py is no word.",
    ),
    rule("leading dot", r"(?<![\w.])\.(?=[A-Za-z_])", " dot ", "Of .gitignore, and after a call."),
    rule(
        "snake case",
        r"(?<![A-Za-z0-9])_*[A-Za-z0-9]+(?:_+[A-Za-z0-9]+)+_*(?<![0-9]_)",
        _snake,
        "Words with underscores between them; digits with underscores are one number.",
    ),
    rule("underscores", r"(?<!\w)_+(?=[A-Za-z])|(?<=[A-Za-z])_+(?!\w)", " ", "Private names."),
    rule(
        "version in a name",
        r"(?<=[A-Za-z][A-Z])v(?=\d{1,2}(?!\w))|(?<=[a-z]{2})V(?=\d{1,2}(?!\w))",
        lambda m: " V" if m.string.endswith("IP", 0, m.start()) else " v ",
        "YOLOv8, MobileNetV2; of IPv6 all letters are said.",
    ),
    rule(
        "camel case",
        r"\b(?!mmHg\b)(?:[a-z]{2,}|[a-df-hj-z](?=[A-Z][a-z]{2}))(?:[A-Z][a-z0-9]+|[A-Z]{2,}(?![a-z]))+(?:[A-Z](?![a-z]))?\b"
        r"(?<!mac)(?<!OS)",
        _camel,
        "Words without spaces; iPhone and eBay are words of their own.",
    ),
    rule(
        "spread", r"(?<![\w)*])\*{1,2}(?=[A-Za-z_])", "", "*args: a star before a name is silent."
    ),
)

_CHANGES = {
    "**": "power", "//": "floor divided", "<<": "shifted left", ">>": "shifted right",
    "|": "or", "&": "and", "^": "exclusive or", "@": "matrix times", "%": "modulo",
}  # fmt: skip

_SIDES = {
    "<": "less than", "≤": "less than or equal to", "<=": "less than or equal to",
    ">": "greater than", "≥": "greater than or equal to", ">=": "greater than or equal to",
}  # fmt: skip

OPERATORS: tuple[Rule, ...] = (
    rule(
        "changes by another operator",
        r"(?<=[\w)\]])\s?(\*\*|//|<<|>>|[|&^@]|(?<!\d)(?<!\d )%)=(?!=)\s?",
        lambda m: f" {_CHANGES[m[1]]} equals ",
        "y **= 2, z //= 3: before each by itself.",
    ),
    rule(
        "remainder without spaces",
        r"(?<![\w.%])(\d{1,6}|[a-z])%(?=(?:\d{1,6}|[a-z])(?![\w%]))",
        r"\1 modulo ",
        "7%2, x%y.",
    ),
    rule("increment", r"(?<=\w)\+\+", " plus plus ", "Before plus."),
    rule(
        "decrement",
        r"\b([a-z]|[a-z]\w{0,30}(?=--[;)]))--(?=[;),.\s]|$)(?! [A-Za-z])",
        r"\1 minus minus ",
        "Before minus; after a word it is a dash.",
    ),
    rule(
        "shift",
        r"(?<=[\w)\]])\s?(<<|>>)\s?(?=\d)",
        lambda m: f" shifted {'left' if m[1] == '<<' else 'right'} by ",
        "x << 2; before comparisons.",
    ),
    rule(
        "much less, much greater",
        r"\b([A-Za-z]) (<<|>>) (?=[A-Za-z]\b)",
        lambda m: f"{m[1]} {'≪' if m[2] == '<<' else '≫'} ",
        "n >> p: of letters it is mathematics.",
    ),
    rule(
        "remainder",
        r"(?:\b([A-Za-z_]\w{0,2})\s?%\s|(?<=[\d)]) % )(?=[a-z]\b(?! [a-z]{2})|\d)",
        lambda m: f"{m[1] or ''} modulo ",
        "n % 2; a share is written after its number.",
    ),
    rule(
        "floor division with spaces",
        r"\b([A-Za-z]|\d{1,9}) // (?=(?:[A-Za-z]|\d{1,9})\b(?! [a-z]{2}))",
        r"\1 divided by ",
        "Of short terms; else a comment.",
    ),
    rule("comment", r"(?<![\w:/])//(?=\s)", " ", "Before slashes."),
    rule("floor division", r"(?<=[\w)])\s?//\s?(?=[\w(])", " divided by ", "Likewise."),
    rule("scope", r"(?<=\w)::(?=\w)", " ", "std::vector."),
    rule("equality", r"\s?={2,3}\s?", " equals ", "Before equals."),
    rule("inequality", r"\s?!==?\s?|\s?<>\s?", " is not equal to ", "Before the single marks."),
    rule(
        "side after a word",
        r"\b(and|or|but|to|by|if|with) (<=|>=|[<>≤≥]) ?(?=[\d.$€£+−-])",
        lambda m: f"{m[1]} {_SIDES[m[2]]} ",
        "> 5 and < 10: two values are not compared.",
    ),
    rule(
        "at most of one side",
        rf"{_OPENING_SIDE}(?:<=|≤)\s?",
        "less than or equal to ",
        "<=5 years.",
    ),
    rule(
        "at least of one side",
        rf"{_OPENING_SIDE}(?:>=|≥)\s?",
        "greater than or equal to ",
        "Likewise.",
    ),
    rule("at most", r"\s?<=\s?(?![=>])", " is less than or equal to ", "Likewise."),
    rule("at least", r"\s?(?<![=-])>=\s?", " is greater than or equal to ", "Likewise."),
    rule("right arrow", r"\s?(?:-{1,2}>|=+>|~>)\s?", " to ", "Likewise."),
    rule("left arrow", r"\s?<-{1,2}(?!\d)\s?", " from ", "Likewise."),
    rule("assignment", r"\s?:=\s?", " is ", "Likewise."),
    rule("changes", r"\s?\+=\s?", " plus equals ", "Likewise."),
    rule("changes down", r"(?<=\w)\s?-=\s?", " minus equals ", "Likewise."),
    rule("changes by a factor", r"(?<=[\w)\]])\s?\*=\s?", " times equals ", "Likewise."),
    rule("changes by a part", r"(?<=[\w)\]])\s?/=\s?", " divided equals ", "Likewise."),
    rule("and", r"\s?&&\s?", " and ", "Likewise."),
    rule("or", r"(?<=\S)\s?\|\|\s?(?=\S)", " or ", "Likewise."),
)

SPELLING: tuple[Rule, ...] = (
    rule(
        "unpronounceable",
        r"\b(?<![^\W\d_]['’])[b-df-hj-np-tv-xz]{2,6}\b",
        _unpronounceable,
        "df, np: spelled; at last, for units have no vowels either. Not the end of we'll.",
    ),
)
