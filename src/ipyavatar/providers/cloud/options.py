"""The options all paid services share: checked early, filled from the environment."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ...core.quality import QUALITIES
from ...core.secret import Secret
from ...errors import InvalidArgument, UnknownName
from .spec import KALTURA, SERVICES, ServiceSpec

# The range HeyGen accepts for `activity_idle_timeout`, and ours for all services alike.
IDLE_TIMEOUT_MIN_S = 30
IDLE_TIMEOUT_MAX_S = 3599


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What a user may say about a session of any paid service.

    Attributes:
        api_key: The service's key; from the environment when None. For Kaltura this is the KS. A
            `str` is wrapped into a `Secret` at once.
        base_url: Where the service is; from the environment, else the live one.
        avatar_id: The service's own id of the face; its default face when None.
        voice_id: The service's own id of the voice; the face's own voice when None.
        quality: `"low"`, `"medium"` or `"high"`.
        idle_timeout_s: Seconds, 30 to 3599, after which the service shall end a session that shows
            no activity: what a crash can cost at most. Sent where the service takes it (HeyGen);
            LiveAvatar (300 s) and Kaltura have one of their own.
        max_idle_s: Seconds without user activity after which we end the session.
        max_duration_s: Seconds after which we end the session in any case.
        sandbox: LiveAvatar only: about a minute, no credits.
        lite: LiveAvatar only: we bring the voice.
        credits_per_minute: A price that is not published, for the usage table.
        relay: Kaltura only: whether the stream must come through its relay server. None: it must,
            unless the stream is on this machine.
    """

    api_key: Secret | str | None = None
    base_url: str | None = None
    avatar_id: str | None = None
    voice_id: str | None = None
    quality: str = "medium"
    idle_timeout_s: int = 120
    max_idle_s: float = 600
    max_duration_s: float = 3600
    sandbox: bool = False
    lite: bool = False
    credits_per_minute: float | None = None
    relay: bool | None = None

    def __post_init__(self) -> None:
        if isinstance(self.api_key, str):
            object.__setattr__(self, "api_key", Secret(self.api_key))
        check_idle_timeout(self.idle_timeout_s)
        _check_positive("max_idle_s", self.max_idle_s)
        _check_positive("max_duration_s", self.max_duration_s)
        if self.quality not in QUALITIES:
            raise UnknownName.of("quality", self.quality, QUALITIES)
        if self.credits_per_minute is not None and not self.credits_per_minute >= 0:
            raise InvalidArgument(
                f"credits_per_minute={self.credits_per_minute!r} cannot work.",
                "Give a price of 0 or more.",
            )


def resolve(
    provider: str, options: ServiceOptions, environ: Mapping[str, str] | None = None
) -> ServiceOptions:
    """`options` with key and base URL filled in, ready for a client.

    For Kaltura with `KALTURA_PARTNER_ID` and `KALTURA_ADMIN_SECRET` the key stays None: the client
    mints one (see `kaltura_admin`).

    Raises:
        UnknownName: There is no such provider.
        InvalidArgument: The key is missing, or the URL cannot work.
    """
    if provider not in SERVICES:
        raise UnknownName.of("paid service", provider, SERVICES)
    env = os.environ if environ is None else environ
    facts = SERVICES[provider]
    url = resolve_url(facts, options.base_url, env)
    if facts is KALTURA and not options.api_key and not env.get("KALTURA_KS", "").strip():
        kaltura_admin(env)
        return replace(options, base_url=url)
    return replace(options, base_url=url, api_key=resolve_key(facts, options.api_key, env))


def resolve_key(
    facts: ServiceSpec, api_key: Secret | str | None, environ: Mapping[str, str]
) -> Secret:
    """The key from the argument, else from the environment.

    Raises:
        InvalidArgument: There is none, or it cannot be one. The message names the variable.
    """
    variable = facts.key_variables[0]
    given = environ.get(variable, "") if api_key is None else api_key
    key = (given.reveal() if isinstance(given, Secret) else given).strip()
    if not key:
        raise InvalidArgument(f"There is no key for {facts.title}.", facts.key_hint)
    if not key.isascii() or any(c.isspace() or not c.isprintable() for c in key):
        # A header with a line break or a curly quote would fail later, with the key in the error.
        raise InvalidArgument(
            f"The key for {facts.title} holds characters no key has.",
            f"Copy it again, without quotes or line breaks. {facts.key_hint}",
        )
    return Secret(key)


def kaltura_admin(environ: Mapping[str, str]) -> tuple[str, Secret]:
    """Partner id and admin secret, to mint a KS from.

    Raises:
        InvalidArgument: One of the two is missing. The message names it.
    """
    partner = environ.get("KALTURA_PARTNER_ID", "").strip()
    secret = environ.get("KALTURA_ADMIN_SECRET", "").strip()
    if partner and secret:
        return partner, Secret(secret)
    if partner or secret:
        missing = "KALTURA_ADMIN_SECRET" if partner else "KALTURA_PARTNER_ID"
        raise InvalidArgument(
            f"There is no key for {KALTURA.title}: {missing} is not set.", KALTURA.key_hint
        )
    raise InvalidArgument(f"There is no key for {KALTURA.title}.", KALTURA.key_hint)


def resolve_url(facts: ServiceSpec, base_url: str | None, environ: Mapping[str, str]) -> str:
    """The base URL from the argument, the environment or the facts, without a slash at its end.

    Raises:
        InvalidArgument: It is not an http or https URL of a host, or holds a password.
    """
    given = base_url if base_url is not None else environ.get(facts.url_variable, "")
    return check_url(given.strip(), facts.url_variable) if given.strip() else facts.base_url


def check_url(url: str, variable: str) -> str:
    """`url`, tidied; people paste it with a slash or with `/v1` at its end.

    Raises:
        InvalidArgument: It is not an http or https URL of a host, or holds a password.
    """
    example = f"Give one like https://example.com to base_url= or {variable}."
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidArgument("The base URL is not a URL.", example) from error
    if parts.username or parts.password:
        # Not shown: what stands there is a secret.
        raise InvalidArgument("The base URL holds a user name or password.", example)
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise InvalidArgument(f"The base URL {url!r} is not an http(s) URL of a host.", example)
    return url.rstrip("/").removesuffix("/v1").rstrip("/")


def check_idle_timeout(seconds: float) -> int:
    """`seconds`, if HeyGen would take it.

    Raises:
        InvalidArgument: It is not a whole number from 30 to 3599.
    """
    whole = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not (whole and IDLE_TIMEOUT_MIN_S <= seconds <= IDLE_TIMEOUT_MAX_S and seconds % 1 == 0):
        raise InvalidArgument(
            f"idle_timeout_s={seconds!r} cannot work.",
            f"Give whole seconds from {IDLE_TIMEOUT_MIN_S} to {IDLE_TIMEOUT_MAX_S}.",
        )
    return int(seconds)


def check_disable_idle_timeout(disable: object) -> None:
    """Refuse to switch the idle time-out off, and say why.

    Raises:
        InvalidArgument: `disable` is true.
    """
    if disable:
        raise InvalidArgument(
            "disable_idle_timeout is never sent as true: a session that nobody ends would go on "
            "costing credits after a crash, and the service has retired the option.",
            f"Use idle_timeout_s= (up to {IDLE_TIMEOUT_MAX_S} s) and max_idle_s=; the session is "
            "kept alive for as long as you use it.",
        )


def _check_positive(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise InvalidArgument(
            f"{name}={value!r} cannot work: there is no session for ever.",
            "Give seconds, more than 0.",
        )
