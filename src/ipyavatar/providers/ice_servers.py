"""The user's STUN and TURN servers: the keyword `ice_servers=`, else the environment.

What is given may hold a password in any place, also in a wrong one. So it comes here hidden, and
errors name where something is wrong, not what stands there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NoReturn

from ..core.secret import NoKey, Secret, hide_within
from ..errors import InvalidArgument, type_name
from ..protocol.options import IceServer
from .cloud.environment import Environment

ICE_VARIABLE = "IPYAVATAR_ICE_SERVERS"

ADDRESSES_MOST = 32
"""Browsers ask all of them, and get slow."""

TEXT_MOST = 500
"""Characters of a user name or credential; some browsers take up to 508 bytes of a name."""

SHAPE = (
    'Give a list like [{"urls": "turn:turn.example.org:3478", "username": "me", '
    '"credential": "..."}]; an address alone where it asks for none.'
)

_ADDRESS = re.compile(
    r"(stuns?|turns?):"
    r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::(\d{1,5}))?"
    r"(?:\?transport=(udp|tcp))?"
)


def resolve_ice_servers(given: object, environment: Environment) -> tuple[IceServer, ...]:
    """The servers of the keyword, where it is not None; else those of the environment.

    Raises:
        InvalidArgument: Something in it cannot work; the message says where.
    """
    if given is not None:
        return _check_servers("ice_servers", hide_within(given))
    text = environment.secret(ICE_VARIABLE)
    return _check_servers(ICE_VARIABLE, _parse_json(text)) if text else ()


def _parse_json(text: Secret) -> object:
    """What the JSON `text` holds, hidden; something that is no list where it is no JSON."""
    try:
        return hide_within(json.loads(text.reveal()))
    except (ValueError, RecursionError):
        return NoKey("text that is no JSON")


def _check_servers(source: str, given: object) -> tuple[IceServer, ...]:
    if not isinstance(given, (list, tuple)):
        kind = given.type_name if isinstance(given, NoKey) else type_name(given)
        if isinstance(given, Secret):
            kind = "text"
        raise InvalidArgument(f"{source} takes a list, and this is {kind}.", SHAPE)
    servers = tuple(_check_server(f"{source}[{at}]", one) for at, one in enumerate(given))
    count = sum(len(server.urls) for server in servers)
    if count > ADDRESSES_MOST:
        what = f"{source} has {count} addresses; {ADDRESSES_MOST} are the most."
        raise InvalidArgument(what, "Name those that are near: two are enough.")
    return servers


def _check_server(where: str, given: object) -> IceServer:
    if isinstance(given, Secret):
        return IceServer(_check_urls(where, given))
    if not isinstance(given, Mapping):
        _refuse(where, "is neither an address nor a mapping")
    known = {"urls", "url", "username", "credential", "credentialType"}
    if not all(isinstance(name, str) and name in known for name in given):
        _refuse(where, "has a name that no server has: urls, username and credential are known")
    kind = given.get("credentialType")
    if kind is not None and kind != Secret("password"):
        _refuse(where, "has a credentialType other than password")
    # Some services still name it `url`, too, as browsers once did.
    urls = _check_urls(where, given.get("urls", given.get("url")))
    username, credential = (_check_text(where, given, name) for name in ("username", "credential"))
    if bool(username) != bool(credential):
        missing = "credential" if username else "username"
        _refuse(where, f"has no {missing}: a server asks for both, or for none")
    return IceServer(urls, username, credential)


def _check_text(where: str, given: Mapping[str, object], name: str) -> Secret:
    value = given.get(name)
    if value is None:
        return Secret("")
    if not isinstance(value, Secret):
        _refuse(where, f"has a {name} that is no text")
    if len(value.reveal()) > TEXT_MOST or not value.reveal().isprintable():
        _refuse(where, f"has a {name} that cannot be sent: too long, or not printable")
    return value


def _check_urls(where: str, given: object) -> tuple[str, ...]:
    urls = given if isinstance(given, (list, tuple)) else [given]
    if given is None or not urls:
        _refuse(where, "has no urls")
    return tuple(_check_url(where, url) for url in urls)


def _check_url(where: str, given: object) -> str:
    if not isinstance(given, Secret):
        _refuse(where, "has an address that is no text")
    problem = _url_problem(given)
    if problem:
        _refuse(where, problem)
    return _normalise(given)


def _normalise(url: Secret) -> str:
    scheme, _, rest = url.reveal().strip().partition(":")
    return f"{scheme.lower()}:{rest}"


def _url_problem(url: Secret) -> str:
    """What is wrong with an address; empty where nothing is."""
    text = _normalise(url)
    if text.partition(":")[0] not in ("stun", "stuns", "turn", "turns"):
        return "has an address that begins with neither stun:, stuns:, turn: nor turns:"
    if "//" in text:
        return "has an address with //; it is turn:HOST:PORT, without"
    if "@" in text:
        return "has an address with a name or password in it; give username and credential apart"
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return "has an address that is not like turn:HOST:PORT or turn:HOST:PORT?transport=tcp"
    return _part_problem(*found.groups())


def _part_problem(scheme: str, port: str | None, transport: str | None) -> str:
    if port is not None and not 0 < int(port) < 65536:
        return "has an address with a port that is not 1 to 65535"
    if scheme.startswith("stun") and transport:
        return "has a stun address with a transport; only turn has one"
    if scheme == "turns" and transport == "udp":
        return "has a turns address over UDP, which browsers do not speak; use tcp"
    return ""


def _refuse(where: str, problem: str) -> NoReturn:
    raise InvalidArgument(f"{where} {problem}.", SHAPE)
