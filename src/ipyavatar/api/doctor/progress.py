"""Tells what is being checked: on a terminal's error output, in a cell, or nowhere."""

from __future__ import annotations

import contextlib
import html
import sys
from typing import Any, Protocol, TextIO

from IPython.core.getipython import get_ipython


class Progress(Protocol):
    """Where it is told."""

    def show(self, text: str) -> None:
        """This is being checked."""

    def close(self) -> None:
        """All is checked: leave nothing behind."""


class NoProgress:
    """Tells nobody."""

    def show(self, text: str) -> None:
        """Nobody looks."""

    def close(self) -> None:
        """Nothing was shown."""


class TerminalProgress:
    """One line that changes; where it cannot, a line for each; on a stream that is closed, none."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = 0

    def show(self, text: str) -> None:
        """Write over the last one."""
        with contextlib.suppress(OSError, ValueError):
            if self._stream.isatty():
                self._stream.write(f"\r{text.ljust(self._shown)}")
                self._shown = len(text)
            else:
                self._stream.write(f"{text}\n")
            self._stream.flush()

    def close(self) -> None:
        """Wipe it."""
        if self._shown:
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(f"\r{' ' * self._shown}\r")
                self._stream.flush()


class CellProgress:
    """A line in the cell's output that changes, and goes."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, text: str) -> None:
        """Change it."""
        self._display(f"<p>Checking {html.escape(text)} …</p>")

    def close(self) -> None:
        """Empty it."""
        if self._handle is not None:
            self._display("")

    def _display(self, source: str) -> None:
        from IPython.display import HTML, display

        shown = HTML(source)  # type: ignore[no-untyped-call]
        if self._handle is None:
            self._handle = display(shown, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(shown)


def progress_here() -> Progress:
    """The cell where this is one, else the terminal."""
    if getattr(get_ipython(), "kernel", None) is not None:
        return CellProgress()
    return TerminalProgress(sys.stderr) if sys.stderr is not None else NoProgress()
