r"""LaTeX: formulas as plain characters: "$E = mc^2$" is "E = m c²", "\frac{a}{b}" is "a⁄b"."""

# ruff: noqa: RUF001, RUF002, SIM905, S105 - mathematical characters, lists of words, tokens

from __future__ import annotations

import re

from .siunitx import plain_quantities

_BODY = r"(?:[^$\n\\]|\\[^\n]){1,500}?"
_DELIMITED = re.compile(
    r"\$\$((?:(?!\$\$)[\s\S]){1,5000}?)\$\$"
    r"|\\\[((?:(?!\\[\[\]])[\s\S]){1,5000}?)\\\]"
    r"|\\\(((?:(?!\\[()])[\s\S]){1,5000}?)\\\)"
    r"|\\begin\{(?:equation|align|aligned|gather|math|displaymath|eqnarray|multline|cases"
    r"|[bpvBV]?matrix|smallmatrix|array)\*?\}((?:(?!\\(?:begin|end)\{)[\s\S]){1,5000}?)\\end\{[a-z]{1,20}\*?\}"
    rf"|(?<![\\$\w])\$(?![\s$])({_BODY})(?<![\s\\$])\$(?:(?![\w$])|(?=-?th\b|(?:s|D|st|nd|rd)\b))"
    r"|(?:(?<=[\w)])|(?<=\d ))\$([_^](?:\\circ|\w|\{[^{}$\n]{1,20}\}) ?[CF]?)\$"  # CO$_2$
)
_FORMULA = re.compile(
    r"[\\^_=+<>(]|\{,\}|^\d{0,3}[A-Za-z]{1,2}(?:'{1,2}|!)?$|"
    r"^\d{0,3}(?: ?[A-Za-z])(?: [A-Za-z]){0,4}$|^\|[^|]{1,80}\|$|"
    r"^[A-Za-z0-9](?:\s*[,/*-]\s*[A-Za-z0-9])+$|^[-+]?\d+(?:\.\d+)?$"
)
_OPERATORS = {
    "times": "×", "cdot": "·", "ast": "*", "div": "÷", "pm": "±", "mp": "∓", "leq": "≤", "le": "≤",
    "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠", "approx": "≈", "equiv": "≡", "sim": "~",
    "propto": "∝", "infty": "∞", "partial": "∂", "nabla": "∇", "in": "∈", "notin": "∉", "ni": "∋",
    "subset": "⊂", "subseteq": "⊆", "supset": "⊃", "supseteq": "⊇", "cup": "∪", "cap": "∩",
    "setminus": "∖", "emptyset": "∅", "varnothing": "∅", "forall": "∀", "exists": "∃", "neg": "¬",
    "lnot": "¬", "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨", "to": "→", "rightarrow": "→",
    "longrightarrow": "→", "mapsto": "↦", "leftarrow": "←", "Rightarrow": "⇒", "implies": "⇒",
    "Leftarrow": "⇐", "iff": "⇔", "Leftrightarrow": "⇔", "leftrightarrow": "↔", "uparrow": "↑",
    "downarrow": "↓", "ldots": "…", "cdots": "…", "dots": "…", "perp": "⊥", "parallel": "∥",
    "angle": "∠", "circ": "°", "degree": "°", "prime": "′", "ell": "ℓ", "hbar": "ħ", "mid": "|",
    "vert": "|", "ll": "≪", "gg": "≫", "therefore": "∴", "because": "∵", "cong": "≅", "oplus": "⊕",
    "otimes": "⊗", "star": "*", "lt": "<", "gt": ">", "top": "T",
    "intercal": "T", "lVert": "‖", "rVert": "‖", "Vert": "‖",
    "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
    "dagger": "†", "colon": ":", "nmid": "∤", "Re": "real part of", "Im": "imaginary part of",
}  # fmt: skip
_GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho"
        " sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi"
        " Omega varepsilon vartheta varphi varrho varsigma varpi".split(),
        "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩεθφρσπ",
        strict=True,
    )
)
_LIMITED = {
    "sum": ("the sum", "∑"), "prod": ("the product", "∏"), "int": ("the integral", "∫"),
    "oint": ("the integral", "∮"), "iint": ("the integral", "∬"), "lim": ("the limit", "lim"),
}  # fmt: skip
_ACCENTS = {
    "hat": "hat", "bar": "bar", "vec": "vector", "tilde": "tilde", "dot": "dot",
    "ddot": "double dot",
    "overline": "bar", "widehat": "hat", "widetilde": "tilde",
}  # fmt: skip
_FONTS = frozenset(
    "text ce mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak operatorname textbf textit"
    " texttt textrm emph underline boxed bm boldsymbol mbox underbrace overbrace phantom".split()
)
_WORDS = frozenset("text ce mathrm operatorname textbf textit texttt textrm emph mbox".split())
_SILENT = frozenset(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle limits nolimits quad"
    " qquad label tag nonumber notag hline hfill middle".split()
)
_FUNCTIONS = frozenset(
    "sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan log ln exp max min sup inf det dim"
    " ker deg gcd arg argmax argmin Pr mod bmod".split()
)
_FRACTIONS = frozenset(("frac", "dfrac", "tfrac", "cfrac"))
_BARS = {"|": "‖", "lvert": "|", "rvert": "|"}
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_KNOWN = frozenset(
    (*_OPERATORS, "lvert", *_GREEK, *_LIMITED, *_ACCENTS, *_FONTS, *_FUNCTIONS, *_FRACTIONS, "sqrt",
     "left", "right", "binom", "quad")
)  # fmt: skip
# A path of Windows has names after its backslashes, too, but none of these after a space.
_BARE = re.compile(
    r"(?<![\w.:\\/-])(?:[A-Za-z0-9]{1,2}[ ]?[=+*/^_-][ ]?)?"
    rf"\\(?:{'|'.join(sorted(_KNOWN, key=len, reverse=True))})(?![A-Za-z])"
)
_BARE_END = re.compile(
    r"[∞∂∇√·×±≤≥≠∈−Α-ω\\{}\[\]()^_=+*/|<>,.\d\s-]|(?<![A-Za-z])[A-Za-z](?![A-Za-z])"
)
_NUMBER_BEFORE = re.compile(r"(?<![_^\d.,])\d[\d.,]*\s?$")
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_&~]|\s+|[A-Za-z]|\d+(?:[.,]\d+)*|[^\\]")
_SUPERS = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyz",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
        strict=True,
    )
)
_SUBS = dict(
    zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_CLOSE = frozenset((*_SUPERS.values(), *"₀₁₂₃₄₅₆₇₈₉"))
_ISOTOPE = re.compile("(?:^|[\\s(+])[⁰¹²³⁴-⁹]{1,3}[₀-₉]{0,3}$")
_SCRIPTS = frozenset((*_SUPERS.values(), *_SUBS.values()))
_BRACED_POWER = re.compile(r"(?<=[\w)\]])\^\{[^{}\n]{1,80}\}")
_SIGN_WITH_LIMITS = re.compile(r"[∑∏∫](?=[_^])|Σ(?=_\{?[ijkn](?![\w,]))")
_COMMAND_OF = {"∑": r"\sum", "Σ": r"\sum", "∏": r"\prod", "∫": r"\int"}
# In a formula there are no hyphens and no apostrophes.
_IN_FORMULAS = {"-": "−", "'": "′"}
_EXTREMES = frozenset("max min sup inf argmax argmin".split())
_LOOKS = frozenset("color textcolor href hspace vspace fontsize".split())
"""What follows these is how the rest looks, or where it leads."""
_DEPTH = 20
"""Formulas nested deeper are left as they are read, without their structure."""


# What documents have around their formulas: what refers goes, what structures is a paragraph.
_REFERENCE = re.compile(
    r"\\(?:cite[a-z]{0,12}|ref|eqref|autoref|cref|pageref|label|includegraphics|bibliography|usepackage"
    r"|documentclass)\*?(?:\[[^\]\n]{0,100}\]){0,2}\{[^{}\n]{0,200}\}"
)
_HEADING = re.compile(
    r"\\(?:chapter|(?:sub){0,2}section|paragraph|title|caption)\*?\{([^{}\n]{0,300})\}"
)
_STRUCTURE = re.compile(
    r"\\(?:begin|end)\{(?:document|itemize|enumerate|description|abstract|center|figure|table|quote"
    r"|theorem|lemma|proof|definition|corollary|example)\*?\}(?:\[[^\]\n]{0,20}\])?|\\item(?![A-Za-z])"
)


def _strip_structure(text: str) -> str:
    """`text` without references, its headings and items as paragraphs."""
    text = _HEADING.sub(r"\n\n\1\n\n", _REFERENCE.sub("", text))
    return _STRUCTURE.sub("\n\n", text)


def strip_latex(text: str) -> str:
    """`text` with its formulas in plain characters, and without what delimits them."""
    text = _SIGN_WITH_LIMITS.sub(lambda m: _COMMAND_OF[m.group()], text)
    if "\\" in text:
        text = plain_quantities(_strip_structure(text))
    if "$" in text or "\\" in text:
        text = _DELIMITED.sub(_formula, text)
    text = _bare(text) if "\\" in text else text
    # "10^{-3}" can be nothing else, with or without dollars around it.
    return _BRACED_POWER.sub(lambda m: plain_formula(m.group()), text)


def _formula(match: re.Match[str]) -> str:
    body: str = next(group for group in match.groups() if group is not None)
    if match.group(5) is not None and not _FORMULA.search(body):
        return match.group()  # money: "$5 or 6$"
    return plain_formula(body)


def _bare(text: str) -> str:
    """Formulas that nothing delimits: from a known command as far as the formula goes."""
    out, at = [], 0
    while (found := _BARE.search(text, at)) is not None:
        end, depth = found.end(), 0
        while end < len(text) and (depth or _BARE_END.match(text, end)) and text[end] != "\n":
            if text[end] == "\\":
                command = re.compile(r"\\(?:[A-Za-z]+|.)?").match(text, end)
                end = command.end() if command else end + 1
                continue
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        body = text[found.start() : end]
        tail = body[len(body.rstrip(" ,.-")) :]  # \alpha-helix
        out += [text[at : found.start()], plain_formula(body[: len(body) - len(tail)]), tail]
        at = end
    return "".join((*out, text[at:]))


def plain_formula(body: str) -> str:
    """LaTeX of one formula as plain characters, factors apart: "mc^2" is "m c²"."""
    tokens = _TOKEN.findall(body)
    plain = _Formula(tokens).rest(0).replace("′′", "″")
    plain = re.sub(r"\s+", " ", plain).strip()
    return re.sub(r"^\| ?([^|]{1,80}?) ?\|$", r"|\1|", plain)  # else a row of a table


class _Formula:
    """Reads the tokens of one formula from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def rest(self, depth: int) -> str:
        """All up to the brace that closes this group, or to the end."""
        out = ""
        while self._at < len(self._tokens):
            if self._tokens[self._at] == "}":
                self._at += 1
                if depth:
                    break
                continue
            out = _joined(out, self._part(depth))
        return out

    def _is_of_degrees(self) -> bool:
        r"""Whether the circle that was just read is raised, or behind a number: 90\circ."""
        before = "".join(self._tokens[max(0, self._at - 4) : self._at - 1])
        return before.endswith(("^", "{")) or _NUMBER_BEFORE.search(before) is not None

    def _part(self, depth: int) -> str:  # noqa: PLR0911 - a way out for each kind of token
        token = self._next()
        if token == "{":
            return self.rest(depth + 1) if depth < _DEPTH else ""
        if token == "^":
            return self._script(depth, _SUPERS, "^")
        if token == "_":
            return self._script(depth, _SUBS, " ")
        if token in "&~" or token.isspace():
            return " "
        if token == "\\\\":
            return ", "
        if token in _IN_FORMULAS:
            return _IN_FORMULAS[token]
        if token[0] == "\\":
            return self._command(token[1:].rstrip("*"), depth)
        return token

    def _command(self, name: str, depth: int) -> str:  # noqa: PLR0911, PLR0912 - likewise, of command
        if name in _FRACTIONS:
            return f"{_group(self._digit(depth))}⁄{_group(self._digit(depth))}"
        if name == "sqrt":
            return self._root(depth)
        if name == "binom":
            return f"{self._argument(depth)} choose {self._argument(depth)}"
        if name in ("begin", "end"):  # of a matrix: its rows and cells are left
            if self._argument(depth) in ("array", "tabular") and self._peek() == "{":
                self._argument(depth)  # how its columns are set
            return " "
        if name in _BARS:
            return _BARS[name]
        if name == "circ" and not self._is_of_degrees():
            return " ∘ "
        if name == "pmod":
            return f" (mod {self._argument(depth)})"
        if name == "operatorname" and self._named_extreme():
            return self._function(self._words().strip(), depth)
        if name in _FONTS:
            return self._words() if name in _WORDS else self._argument(depth)
        if name in _ACCENTS:
            return f"{self._argument(depth)} {_ACCENTS[name]}"
        if name in _LIMITED:
            return self._with_limits(name, depth)
        if name in _FUNCTIONS:
            return self._function(name, depth)
        if name in _LOOKS:
            self._argument(depth)
            return ""
        if name == "mid" and not self._is_within():
            return " ∣ "
        if name in _OPERATORS:
            sign = _OPERATORS[name]
            return sign if sign in "°′‖⟨⟩⌊⌋⌈⌉" else f" {sign} "
        return _GREEK.get(name) or ("" if name in _SILENT else _escaped(name))

    def _script(self, depth: int, forms: dict[str, str], otherwise: str) -> str:
        script = self._argument(depth)
        tight = script.replace(" ", "")
        if tight in ("°", "′", "*"):
            return tight if tight != "*" else " star "
        if tight and all(c in forms for c in tight):
            return "".join(forms[c] for c in tight)
        return f"{otherwise}{_group(script) if otherwise == '^' else script} "

    def _digit(self, depth: int) -> str:
        """An argument, of which a number without braces is one digit only: of 12 above, 1."""
        token = self._peek()
        if token.isdigit() and len(token) > 1:
            self._tokens[self._at] = token[1:]
            return token[0]
        return self._argument(depth)

    def _function(self, name: str, depth: int) -> str:
        """A function's name, close to what belongs to it."""
        if name in _EXTREMES and self._peek() == "_":
            self._next()
            return f" {name} over {self._argument(depth)} of "
        return f" {name}" if self._peek() in ("_", "^", "(") else f" {name} "

    def _named_extreme(self) -> bool:
        """Whether what is in braces is a function that is taken over something: argmax."""
        end = self._at + 1
        while end < len(self._tokens) and self._tokens[end].isalpha():
            end += 1
        return "".join(self._tokens[self._at + 1 : end]) in _EXTREMES

    def _is_within(self) -> bool:
        """Whether a bracket was opened before: P(A | B) and {x | x > 0} are no divisions."""
        return any(
            token in ("(", "[", "\\{") for token in self._tokens[max(0, self._at - 60) : self._at]
        )

    def _root(self, depth: int) -> str:
        index = ""
        if self._peek() == "[":
            self._next()
            while (token := self._next()) not in ("]", ""):
                index += token
        sign = _ROOTS.get(index.strip(), f" the {index}th root of ")
        return f"{sign}{_group(self._argument(depth))}"

    def _with_limits(self, name: str, depth: int) -> str:
        words, sign = _LIMITED[name]
        limits: dict[str, str] = {}
        while (mark := self._peek()) in ("_", "^", "\\limits"):
            self._next()
            if mark != "\\limits":
                limits[mark] = self._argument(depth)
        if not limits:
            return f" {sign} "
        if name == "lim":
            return f" the limit as {limits.get('_', '')} of "
        low = (
            f" from {limits['_']}"
            if "^" in limits and "_" in limits
            else f" over {limits.get('_', '')}"
        )
        high = f" to {limits['^']}" if "^" in limits else ""
        return f" {words}{low if '_' in limits else ''}{high} of "

    def _argument(self, depth: int) -> str:
        """One token, or what is in braces, as plain characters."""
        while self._peek().isspace():
            self._next()
        if self._at >= len(self._tokens) or self._peek() == "}":
            return ""
        return self._part(depth + 1).strip() if depth < _DEPTH else self._next()

    def _words(self) -> str:
        """What is in braces, letter for letter: words, no factors."""
        out, depth = "", 0
        while self._at < len(self._tokens):
            token = self._next()
            depth += {"{": 1, "}": -1}.get(token, 0)
            if token == "_" and self._peek().isdigit():
                token = "".join(_SUBS.get(char, char) for char in self._next())  # CO_2
            out += "" if token in "{}" else " " if token == "~" else token
            if not depth:
                break
        return f" {out} " if out[:1].isalpha() else out

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token


def _joined(out: str, part: str) -> str:
    """`part` behind what is there: letters side by side are factors, and no word."""
    if part[:1] in _CLOSE and out[-1:] == " " and re.search(r"[^\W_]\s+$|[∂∇]\s+$", out[-8:]):
        return out.rstrip() + part  # \mathrm{cm}^3, \nabla^2
    if part.lstrip()[:1].isupper() and _ISOTOPE.search(out[-8:]):
        return out + part.lstrip()
    if part[:1].isdigit() and "⁄" in part and out[-1:].isdigit():
        return f"{out} {part}"  # 3\frac{1}{2}
    return f"{out} {part}" if out[-1:].isalnum() and _is_letter(part[:1]) else out + part


def _is_letter(char: str) -> bool:
    return char.isalpha() and char not in _SCRIPTS


def _group(text: str) -> str:
    """`text` in brackets where it has several parts."""
    return f"({text})" if re.search(r"[\s+×·=−-]", text.strip()) else text.strip()


def _escaped(name: str) -> str:
    """A command nobody knows is read by its name; an escaped sign is that sign."""
    if name.isalpha():
        return f" {name} "
    return " " if name in ",;:! " else name
