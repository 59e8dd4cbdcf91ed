"""Marks in texts that no face can do: they are named once, and nothing else happens."""

from __future__ import annotations

from ..core.markup.expressions import EXPRESSIONS, unknown_marks


class UnknownMarks:
    """Of one session. A language model may have made them up, and goes on."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def note(self, text: str) -> str:
        """One sentence on those in `text` that are news; empty where there is none."""
        unknown = [name for name in unknown_marks(text) if name not in self._told]
        self._told.update(unknown)
        if not unknown:
            return ""
        names = ", ".join(f"[{name}]" for name in unknown)
        known = ", ".join(f"[{name}]" for name in EXPRESSIONS)
        return f"No face can do {names}; there are {known}."
