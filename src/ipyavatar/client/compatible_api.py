"""What OpenAI-compatible addresses of users have in common: the key, refusals, what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.secret import Secret, one_line
from ..errors import (
    AuthenticationError,
    BadAnswer,
    NoAnswer,
    RateLimited,
    RequestRefused,
    ServiceError,
    ServiceUnavailable,
)

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 1_000_000
"""Of an answer that is no stream, and of a line of one."""

_SHOWN_BYTES = 1000


@dataclass(frozen=True, slots=True)
class CompatibleApi:
    """One of them, as its errors tell of it.

    Attributes:
        name: What it is called: `"chat model"`.
        call: The path of its one call.
        key: Its key, or none.
        key_hint: How another key is given.
        not_there: What to do where there is no such call.
    """

    name: str
    call: str
    key: Secret | None
    key_hint: str
    not_there: str = "Check the address and model=."

    @property
    def auth(self) -> Any:
        """What puts the key into a request, and nowhere else."""
        from ..providers.cloud.http import Authorize, bearer

        return Authorize(bearer(self.key)) if self.key else None

    def show(self, said: bytes | str) -> str:
        """The beginning of what it has said, in one line without its key."""
        text = said if isinstance(said, str) else said[:_SHOWN_BYTES].decode("utf-8", "replace")
        return one_line(text, [self.key] if self.key else [])

    def refusal(self, status: int, said: bytes | str) -> ServiceError:
        """It has refused."""
        kind: type[ServiceError] = RequestRefused
        fix = "Check the address and model=."
        if status in (401, 403):
            kind, fix = AuthenticationError, f"Give another {self.key_hint}."
        elif 300 <= status < 400:
            # Nobody is followed there: the key would go along.
            fix = "It has moved: give the address where it is now."
        elif status == 404:
            fix = self.not_there
        elif status == 429:
            kind, fix = RateLimited, "Wait a little, or look at the account's limits."
        elif status >= 500:
            kind, fix = ServiceUnavailable, "Try again a little later, or see its log."
        told = self.show(said)
        what = f"The {self.name} refuses (HTTP {status})" + (f": {told}" if told else ".")
        return kind(what, fix, service=self.name, call=self.call, status=status)

    def bad_answer(self, said: bytes, fix: str) -> BadAnswer:
        """What it answers is none."""
        what = f"The {self.name} answers what none does: {self.show(said)!r}."
        return BadAnswer(what, fix, kind="not json", service=self.name, call=self.call)

    def unreachable(self, error: Exception, url: str) -> NoAnswer:
        """There is no answer; most often nothing was sent."""
        import httpx

        from ..providers.cloud.network import read_trouble

        if isinstance(error, (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)):
            told = self.show(str(error))
            what = f"The {self.name} hung up before it answered" + (f": {told}." if told else ".")
            fix = "Check that its address is that of a web server, and look into its log."
            return NoAnswer(what, fix, sent=True, service=self.name, call=self.call)
        trouble = read_trouble(error, url, "its address")
        what = f"The {self.name} cannot be reached: {trouble.what}"
        return NoAnswer(what, trouble.fix, sent=False, service=self.name, call=self.call)

    def broken_off(self, error: Exception) -> NoAnswer:
        """Its answer has an end too early."""
        what = f"The {self.name}'s answer broke off: {self.show(str(error))}"
        fix = "Ask again, or look into the server's log."
        return NoAnswer(what, fix, sent=True, service=self.name, call=self.call)


def connect_timeout() -> httpx.Timeout:
    """For connecting; how long an answer may take is the business of who waits for it."""
    import httpx

    from ..providers.cloud.network import CONNECT_S

    return httpx.Timeout(None, connect=CONNECT_S)
