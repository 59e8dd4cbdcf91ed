"""A paid service's names and numbers: what its calls, its errors and the ledger need of it."""

from __future__ import annotations

from typing import ClassVar, Literal

VideoEncoding = Literal["H264", "VP8"]
"""How a service encodes its picture, in the words of those that let one choose."""


class ServiceProfile:
    """One paid service. Its folder holds the subclass, from which its spec is made.

    Attributes:
        name: What the user writes: `Avatar("heygen")`.
        title: What it is called in sentences.
        base_url: Where the live service is.
        key_variables: Environment variables that may hold its key, the usual one first.
        text_limit: Most characters in one speech call.
        idle_timeout_s: Seconds without activity after which the service ends a session.
        keep_alive_every_s: Usual pause between two keep-alives, in seconds.
        lists_sessions: Whether the key can list the open sessions, and stop them.
        run_out_s: A session that nobody can stop is taken to have ended after so many seconds.
        join_within_s: Seconds within which somebody has to join a session's room, else the service
            ends it; None where it does not ask for that.
        avatar_identity: What it calls its avatar in a session's room; who else is there may show a
            picture, too.
        credits_per_minute: Price where it is published; None where it is not.
        first_words_s: Seconds between a picture that plays and words that are heard from their
            start.
        sizes: Whether its picture comes in several sizes.
        colour: Its colour in charts: distinguishable also in grey and for most colour-blind eyes.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    base_url: ClassVar[str]
    key_variables: ClassVar[tuple[str, ...]]
    text_limit: ClassVar[int]
    idle_timeout_s: ClassVar[float]
    keep_alive_every_s: ClassVar[float]
    lists_sessions: ClassVar[bool] = True
    run_out_s: ClassVar[float] = 3600.0
    join_within_s: ClassVar[float | None] = None
    avatar_identity: ClassVar[str] = ""
    credits_per_minute: ClassVar[float | None] = None
    first_words_s: ClassVar[float] = 0.0
    sizes: ClassVar[bool] = True
    colour: ClassVar[str] = "#888"

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
