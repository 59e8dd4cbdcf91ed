"""What a lesson is made of: segments, and where a text is cut into them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..core.markup import strip_markup
from ..core.text import clean_text, is_silent
from ..core.validate import require_fits
from ..errors import InvalidArgument, type_name

_DASHES = re.compile(r"[ \t]*-{3,}[ \t]*$")
_BEGINNING = re.compile(r"#{1,3}[ \t]+\S")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_HEADING = re.compile(r"\A\s*#{1,6}[ \t]+([^\n]+)")

LONGEST_TITLE = 80

MOST_SEGMENTS = 10_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A step of a lesson.

    Attributes:
        text: What is said; empty where nothing is.
        title: Of the chapter that begins here; empty where it goes on.
        run: Called one after the other while the text is being said.
    """

    text: str = ""
    title: str = ""
    run: tuple[Callable[[], object], ...] = ()


Given = str | Callable[[], object] | Segment | tuple[str, str]
"""What `present()` takes for a segment: a text, a function, or a title and a text."""


def make_segments(given: Iterable[Given]) -> list[Segment]:
    """The segments of a lesson.

    Raises:
        InvalidArgument: There is none, or one of them is none.
    """
    unfit = (str, bytes, bytearray, Mapping, set, frozenset)
    if isinstance(given, unfit) or not isinstance(given, Iterable):
        what = f"present() takes a list of segments, not {type_name(given)}."
        fix = "Give texts and functions: present([text, function, ...])."
        if isinstance(given, str) and given.endswith(".ipynb"):
            fix = "A notebook is given to ipyavatar.lesson(), and a list of texts here."
        raise InvalidArgument(what, fix)
    first = list(itertools.islice(given, MOST_SEGMENTS + 1))
    if len(first) > MOST_SEGMENTS:
        what = f"A lesson has {MOST_SEGMENTS:,} segments at most."
        raise InvalidArgument(what, "Is there an end to them? Present them part by part.")
    segments = [_segment(number, one) for number, one in enumerate(first, 1)]
    segments = [one for one in segments if one.run or not is_silent(one.text)]
    if not segments:
        what = "There is nothing to present: no segment has anything to say or to run."
        raise InvalidArgument(what, 'Give texts, functions, or both: present(["Hello!", f]).')
    return segments


def split_markdown(text: str) -> list[Segment]:
    """The segments of a text in Markdown: one for each heading, and for each line of dashes."""
    parts, fence = [""], ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if fence:  # in a block of code nothing is Markdown
            if mark is not None and mark[1].startswith(fence) and line.strip() == mark[1]:
                fence = ""
        elif mark is not None:
            fence = mark[1]
        elif _DASHES.match(line):
            parts.append("")
            continue
        elif _BEGINNING.match(line):
            parts.append("")
        parts[-1] += line
    return make_segments([part.strip() for part in parts if part.strip()] or [""])


def title_of(text: str) -> str:
    """The heading that a text begins with, without markup; empty where it begins with none."""
    heading = _HEADING.match(text)
    return "" if heading is None else strip_markup(heading[1].strip(" #")).strip()[:LONGEST_TITLE]


def _segment(number: int, given: object) -> Segment:
    if isinstance(given, Segment):
        return given
    if isinstance(given, str):
        return Segment(clean_text(given), title_of(given))
    if callable(given):
        require_fits(f"function of segment {number}", given, "no argument")
        return Segment(run=(given,))
    if isinstance(given, Sequence) and len(given) == 2 and all(isinstance(x, str) for x in given):
        return Segment(clean_text(given[1]), given[0][:LONGEST_TITLE])
    raise InvalidArgument(
        f"Segment {number} is {type_name(given)}: it can be neither said nor called.",
        "Give a text, a function without arguments, or (title, text).",
    )
