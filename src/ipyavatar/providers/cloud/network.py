"""The way to the services: proxies, certificates, and what went wrong on it.

httpx would read the environment itself; then one odd variable is a raw error in every call, or a
password from `.netrc` goes along.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from ...core.loopback import is_loopback
from ...core.unlogged_client import UnloggedClient
from ...errors import AvatarError

CONNECT_S = 5.0
"""Connecting takes no longer: so it is known whether anything was sent."""


class NetworkSettingsError(AvatarError):
    """What the environment says about the network cannot be used; names the variable."""


class Trouble(NamedTuple):
    """What went wrong before anything was sent.

    Attributes:
        what: Completes "... cannot be reached", or stands for it.
        fix: What to do.
    """

    what: str
    fix: str


# ---- settings ------------------------------------------------------------------------------------


def make_client(
    url: str, transport: httpx.AsyncBaseTransport | None = None, **more: Any
) -> httpx.AsyncClient:
    """A client for the server of `url`, with the proxy and the certificates of the environment.

    Raises:
        NetworkSettingsError: They cannot be used.
    """
    parts = urlsplit(url)
    proxy = None if transport is not None else proxy_for(url)
    # Building a TLS context takes tens of milliseconds; plain http needs none.
    verify = tls_context() if parts.scheme == "https" and transport is None else False
    with _naming_proxy(parts.scheme):
        return UnloggedClient(
            transport=transport, verify=verify, proxy=proxy, trust_env=False, **more
        )


def proxy_for(url: str) -> httpx.Proxy | None:
    """The proxy on the way to `url`; what stays on this machine needs none.

    Raises:
        NetworkSettingsError: There is to be one, and its address is none.
    """
    parts = urlsplit(url)
    if is_loopback(parts.hostname):
        return None
    proxies = getproxies()
    address = (proxies.get(parts.scheme) or proxies.get("all") or "").strip()
    if not address or proxy_bypass(parts.hostname or ""):
        return None
    with _naming_proxy(parts.scheme):
        proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
        if not re.fullmatch(r"[^\s/@]+", proxy.url.host) or (proxy.url.port or 1) > 65535:
            raise ValueError("it names no host, or no port")
        return proxy


@contextlib.contextmanager
def _naming_proxy(scheme: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, ImportError, httpx.InvalidURL) as error:
        name = proxy_variable(scheme)
        if isinstance(error, ImportError):
            what = f"{name} names a SOCKS proxy, which takes another package."
            fix = f'Run `pip install "httpx[socks]"`, or unset {name}.'
        else:
            # Its value is not shown: it may hold a password.
            what = f"{name} does not hold the address of a proxy."
            fix = f"Give it one like http://proxy.example:3128, or unset {name}."
        # `from None`: the cause's text may hold the value.
        raise NetworkSettingsError(what, fix) from None


def proxy_variable(scheme: str, environ: Mapping[str, str] = os.environ) -> str:
    """The name of the variable that names the proxy of `scheme`."""
    names = [f"{kind}_proxy" for kind in (scheme, "all")]
    spelled = (spelling for name in names for spelling in (name, name.upper()))
    found = next((name for name in spelled if environ.get(name)), None)
    return found or "The proxy of the system's network settings"


def tls_context() -> ssl.SSLContext:
    """Whom to trust: `SSL_CERT_FILE` or `SSL_CERT_DIR`, else the usual authorities.

    Raises:
        NetworkSettingsError: The file cannot be read.
    """
    return _tls_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@functools.lru_cache(maxsize=4)
def _tls_context(file: str | None, folder: str | None) -> ssl.SSLContext:
    name = "SSL_CERT_FILE" if file else "SSL_CERT_DIR"
    try:
        if file:
            return ssl.create_default_context(cafile=file)
        if folder:
            return ssl.create_default_context(capath=folder)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise NetworkSettingsError(
            f"{name} does not name certificates that can be read ({type(error).__name__}).",
            f"Give {name} a file of certificates in PEM format, or unset it.",
        ) from None
    return httpx.create_ssl_context(trust_env=False)


# ---- what went wrong -----------------------------------------------------------------------------


def read_trouble(error: BaseException, url: str, place: str = "base_url=") -> Trouble:
    """Why nothing could be sent to the server of `url`, which the user gave as `place`."""
    parts = urlsplit(url)
    chain = list(_causes(error))
    tls = next((cause for cause in chain if isinstance(cause, ssl.SSLError)), None)
    if tls is not None:
        return _tls_trouble(tls, parts.hostname or "?", place)
    if any(isinstance(cause, httpx.ProxyError) for cause in chain):
        name = proxy_variable(parts.scheme)
        return Trouble(f"The proxy refuses the way to {parts.hostname}.", f"Check {name}.")
    where, fix = _next_hop(parts, url, place)
    if any(isinstance(cause, socket.gaierror) for cause in chain):
        return Trouble(f"The name {where.hostname} cannot be resolved.", f"{fix} Or its DNS fails.")
    if any(isinstance(cause, (httpx.TimeoutException, TimeoutError)) for cause in chain):
        return Trouble(f"{where.hostname} does not take a connection within {CONNECT_S:g} s.", fix)
    if any(isinstance(cause, ConnectionRefusedError) for cause in chain):
        port = where.port or {"https": 443}.get(where.scheme, 80)
        if where is parts and is_loopback(where.hostname):  # no network is between
            fix = f"Start what is to listen there, or correct {place}."
        return Trouble(f"{where.hostname} refuses connections at port {port}.", fix)
    return Trouble(f"There is no way to {where.hostname}.", fix)


def _next_hop(parts: SplitResult, url: str, place: str) -> tuple[SplitResult, str]:
    """Whom a connection to `url` is made to, and what to check when it is not made."""
    proxy = proxy_for(url)
    if proxy is None:
        return parts, f"Check the network and {place}."
    return urlsplit(str(proxy.url)), f"It is the proxy that {proxy_variable(parts.scheme)} names."


def _tls_trouble(error: ssl.SSLError, host: str, place: str) -> Trouble:
    if not isinstance(error, ssl.SSLCertVerificationError):
        what = f"{host} does not speak TLS as it should ({error.reason or 'no reason given'})."
        return Trouble(what, f"Check {place} and any proxy between.")
    reason = (error.verify_message or "no reason given").rstrip(".")
    if "expired" in reason or "not yet valid" in reason:
        fix = "Check this machine's clock; else the server's certificate has to be renewed."
    elif "mismatch" in reason.lower() or "not valid for" in reason:
        fix = f"Check {place}: the server there is another one."
    else:
        fix = (
            "Where a proxy or a virus scanner inspects TLS, set SSL_CERT_FILE to a file with its "
            "certificate, and start again."
        )
    return Trouble(f"The certificate of {host} is not trusted: {reason}.", fix)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    left = [error]
    while left:
        one = left.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [*getattr(one, "exceptions", ()), one.__cause__, one.__context__]
