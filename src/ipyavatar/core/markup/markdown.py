"""Markdown: marks go, words stay. Narrower than CommonMark, so that arithmetic is left alone."""

# ruff: noqa: RUF001 - bullets

from __future__ import annotations

import re
from collections.abc import Callable


def _heading(match: re.Match[str]) -> str:
    """Its words, without the marks that may close it."""
    words = match.group(1).rstrip()
    bare = words.rstrip("#")
    return f"\n\n{bare if bare[-1:].isspace() or not bare else words}\n\n"


def _lowered(match: re.Match[str]) -> str:
    return match.group(1).translate(_SUBSCRIPTS)


_SUBSCRIPTS = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_FENCE = re.compile(r"^[ \t]*(?P<mark>```+|~~~+)")
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), replacement)
    for pattern, replacement in (
        # Blocks. A rule, a heading's underline; a heading; a quote; a list item, with its box.
        # "= = =" is neither, and "===" only below a line.
        (r"^[ \t]*(?:(?:[*_][ \t]*){3,}|-(?:[ \t]*-)+[ \t]*|[=~]{4,}[ \t]*)$|"
         r"(?<=\S\n)={2,}[ \t]*$", "\n"),
        (r"^[ \t]*:{3,}[ \t]*(?:\{?[a-z-]{1,20}\}?(?![\w.,]))?", "\n\n"),
        (r"^[ \t]*(?:>[ \t]?)+(?![\d.=])(?:\[!\w{1,20}\])?", ""),
        (r"^[ \t]*#{1,6}[ \t]+(?!of\b)([^\n]*)$", _heading),
        (r"^[ \t]*[-*+•‣◦▪–][ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)", "\n\n"),
        (r"^[ \t]*(\d{1,3})[.)][ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)", r"\n\n\1: "),
        (r"^[ \t]{0,3}\[[^\]\n]{1,100}\]:[ \t]+\S{1,2000}(?:[ \t]+[\"'(][^\n]{0,200})?$", ""),
        # Links and pictures; of a footnote, its mark goes.
        (r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,2000}){0,3}"
         r"(?:\s+(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'))?\)", r"\1"),
        (r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,2000}){0,3}"
         r"(?:\s+\"[^\"\n]{0,300}\")?\)", r"\1"),
        (r"(?<=[^\s\w)\]])\[([^\[\]\n]{1,200})\]\[[^\[\]\n]{0,100}\]|(?:^|(?<=\s))\[([^\[\]\n]{1,200})\]"
         r"\[[^\[\]\n]{1,100}\]", r"\1\2"),
        (r"\[\^[^\]\n]{1,20}\]:?", ""),
        (r"(?<=[A-Za-z][.,;:!?])(?:(?:\[\d{1,3}(?:[-–, ]{1,2}\d{1,3}){0,8}\]){1,5}|[⁰¹²³⁴-⁹]{1,3})"
         r"(?=\s|$)", ""),
        # A picture by its name, as chats have it: no more said than the picture is.
        (r"(?<![\w:]):(?:[+-]1|(?=[a-z_+-]{0,30}[a-z])[a-z0-9_+-]{2,30}):(?![\w:])", ""),
        # A face of keyboard signs, as a word of its own, likewise.
        (r"(?<!\S)(?:[:;]['’]?[-^]?[)(DPp/\\|*]{1,3}|xD{1,4}|\^[_.]?\^|;_;|T_T|-_-|[oO]_O|O_o|>[_.]<"
         r"|¯\\?\\_\(.{1,3}\)_/¯)(?=[\s.,!?]|$)", ""),
        # What is lowered, as Pandoc has it.
        (r"(?<=[A-Za-z)])~(\d{1,3}[+-]?)~(?!~)", _lowered),
        # Code, then emphasis. Marks that stand after a letter, a digit or a bracket are operators.
        (r"(?<!`)(`{1,3})([^`\n]{1,300})\1(?!`)", r"\2"),
        (r"(?<![A-Za-z0-9_)\]*\\])(\*\*\*|\*\*)(?=[^\s*])([^*\n]{1,400}(?:\*[^*\n]{1,200}\*[^*\n]{0,200}|(?<=\w)\*(?=\w)[^*\n]{1,200})?)"
         r"(?<=[^\s\\])\1", r"\2"),
        (r"(?<![\w)\]])(~~|==|\|\|(?![A-Za-zα-ω](?:\s?[-+−]\s?\w)?\|\|))(?=[^\s~=|])([^~=|\n]{1,300})"
         r"(?<=[^\s])\1", r"\2"),
        (r"(?<![\w\\])(___|__|_)(?=[^\W_])([^\n_]{1,300}(?:_[^\n_]{1,100}){0,8}?)(?<=[^\s_])\1(?!\w)",
         r"\2"),
        (r"(?<![\w*)\]\\])\*(?=[^\s*])([^*\n]{1,400})(?<=[^\s*\\])\*(?![\w*])", r"\1"),
        (r"\\([*_`#~\[\](){}<>+.!|$%&@^=-])", r"\1"),
    )
)  # fmt: skip
# What Pandoc and Quarto tell of a heading, a picture or a link: its name, its class, its size.
_ATTRIBUTE = (
    r"(?:[#.][A-Za-z][\w:.-]{0,60}|-|(?:width|height|class|id|style|lang|group|target|rel|title|alt|align"
    r"|scale|layout|collapse|icon|appearance|(?:fig|tbl|lst|data|layout)-[a-z-]{1,20})=(?:\"[^\"\n{}]{0,100}\"|[\w%.#-]{1,60}))"
)
_IN_BRACES = rf"\{{{_ATTRIBUTE}(?:[ \t]+{_ATTRIBUTE}){{0,8}}\}}"
_ATTRIBUTES = re.compile(
    rf"(?<!\w)\[([^\[\]\n]{{1,200}})\]{_IN_BRACES}|(?<=[)`]){_IN_BRACES}"
    rf"|(?<=\S)[ \t]+{_IN_BRACES}(?=[ \t]*$)",
    re.MULTILINE,
)
# Of notes that link each other: the words, and not the page. Before tables, whose bar it has.
_WIKI_LINK = re.compile(r"(?<![\w)\]])!?\[\[[^\[\]|\n]{1,200}\|([^\[\]|\n]{1,200})\]\]")
_DIVIDER_CELL = re.compile(r":?-+:?")
_ABSOLUTE_VALUE = re.compile(r"\|[A-Za-zα-ω](?:\s?[-−+]\s?[A-Za-z0-9]{1,3})?\|")
# Of |a| = |b|: what stands alone between two bars, and is seldom all of a cell.
_BETWEEN_BARS = re.compile(r"\|\s*[-=+−<>≤≥≠·×⋅]\s*\|")
_CELL_EDGE = re.compile(r"(?<!\\)\|")


_FRONT_MATTER = re.compile(
    r"\A\s*---[ \t]*\n"
    r"(?:[A-Za-z_][\w -]{0,60}:[^\n]*\n|[ \t]+\S[^\n]*\n|- [^\n]*\n|#[^\n]*\n|[ \t]*\n){1,200}"
    r"(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)


def drop_front_matter(text: str) -> str:
    """`text` without YAML at its top (Quarto, Jekyll, Jupytext), unless that is all there is."""
    found = _FRONT_MATTER.match(text)
    rest = text if found is None else text[found.end() :]
    return rest if rest.strip() else text


def drop_code_blocks(text: str) -> str:
    """`text` without fenced code, unless there is nothing else; then without the fences."""
    if ("```" not in text and "~~~" not in text) or not text.strip("`~ \t\n"):
        return text  # nothing but marks is no block either
    prose: list[str] = []
    code: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
                prose.append("")
            else:
                code.append(line)
        elif mark and fence_opens(line.strip(), mark["mark"]):
            fence = mark["mark"]
            prose.append("")
        else:
            prose.append(line)
    kept = prose if any(line.strip() for line in prose) else code
    return "\n".join(kept)


def fence_opens(line: str, mark: str) -> bool:
    """Whether a line opens a block: code between two marks on one line is no block."""
    return mark[0] not in line[len(mark) :]


def strip_markdown(text: str) -> str:
    """`text` without Markdown's marks; items and rows of tables are paragraphs."""
    text = _ATTRIBUTES.sub(r"\1", text) if "{" in text else text
    text = _tables(_WIKI_LINK.sub(r"\1", text))
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def _tables(text: str) -> str:
    """Rows of tables as paragraphs, their cells separated by commas."""
    if "|" not in text:
        return text
    lines = text.split("\n")
    dividers = {i for i, line in enumerate(lines) if "|" in line and _is_divider(line)}
    inside = _rows(lines, dividers)
    out = []
    for number, line in enumerate(lines):
        if number in dividers:
            out.append("")
        elif number in inside or _is_row(line):
            cells = (cell.strip() for cell in _CELL_EDGE.split(line))
            out += ["", ", ".join(filter(None, cells)), ""]
        else:
            out.append(line)
    return "\n".join(out)


def _rows(lines: list[str], dividers: set[int]) -> set[int]:
    """The lines around dividers that have cells."""
    rows: set[int] = set()
    for divider in dividers:
        if divider and "|" in lines[divider - 1]:
            rows.add(divider - 1)
        below = divider + 1
        while below < len(lines) and below not in rows and "|" in lines[below]:
            rows.add(below)
            below += 1
    return rows - dividers


def _is_divider(line: str) -> bool:
    if not set(line) <= set("|-: \t"):
        return False
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    return all(_DIVIDER_CELL.fullmatch(cell) for cell in cells)


def _is_row(line: str) -> bool:
    bare = line.strip()
    if _ABSOLUTE_VALUE.fullmatch(bare) or _BETWEEN_BARS.search(bare):
        return False
    return len(bare) > 2 and bare[0] == "|" == bare[-1] and "||" not in bare
