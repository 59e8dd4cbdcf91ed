"""What is known of each service before the first call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One service.

    Attributes:
        name: What the user writes: `Avatar("heygen")`.
        title: What it is called in sentences.
        base_url: Where the live service is.
        key_variables: Environment variables that may hold its key, the usual one first.
        text_limit: Most characters in one speech call.
        idle_timeout_s: Seconds without activity after which the service ends a session.
        keep_alive_every_s: Usual pause between two keep-alives, in seconds.
        lists_sessions: Whether it can say which sessions are open.
        credits_per_minute: Price where it is published; None where it is not.
        stream: How its picture comes.
        sizes: Whether it has several picture sizes.
        first_words_s: Seconds between a picture that plays and words that are heard from their
            start.
    """

    name: str
    title: str
    base_url: str
    key_variables: tuple[str, ...]
    text_limit: int
    idle_timeout_s: float
    keep_alive_every_s: float
    lists_sessions: bool
    credits_per_minute: float | None = None
    stream: Literal["livekit", "whep"] = "livekit"
    sizes: bool = True
    first_words_s: float = 0.0

    @property
    def url_variable(self) -> str:
        """The environment variable that may hold another base URL."""
        return f"IPYAVATAR_{self.name.upper()}_URL"

    @property
    def key_hint(self) -> str:
        """How to give the key, for error messages."""
        first, *others = self.key_variables
        if not others:
            return f"Set {first} or pass api_key=."
        return f"Set {first} (or {' and '.join(others)}) or pass api_key=."


HEYGEN = ServiceSpec(
    name="heygen",
    title="HeyGen streaming",
    base_url="https://api.heygen.com",
    key_variables=("HEYGEN_API_KEY",),
    # Users report a limit of about 1000 characters; how it is counted is not published.
    text_limit=900,
    # `activity_idle_timeout` of streaming.new: default 120 s.
    idle_timeout_s=120,
    keep_alive_every_s=40,
    lists_sessions=True,
)

LIVEAVATAR = ServiceSpec(
    name="liveavatar",
    title="HeyGen LiveAvatar",
    base_url="https://api.liveavatar.com",
    key_variables=("LIVEAVATAR_API_KEY",),
    # Not published; the limit of its predecessor is kept.
    text_limit=900,
    # Documented: ended after 5 minutes without activity.
    idle_timeout_s=300,
    keep_alive_every_s=60,
    lists_sessions=True,
    # Documented: FULL 2 credits a minute, LITE 1.
    credits_per_minute=2.0,
)

KALTURA = ServiceSpec(
    name="kaltura",
    title="Kaltura",
    base_url="https://api.avatar.us.kaltura.ai",
    key_variables=("KALTURA_KS", "KALTURA_PARTNER_ID", "KALTURA_ADMIN_SECRET"),
    # Not published; short enough for every text-to-speech service known to us.
    text_limit=900,
    # Not published; a session was seen alive after 70 s without a keep-alive.
    idle_timeout_s=60,
    # Documented: every 10 s.
    keep_alive_every_s=10,
    lists_sessions=False,
    stream="whep",
    # No call of it names a size; 512 x 512 was seen.
    sizes=False,
    # Kaltura's own SDK waits about 300 ms after `canplay`, or the first words are lost.
    first_words_s=0.3,
)

LITE_CREDITS_PER_MINUTE = 1.0

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Host names of this machine: the offline twin's, and test servers'."""

SERVICES: Mapping[str, ServiceSpec] = MappingProxyType(
    {facts.name: facts for facts in (HEYGEN, LIVEAVATAR, KALTURA)}
)
