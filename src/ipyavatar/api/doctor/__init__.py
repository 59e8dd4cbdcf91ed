"""What works here and what does not, with what to do: `ipyavatar.doctor()`."""

from __future__ import annotations

from collections.abc import Mapping

from ...providers.cloud.environment import Environment
from .context import Context
from .progress import Progress, progress_here
from .redaction import Redaction
from .registry import checks as all_checks
from .report import Report
from .runner import run_checks

__all__ = ["Report", "doctor"]


def doctor(*, environ: Mapping[str, str] | None = None, progress: Progress | None = None) -> Report:
    """Try everything that an avatar needs, and say what to do about what does not work.

    In a notebook it shows a table, and tries the page as well; elsewhere nothing is asked of a
    browser, and the table says so. It takes some seconds; Ctrl-C ends it. Services are asked only
    where there is a key for them, and what is asked costs nothing.

    Args:
        environ: Where keys and addresses are looked up; this process's environment when None.
        progress: Told what is being checked; shown in the cell or on the terminal when None.

    Returns:
        The rows; it prints as a table, and `as_json()` is for bug reports: no key, no password,
        no name of a user or machine is in it.
    """
    environment, environ = Environment(environ), None  # verbose tracebacks show variables
    environment.check()
    shown = progress_here() if progress is None else progress
    redaction = Redaction.of(environment)
    context = Context(environment)
    try:
        return Report(run_checks(all_checks(), context, redaction, shown))
    finally:
        context.close()
        shown.close()
