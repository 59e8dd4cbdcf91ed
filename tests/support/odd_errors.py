"""Errors of users' that raise whatever is asked of them."""

import contextlib

from ipyavatar.errors import class_name


class Mute(Exception):
    """Cannot be shown."""

    def __str__(self):
        raise ValueError("str")

    __repr__ = __str__


class MuteBase(BaseException):
    """Ends the program when it is shown."""

    def __str__(self):
        raise SystemExit(5)

    __repr__ = __str__


class Closed(Exception):
    """Lets nobody look inside."""

    def __getattribute__(self, name):
        raise RuntimeError(f"no {name}")


class _Meta(type):
    def __instancecheck__(cls, instance):
        raise RuntimeError("isinstance")

    def __repr__(cls):
        raise RuntimeError("repr of a class")


class OddClass(Exception, metaclass=_Meta):
    """Its class cannot be asked."""


class _NamelessMeta(type):
    @property
    def __name__(cls):
        raise RuntimeError("name of a class")


class Nameless(Exception, metaclass=_NamelessMeta):
    """Its class has no name that can be read."""


def hollow(base):
    """One of our classes, as a user derives it who forgets what belongs to it."""

    class Hollow(base):
        def __init__(self):
            with contextlib.suppress(AttributeError):
                del self.what

        def __str__(self):
            return f"{self.what}"

    return Hollow()


ODD = (Mute, MuteBase, Closed, OddClass, Nameless)
NAMES = [class_name(kind) for kind in ODD]
