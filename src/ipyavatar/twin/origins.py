"""Which web pages may use the twin.

A browser names a page's origin with every call that can change something, and with every
websocket; programs name none. The twin's own page may do everything. Pages of this machine
(`localhost` and loopback addresses, any port: JupyterLab is one) may use the services. Others may
not, unless `--allow-origin` names them: they could drive a session, and through it a responder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..core.loopback import is_loopback
from ..errors import InvalidArgument

ANY = "*"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_origin(text: str) -> str:
    """An origin as browsers write it, or `*` for every page.

    Raises:
        InvalidArgument: It is neither.
    """
    if text == ANY:
        return ANY
    normal = normalize(text.removesuffix("/"))
    if normal is None:
        raise InvalidArgument(
            f"{text!r} is no origin of a web page.",
            "Write scheme and host, and the port if there is one: https://hub.example:8000.",
        )
    return normal


def normalize(origin: str) -> str | None:
    """An origin in one way of writing; None when it is none, or one without a name (`null`)."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if not parts.scheme or not parts.hostname or parts.path or parts.query or parts.fragment:
        return None
    if "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


@dataclass(frozen=True)
class OriginPolicy:
    """Who may do what; `allowed` are origins as `parse_origin` gives them."""

    allowed: frozenset[str]

    @classmethod
    def of(cls, origins: Iterable[str]) -> OriginPolicy:
        """The policy that lets these origins in.

        Raises:
            InvalidArgument: One is no origin.
        """
        return cls(frozenset(map(parse_origin, origins)))

    def may_control(self, origin: str, own: str) -> bool:
        """Whether a page may use the controls; `own` is the twin's own origin, as it was asked."""
        normal = normalize(origin)
        return normal is not None and (normal == normalize(own) or normal in self.allowed)

    def may_use(self, origin: str, own: str) -> bool:
        """Whether a page may use the services."""
        normal = normalize(origin)
        if self.may_control(origin, own) or ANY in self.allowed:
            return True
        return normal is not None and is_loopback(urlsplit(normal).hostname)
