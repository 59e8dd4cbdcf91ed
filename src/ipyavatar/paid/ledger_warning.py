"""What is wrong with the ledger, in words for the user."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .ledger_file import TroubleKind

WarningKind = TroubleKind | Literal["replaced"]


@dataclass(frozen=True, slots=True)
class LedgerWarning:
    """What is wrong with the ledger, and what that means.

    Attributes:
        kind: `"locked"`, `"full"`, `"unwritable"`, `"corrupt"`, `"newer"`, or `"replaced"` (it was
            removed, emptied or overwritten while it was in use).
        text: A sentence for the user.
    """

    kind: WarningKind
    text: str


_WHAT = {
    "locked": "is locked by another program.",
    "full": "cannot be written: there is no room.",
    "unwritable": "cannot be read or written.",
    "corrupt": "was damaged.",
    "newer": "is from a newer ipyavatar.",
    "replaced": "was removed or overwritten while it was in use.",
}
_UNRECORDED = (
    "Sessions work, but if this process dies now, the next one will not know of them: "
    "look at ipyavatar.sessions(), which also asks the services."
)


def describe_trouble(path: Path, kind: WarningKind, aside: Path | None) -> LedgerWarning:
    """A warning of the file at `path`; `aside` is where it was put, if it was."""
    if aside is not None:
        then = f"It is kept as {aside.name}; a new one was begun without the older sessions."
    elif kind == "replaced":
        then = "The sessions of this process are written anew; older ones are not known."
    else:
        then = _UNRECORDED
    return LedgerWarning(kind, f"The session ledger {path} {_WHAT[kind]} {then}")
