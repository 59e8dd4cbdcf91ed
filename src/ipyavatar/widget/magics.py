"""`%load_ext ipyavatar`: the cell magics `%%speak` and `%%present`."""

from __future__ import annotations

from functools import partial, update_wrapper
from keyword import iskeyword
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from ..client.segments import split_markdown
from ..errors import InvalidArgument
from .avatar import Avatar

NAME = "avatar"
"""The variable that holds the avatar, where the magic names no other."""


def register(shell: InteractiveShell) -> None:
    """Give `shell` the magics. Twice is harmless."""
    take: Any = shell.register_magic_function
    for magic in (speak, present):
        take(update_wrapper(partial(magic, shell), magic), "cell", magic.__name__)


def speak(shell: InteractiveShell, line: str, cell: str) -> Any:
    """Have the text of the cell said; `%%speak name` by the avatar in that variable."""
    return _avatar(shell, line).speak(cell)


def present(shell: InteractiveShell, line: str, cell: str) -> Any:
    """Present the Markdown of the cell; a segment begins at each heading, and behind each `---`."""
    segments = split_markdown(cell)
    return _avatar(shell, line).present(segments)


def _avatar(shell: InteractiveShell, line: str) -> Avatar:
    """The avatar in the variable that `line` names; a new one where there is no `avatar` yet.

    Raises:
        InvalidArgument: There is no such variable, or it holds no avatar.
    """
    name = line.strip() or NAME
    if not name.isidentifier() or iskeyword(name):
        raise InvalidArgument(
            f"{name!r} is no name of a variable.", "Write %%speak, or %%speak avatar."
        )
    found = shell.user_ns.get(name)
    if isinstance(found, Avatar):
        return found
    if found is not None or name != NAME:
        what = f"The variable {name!r} holds no avatar."
        raise InvalidArgument(what, f"Make one first: {name} = Avatar().")
    made = shell.user_ns[name] = Avatar()
    display(made)  # type: ignore[no-untyped-call]
    return made
