"""The steps that take markup away, and why they come in this order.

What hides whole passages (reasoning, code blocks) goes first, so that nothing in it is taken for
something else; then formulas, whose backslashes, stars and underscores are not Markdown's; then
HTML, whose tags may hold Markdown; then Markdown; then the gaps that all of it left. Every step is
linear: what a pattern looks for between two marks is bounded, and a mark without its partner stays
as it is.

A Markdown library would not do: CommonMark makes emphasis of "2*3*4" and "x**2 + y**2", code of
indented lines and a list of "1990. It began"; a text to be said is mostly not Markdown.
"""

from __future__ import annotations

from collections.abc import Callable

from .characters import hold_gaps, keep_readable, tidy_gaps
from .expressions import close_floats, drop_marks
from .html import strip_html
from .latex import strip_latex
from .markdown import drop_code_blocks, drop_front_matter, strip_markdown
from .model_output import drop_reasoning, strip_progress_bars, strip_template_marks

STEPS: tuple[Callable[[str], str], ...] = (
    hold_gaps,
    keep_readable,
    drop_front_matter,
    drop_marks,
    close_floats,
    drop_reasoning,
    strip_template_marks,
    drop_code_blocks,
    strip_progress_bars,
    strip_latex,
    strip_html,
    strip_markdown,
    tidy_gaps,
)
