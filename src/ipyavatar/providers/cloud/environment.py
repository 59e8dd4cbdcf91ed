"""Environment variables that do not show themselves."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ...core.secret import Secret
from ...errors import InvalidArgument


class Environment:
    """Environment variables; verbose tracebacks print variables, and these hide what they hold.

    Args:
        values: By name; this process's own when None.
    """

    __slots__ = ("_values", "_wrong")

    _values: Mapping[str, str]

    def __init__(self, values: Mapping[str, str] | Environment | None = None) -> None:
        self._wrong = ""
        if isinstance(values, Environment):
            self._values, self._wrong = values._values, values._wrong
        elif values is None:
            self._values = os.environ
        else:
            known: object = values  # whatever the caller says it is
            self._wrong = "" if isinstance(known, Mapping) else type(values).__name__
            self._values = {} if self._wrong else values

    def check(self) -> None:
        """Refuse what is no mapping: not at once, while whoever gave it still has it in a variable.

        Raises:
            InvalidArgument: It is none.
        """
        if self._wrong:
            what = f"environ= is of type {self._wrong}."
            raise InvalidArgument(what, "Give a mapping of names to text.")

    def __repr__(self) -> str:
        return "<environment>"

    def read(self, name: str) -> str:
        """The value of `name` without white space around it; empty when it is not set."""
        value = self._values.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def secret(self, name: str) -> Secret:
        """The same, hidden."""
        return Secret(self.read(name))
