"""Where a widget is shown: one small adapter per front end, and the one that is here.

None of them is imported by us: who runs in one has it loaded.
"""

from __future__ import annotations

from ...core.log import get_logger
from . import jupyter, marimo, panel, shiny, solara
from .base import FrontEnd, Shown

log = get_logger(__name__)

# Those that stand in for a kernel come before the kernel.
FINDERS = (solara.find, panel.find, shiny.find, marimo.find, jupyter.find)


def find_front_end() -> FrontEnd:
    """The front end that runs the code which asks; without any, a plain one."""
    for find in FINDERS:
        try:
            found = find()
        except Exception:  # a release of theirs that we do not know: it works as far as it does
            log.debug("A front end could not be asked", exc_info=True)
            continue
        if found is not None:
            return found
    return FrontEnd()


def adopt(front_end: FrontEnd, widget: Shown) -> None:
    """Have `widget` end with what it belongs to there; else it is the user who ends it."""
    try:
        front_end.adopt(widget)
    except Exception as error:  # as above, or made where nothing ends: on a thread of the user's
        log.warning(
            "%s could not be asked to end this avatar (%r): call close() when it is done.",
            front_end.name,
            error,
        )


__all__ = ["FrontEnd", "adopt", "find_front_end"]
