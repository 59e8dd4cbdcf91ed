"""Where a widget is shown: one small adapter per front end, and the one that is here.

None of them is imported by us: who runs in one has it loaded.
"""

from __future__ import annotations

from ...core.log import get_logger
from . import jupyter, marimo, panel, shiny, solara
from .base import FrontEnd

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


__all__ = ["FrontEnd", "find_front_end"]
