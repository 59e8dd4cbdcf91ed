"""An error as a plain value that can cross a pipe, and back."""

from __future__ import annotations

import msgspec

from .. import errors
from ..errors import AvatarError, ConcurrencyLimitError, ServiceError

_FIELDS = ("service", "call", "status", "code", "request_id", "retry_after_s", "kind", "sent")


class Failure(msgspec.Struct, frozen=True):
    """An `AvatarError`: its class by name, and what it holds.

    Attributes:
        name: Name of the class in `ipyavatar.errors`.
        what: What happened.
        fix: What to do.
        fields: Its further attributes.
        open_sessions: Of a `ConcurrencyLimitError`.
    """

    name: str
    what: str
    fix: str = ""
    fields: dict[str, str | int | float | bool | None] = {}
    open_sessions: tuple[str, ...] = ()

    @classmethod
    def of(cls, error: AvatarError) -> Failure:
        """What `error` holds; classes that are not public become their nearest public base."""
        kind = next(k for k in type(error).__mro__ if getattr(errors, k.__name__, None) is k)
        fields = {name: getattr(error, name) for name in _FIELDS if hasattr(error, name)}
        known = error.open_sessions if isinstance(error, ConcurrencyLimitError) else ()
        return cls(kind.__name__, error.what, error.fix, fields, known)

    def error(self) -> AvatarError:
        """The error again, as its own class."""
        kind = getattr(errors, self.name, AvatarError)
        if not issubclass(kind, ServiceError):
            made: AvatarError = kind(self.what, self.fix)
            return made
        # Some classes take fewer fields than others; what they do not take is None there.
        service_error: ServiceError = kind.__new__(kind)
        AvatarError.__init__(service_error, self.what, self.fix)
        for name, value in self.fields.items():
            setattr(service_error, name, value)
        if isinstance(service_error, ConcurrencyLimitError):
            service_error.open_sessions = self.open_sessions
        return service_error
