"""Cells and what comes out of them as HTML: by nbconvert, with mathematics as MathML."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from latex2mathml.converter import convert
from nbconvert.filters import ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from ..notebook_file import Cell

MOST_CHARACTERS = 12_000
"""Of a text in an output that are drawn: more than the board shows."""

_FORMATTER: Any = HtmlFormatter(style="friendly", nowrap=True)
HIGHLIGHT_CSS = str(
    HtmlFormatter(style="friendly").get_style_defs([".source", ".highlight"])
).replace(
    "background",
    "--unused",  # the board has its own
)


class CellHtml:
    """Makes HTML of the cells of one notebook.

    Args:
        language: Of its code.
    """

    def __init__(self, language: str = "python") -> None:
        self._lexer = _lexer_of(language)

    def cell(self, cell: Cell) -> str:
        """What is in a cell before it has run."""
        if cell.is_code:
            source = highlight(cell.text.strip("\n"), self._lexer, _FORMATTER)
            return (
                '<div class="count">[*]</div>'
                f'<div class="source"><pre>{source}</pre></div><div class="outputs"></div>'
            )
        return f'<div class="text">{markdown(cell.text, cell.pictures)}</div>'

    def outputs(self, outputs: Sequence[Mapping[str, Any]]) -> str:
        """What came out of a cell."""
        return "".join(map(_output_or_nothing, outputs))


def id_of(cell: Cell) -> str:
    """What the board knows a cell by."""
    return f"cell-{cell.number}"


def markdown(text: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Markdown as HTML."""
    given = {name: dict(kinds) for name, kinds in (attachments or {}).items()}
    renderer = _Renderer(escape=False, attachments=given, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(text))


class _Renderer(IPythonRenderer):
    """nbconvert's, but for what would need a script from elsewhere."""

    def inline_math(self, body: str) -> str:
        return mathml(body, display=False)

    def block_math(self, body: str) -> str:
        return mathml(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre>{html.escape(code)}</pre>"

    def _embed_image_or_attachment(self, src: str) -> str:
        if src.startswith("attachment:") and src.partition(":")[2] not in self.attachments:
            return "missing"  # drawn as the picture that is not there; nbconvert raises
        return str(super()._embed_image_or_attachment(src))


def mathml(latex: str, *, display: bool) -> str:
    """A formula as MathML; as it is written where that cannot be read."""
    try:
        return str(convert(latex, display="block" if display else "inline"))
    except Exception:  # of many kinds, and undocumented
        tag = "div" if display else "span"
        return f'<{tag} class="tex">{html.escape(latex)}</{tag}>'


def _lexer_of(language: str) -> Lexer:
    for name in ("ipython3" if language in ("", "python") else language.lower(), "python", "text"):
        try:
            return get_lexer_by_name(name)
        except ClassNotFound:
            continue
    raise AssertionError("Pygments has no lexer for text")


def _output_or_nothing(output: Mapping[str, Any]) -> str:
    """An output; nothing where it cannot be drawn: a kernel may send what it likes."""
    try:
        return _output(output)
    except Exception:  # of many kinds, by what reads Markdown and colours of a terminal, too
        return ""


def _output(output: Mapping[str, Any]) -> str:
    kind = output["output_type"]
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return f'<div class="output {name}">{_pre(_overwritten(output["text"]))}</div>'
    if kind == "error":
        return f'<div class="output error">{_pre(_end_of(output))}</div>'
    drawn = _drawn(output.get("data", {}))
    return f'<div class="output">{drawn}</div>' if drawn else ""


def _drawn(data: Mapping[str, Any]) -> str:
    """The richest of the forms that an output has, as JupyterLab ranks them."""
    if "text/html" in data:
        return _text(data["text/html"])
    if "text/markdown" in data:
        return markdown(_text(data["text/markdown"]))
    if "text/latex" in data:
        return markdown(_text(data["text/latex"]))
    if "image/svg+xml" in data:
        return _text(data["image/svg+xml"])
    for kind in ("image/png", "image/jpeg", "image/gif", "image/webp"):
        if kind in data:
            picture = "".join(_text(data[kind]).split())
            return f'<img src="data:{kind};base64,{html.escape(picture)}">'
    return _pre(_text(data["text/plain"])) if "text/plain" in data else ""


def _text(given: Any) -> str:
    return given if isinstance(given, str) else "".join(map(str, given))


def _pre(text: str) -> str:
    shown = text.rstrip("\n")
    if len(shown) > MOST_CHARACTERS:
        shown = shown[:MOST_CHARACTERS] + "\n…"
    drawn = ansi2html(shown)  # type: ignore[no-untyped-call]
    return f"<pre>{drawn}</pre>"


def _end_of(error: Mapping[str, Any]) -> str:
    """A traceback; its end counts where it is long."""
    lines = "\n".join(error.get("traceback", ())).split("\n")
    if not any(line.strip() for line in lines):
        return f"{error.get('ename', '')}: {error.get('evalue', '')}"
    return "\n".join(lines if len(lines) <= 18 else [*lines[:4], "…", *lines[-12:]])


def _overwritten(text: str) -> str:
    """A text in which bars of progress have written over themselves."""
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in _text(text).split("\n"))
