"""Keys and tokens: a type that hides itself, and the one place that blanks them out of text."""

from __future__ import annotations

import functools
import hmac
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, ParamSpec, TypeVar

from ..errors import shorten_keys, type_name

P = ParamSpec("P")
T = TypeVar("T")

HIDDEN = "<secret>"

_NEVER = frozenset("\"'`<>{}$")
"""What no key has, and what stands around it where it was copied, or never put in, does."""

_LONGEST_KEY = 8192

_SHORT = 20
"""A list with more in it is data, and no mistake."""


class Secret:
    """A key or token that shows itself only to `reveal()`.

    `repr`, `str`, `format` and f-strings give `<secret>`; pickling and copying it into a message by
    accident is an error. It is not a `str`, so no log call or JSON encoder writes it by mistake.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself; for the line that sends it, and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A Secret is not pickled: send .reveal() where it must go.")


class NoKey:
    """Something that was given for a key, and cannot be one. It may hold one: it hides itself."""

    __slots__ = ("type_name",)

    def __init__(self, value: object) -> None:
        self.type_name = type_name(value)

    def __repr__(self) -> str:
        return HIDDEN


def hide(value: object) -> Secret | NoKey | None:
    """What was given for a key, as something that does not show it; None stays None.

    For the first line of a function that is given a key: verbose tracebacks show its variables.
    """
    if value is None or isinstance(value, (Secret, NoKey)):
        return value
    return Secret(value) if isinstance(value, str) else NoKey(value)


class MaybeKey(str):
    """A text that looks like a key, where none belongs: it is that text, and does not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(shorten_keys(str(self)))


def hide_key(value: Any) -> Any:
    """What was given where a name may stand, as a `MaybeKey` where it looks like a key.

    For the first line of a function, like `hide`. In a short list, too.
    """
    if type(value) is str and len(value.split(None, 1)) == 1:
        return value if shorten_keys(value) == value else MaybeKey(value)
    if type(value) in (list, tuple) and len(value) <= _SHORT:
        parts = hide_keys(*value)
        same = all(map(operator.is_, parts, value))
        return value if same else type(value)(parts)
    return value


def show_key(value: Any) -> Any:
    """What `hide_key` was given: for where it belongs."""
    return str(value) if isinstance(value, MaybeKey) else value


def hide_keys(*values: Any) -> tuple[Any, ...]:
    """`hide_key` of each."""
    return tuple(map(hide_key, values))


def hides_keys(function: Callable[P, T]) -> Callable[P, T]:
    """Have `function` be given, for texts that look like keys, what does not show them."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True  # in notebooks: it says nothing of an error
        args = hide_keys(*args)  # type: ignore[assignment]
        kwargs = {name: hide_key(value) for name, value in kwargs.items()}  # type: ignore[assignment]
        return function(*args, **kwargs)

    return call


def hide_within(value: object, depth: int = 4) -> object:
    """What may hold a secret somewhere, with the parts of its lists and mappings hidden.

    Names in a mapping stay where they are words. Below `depth` all is hidden as one.
    """
    if depth > 0 and isinstance(value, Mapping):
        return {hide_unless_word(name): hide_within(one, depth - 1) for name, one in value.items()}
    if depth > 0 and isinstance(value, (list, tuple)):
        parts = [hide_within(one, depth - 1) for one in value]
        return tuple(parts) if isinstance(value, tuple) else parts
    return hide(value)


_WORD = re.compile(r"[A-Za-z][A-Za-z _-]{0,29}")
"""What a name looks like; keys are longer, or have digits."""


def hide_unless_word(name: Any) -> Any:
    """What was given for a name; hidden where it is no word, for it may be a key in a wrong place.

    For the first line of a function that is given a name, like `hide`.
    """
    is_word = isinstance(name, str) and _WORD.fullmatch(name)
    return name if is_word else hide(name)


def hide_address(value: Any) -> Any:
    """What was given where an address may stand, and a password in it; functions and paths stay.

    So do names, but for what looks like a key.

    For the first line of a function, like `hide`.
    """
    if isinstance(value, (list, tuple, Mapping)):
        return hide_within(value)
    return hide(value) if isinstance(value, str) and "://" in value else hide_key(value)


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """`text` with every one of `secrets` blanked out."""
    return blank_out(text, (secret.reveal() for secret in secrets))


def blank_out(text: str, values: Iterable[str]) -> str:
    """`text` without any of `values`; longer ones go first, since one may hold another."""
    for value in sorted({*values} - {""}, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text


_TOKEN = re.compile(r"(?<![\w-])eyJ[\w-]{6,}\.[\w-]{4,}(?:\.[\w-]*){0,3}")
"""What a JSON web token looks like, an encrypted one, too."""

LINE_MOST = 300
"""Characters shown of what a service says."""


def one_line(text: str, secrets: Iterable[Secret]) -> str:
    """What a service says of itself, to be shown: secrets blanked out, one line, of bounded length.

    Services echo what they were sent, and may quote tokens that we do not know yet; all such text
    comes through here.
    """
    line = " ".join(_TOKEN.sub(HIDDEN, redact(text, secrets)).split())
    shown = "".join(character for character in line if character.isprintable())
    return shown if len(shown) <= LINE_MOST else shown[: LINE_MOST - 1] + "…"


def can_be_key(key: Secret) -> bool:
    """Whether a header can bring it: without quotes, line breaks, or the name of a variable."""
    text = key.reveal()
    odd = any(c.isspace() or not c.isprintable() or c in _NEVER for c in text)
    return text.isascii() and not odd and len(text) <= _LONGEST_KEY
