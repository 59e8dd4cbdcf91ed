"""A bar for long recordings, in a notebook or a terminal.

It is a comfort: where it cannot be drawn (no standard error, one that was closed) there is none,
and the recording goes on.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..protocol import page as p

if TYPE_CHECKING:
    from .recording import Recording
    from .reports import Observer


OnProgress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


class Bar:
    """A bar of tqdm's, which knows whether it is in a notebook. Nothing of it raises.

    Args:
        title: Stands before it.
        make: Makes it; tqdm when None.
        **options: As tqdm takes them.
    """

    def __init__(self, title: str, make: Callable[..., Any] | None = None, **options: Any) -> None:
        self._bar: Any = None
        with self._kept_apart():
            if sys.stderr is not None:
                self._bar = (make or _tqdm)(desc=title, **options)

    def show(self, done: int, total: int, more: str = "") -> None:
        """So much is done, of so much; `more` stands behind it."""
        with self._kept_apart():
            if self._bar is not None:
                self._bar.total, self._bar.n = total, done
                self._bar.set_postfix_str(more, refresh=False)
                self._bar.refresh()

    def close(self) -> None:
        """Draw it no more; idempotent."""
        with self._kept_apart():
            if self._bar is not None:
                self._bar.close()

    @contextlib.contextmanager
    def _kept_apart(self) -> Iterator[None]:
        """After it has failed once it is not drawn any more, nor when it is thrown away."""
        try:
            yield
        except Exception:
            bar, self._bar = self._bar, None
            if bar is not None:
                bar.disable = True


def _tqdm(**options: Any) -> Any:
    from tqdm.auto import tqdm

    return tqdm(**options)


@contextlib.contextmanager
def counting_bar(title: str, unit: str, *, shown: bool = True) -> Iterator[OnProgress]:
    """A bar that is told how much is done, of how much; it comes with the first that is told.

    What cannot be begun is then said without a bar.
    """
    with contextlib.ExitStack() as stack:
        bars: list[Bar] = []

        def on_progress(done: int, total: int) -> None:
            if not shown:
                return
            if not bars:
                # Without a rate: what comes first says nothing of it.
                form = "{l_bar}{bar}| {n_fmt}/{total_fmt}{unit} [{elapsed}<{remaining}]"
                bars.append(Bar(title, total=total, unit=unit, bar_format=form))
                stack.callback(bars[0].close)
            bars[0].show(done, total)

        yield on_progress


def show_progress(observe: Callable[[Observer], Callable[[], None]], recording: Recording) -> None:
    """Show how many speeches were said, of those asked for, until `recording` ends.

    Args:
        observe: Has what it is given called with every report of the session.
        recording: What is being recorded.
    """
    shown = "{desc}: {bar} {n_fmt} of {total_fmt} speeches, {elapsed}{postfix}"
    bar = Bar(recording.path.name, total=0, bar_format=shown)
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
                bar.show(len(over), len(asked), f"{recording.seconds:.0f} s recorded")

    end = observe(look)
