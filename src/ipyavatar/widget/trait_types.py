"""Kinds of traits that refuse, in our own words, what cannot work; then nothing has changed."""

from __future__ import annotations

from typing import Any, NoReturn

import traitlets as t

from ..core.quality import CHOICES
from ..core.validate import number_of, require_known
from ..errors import InvalidArgument, UnknownName, describe

WIDEST = 10_000
"""Pixels; wider than any screen is a mistake."""


class InvalidTrait(InvalidArgument, t.TraitError):
    """An attribute of an avatar cannot have this value.

    It is a `TraitError`, too: by that traitlets takes back what was set together with it.
    """


class UnknownTraitName(UnknownName, InvalidTrait):
    """The same, where the value is a name that is not one of the known ones."""


class CountedUsage(t.Dict):
    """What the session has of it now: seconds go on between one count and the next."""

    def get(self, obj: Any, cls: Any = None) -> dict[str, Any] | None:
        """The session's, once there is one."""
        session = obj.__dict__.get("_session")
        return super().get(obj, cls) if session is None else session.usage


class Switch(t.Bool[bool, bool]):
    """True or False, and nothing that merely counts as one of them."""

    def validate(self, _obj: object, value: Any) -> bool:
        """`value`, or an error in our words."""
        if not isinstance(value, bool):
            _refuse(self, value, "Give True or False.")
        return value


class Share(t.Float[float, float]):
    """From 0 to 1."""

    def validate(self, _obj: object, value: Any) -> float:
        """`value`, or an error in our words."""
        number = number_of(value)
        if number is None or not 0 <= number <= 1:
            _refuse(self, value, "Give a number from 0 to 1.")
        return number


class Pixels(t.Int[int, int]):
    """A width; 0 fills the cell."""

    def validate(self, _obj: object, value: Any) -> int:
        """`value`, or an error in our words."""
        number = number_of(value)
        if number is None or not (0 <= number <= WIDEST and number.is_integer()):
            pixels = f"Give whole pixels up to {WIDEST}, or 0 to fill the cell."
            css = " A width of CSS, such as '50%', is avatar.layout.width."
            _refuse(self, value, pixels + css * isinstance(value, str))
        return int(number)


class Following(t.TraitType[Any, Any]):
    """`"auto"`, True or False."""

    def validate(self, _obj: object, value: Any) -> bool | str:
        """`value`, or an error in our words."""
        if not (isinstance(value, bool) or (isinstance(value, str) and value == "auto")):
            _refuse(self, value, "Give True, False, or 'auto' (while it speaks).")
        return value


class Size(t.Unicode[str, str]):
    """The name of a picture size."""

    def validate(self, _obj: object, value: Any) -> str:
        """`value`, or an error in our words."""
        try:
            return require_known(str(self.name), value, CHOICES)
        except UnknownName as error:
            raise UnknownTraitName(error.what, error.fix) from None


def _refuse(trait: t.TraitType[Any, Any], value: object, fix: str) -> NoReturn:
    raise InvalidTrait(f"{trait.name}={describe(value)} cannot work.", fix)
