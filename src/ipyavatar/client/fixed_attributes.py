"""What would have no effect when it is set is refused, and not kept in silence."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.secret import hide_key, show_key
from ..errors import InvalidArgument
from ..providers.options import all_keywords, hide_secrets
from .conversation import TALK_KEYWORDS
from .widget_names import refuse_to_set

_AT_MAKING = ("host", *TALK_KEYWORDS)

_NOTHING: Mapping[str, object] = {}


class FixedAttributes:
    """Refuses to set what only tells, and what a session is made of: that is chosen at its making.

    A class of the user's may have attributes of its own of any of these names.
    """

    _chosen = _NOTHING
    """What it was made with, secrets hidden."""

    def __setattr__(self, name: str, value: object) -> None:
        value = hide_key(value)
        if not name.startswith("_"):
            if self._is_as_chosen(name, value):
                return
            self._refuse_if_fixed(name)
            if type(self).__name__ == "AvatarSession" and not hasattr(type(self), name):
                refuse_to_set(name)
        super().__setattr__(name, show_key(value))

    def _refuse_if_fixed(self, name: str) -> None:
        own = getattr(type(self), name, None)
        fixed = own is None or (isinstance(own, property) and own.fset is None)
        if fixed and (name in _AT_MAKING or name in all_keywords()):
            by_verb = getattr(type(self), f"change_{name}", None)
            raise InvalidArgument(
                f"{name} is chosen when the avatar is made; set later it would have no effect.",
                f"Call change_{name}()." if by_verb else f"Make another one, with {name}=.",
            )
        if fixed and own is not None:
            raise InvalidArgument(f"{name} cannot be set: it tells what is so.", "Use the verbs.")

    def _is_as_chosen(self, name: str, value: object) -> bool:
        """Whether it is so already: Solara sets again all that an element was made with."""
        if name not in self._chosen:
            return False
        chosen = self._chosen[name]
        same = value is chosen or (type(value) in (str, int, float, bool) and value == chosen)
        return same or (isinstance(value, str) and hide_secrets({name: value})[name] == chosen)
