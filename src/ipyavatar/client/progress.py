"""A bar for long recordings, in a notebook or a terminal."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..protocol import page as p

if TYPE_CHECKING:
    from .recording import Recording
    from .reports import Observer


OnProgress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


def make_bar(title: str, **options: Any) -> Any:
    """A bar of tqdm's, which knows whether it is in a notebook."""
    from tqdm.auto import tqdm

    return tqdm(desc=title, **options)


@contextlib.contextmanager
def counting_bar(title: str, unit: str, *, shown: bool = True) -> Iterator[OnProgress]:
    """A bar that is told how much is done, of how much; it comes with the first that is told.

    What cannot be begun is then said without a bar.
    """
    with contextlib.ExitStack() as stack:
        bars: list[Any] = []

        def on_progress(done: int, total: int) -> None:
            if not shown:
                return
            if not bars:
                # Without a rate: what comes first says nothing of it.
                form = "{l_bar}{bar}| {n_fmt}/{total_fmt}{unit} [{elapsed}<{remaining}]"
                bar = make_bar(title, total=total, unit=unit, bar_format=form)
                bars.append(stack.enter_context(bar))
            bars[0].n = done
            bars[0].refresh()

        yield on_progress


def show_progress(observe: Callable[[Observer], Callable[[], None]], recording: Recording) -> None:
    """Show how many speeches were said, of those asked for, until `recording` ends.

    Args:
        observe: Has what it is given called with every report of the session.
        recording: What is being recorded.
    """
    shown = "{desc}: {bar} {n_fmt} of {total_fmt} speeches, {elapsed}{postfix}"
    bar = make_bar(recording.path.name, total=0, bar_format=shown)
    asked: set[str] = set()
    over: set[str] = set()
    lock = threading.Lock()

    def look(report: object) -> None:
        with lock:
            if recording.done:
                end()
                bar.close()
                return
            if isinstance(report, p.SpeechUpdate):
                asked.add(report.speech)
                if report.state in ("said", "interrupted", "failed"):
                    over.add(report.speech)
                bar.total, bar.n = len(asked), len(over)
                bar.set_postfix_str(f"{recording.seconds:.0f} s recorded")

    end = observe(look)
