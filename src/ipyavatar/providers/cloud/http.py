"""The thin shell around httpx: one service, its calls, its retries, its silences."""

from __future__ import annotations

import asyncio
import random as _random
import re
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import timezone
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any

import anyio
import httpx

from ...core.decode import MAX_BYTES
from ...core.log import get_logger
from ...core.retry import RetryPolicy, retrying
from ...core.secret import Secret
from ...core.system_time import SystemTime
from ...errors import NoAnswer, ServiceError
from .network import (
    CONNECT_S,
    NetworkSettingsError,
    make_client,
    read_trouble,
)
from .profile import ServiceProfile
from .responses import ApiReply, ApiRequest, read_reply

log = get_logger("ipyavatar.providers")

MOST_SECRETS = 100
"""Of those that were sent, so many of the latest are looked for in what is answered."""

OPENING_TAKES = 2.5
"""So many times as long as others may a call take that opens a session: a service that is slow goes
on with it, and a session that nobody waited for costs until its idle limit."""

_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-amzn-requestid", "x-me", "cf-ray")


@dataclass(frozen=True, slots=True)
class RequestCredential:
    """What proves who we are, and how a call carries it.

    Attributes:
        header: Name of the request header.
        secret: The key or token.
        scheme: What stands before it, such as `"Bearer"`; may be empty.
        hint: How the user gives another one, for error messages.
    """

    header: str
    secret: Secret
    scheme: str = ""
    hint: str = ""


def bearer(
    token: Secret, hint: str = "Its token has run out: start a new session."
) -> RequestCredential:
    """A session token, as `Authorization: Bearer`."""
    return RequestCredential("Authorization", token, "Bearer", hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One call of a service.

    Attributes:
        name: Its name in errors and logs.
        path: Path below the base URL, with a slash at its start.
        method: HTTP method.
        credential: What to authorise with; None for calls that carry their own.
        json: JSON body; None for none.
        form: Form fields; the body is a form, or multipart when there are `files`.
        files: Multipart files: field to (file name, content, type).
        opens: It opens a session; such a call is waited for longer.
        session_id: The session it is about.
        idempotent: Doing it twice does no more than doing it once.
        timeout_s: Seconds for the whole call, when not the usual ones.
        retry: Another policy than the usual one.
        base_url: Another base URL than the service's.
        secrets: Further secrets the body holds.
    """

    name: str
    path: str
    method: str = "POST"
    credential: RequestCredential | None = None
    json: Any = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    files: Mapping[str, tuple[str, bytes, str]] | None = field(default=None, repr=False)
    params: Mapping[str, str] | None = None
    opens: bool = False
    session_id: str | None = None
    idempotent: bool = True
    timeout_s: float | None = None
    retry: RetryPolicy | None = None
    base_url: str | None = None
    secrets: tuple[Secret, ...] = ()


class Authorize(httpx.Auth):
    """Puts the credential into the request at the last moment.

    So that it stands in no local variable of ours, where a verbose traceback would print it.
    """

    def __init__(self, credential: RequestCredential) -> None:
        self._credential = credential

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        c = self._credential
        request.headers[c.header] = f"{c.scheme} {c.secret.reveal()}".strip()
        yield request


class HttpClient:
    """One service over HTTP. Use it on one loop, and close it there.

    Args:
        profile: The service.
        base_url: Where it is, without a slash at its end.
        transport: What carries requests; the network when None. Tests give
            `httpx.MockTransport` or `httpx.ASGITransport`.
        timeout_s: Seconds one try may take in all, a trickling answer included.
        retry: How often and how long to try again.
        clock, sleep, random, wall: Time and chance.

    Attributes:
        ahead_s: Seconds by which the service's clock is ahead of ours, as its latest answer told.
    """

    def __init__(
        self,
        profile: ServiceProfile,
        base_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout_s: float = 10.0,
        retry: RetryPolicy | None = None,
        clock: Callable[[], float] = SystemTime.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = _random.random,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.profile = profile
        self.base_url = base_url
        self.clock = clock
        self.sleep = sleep
        self._transport = transport
        self._timeout_s = timeout_s
        self._retry = retry or RetryPolicy()
        self._random = random
        self._wall = wall
        self.ahead_s = 0.0
        self._sent: dict[Secret, None] = {}
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> HttpClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections. A later call opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def request_of(self, call: ApiCall) -> ApiRequest:
        """What an answer to `call` belongs to."""
        held = (call.credential.secret,) if call.credential else ()
        # It knows all that it was ever sent, and may speak of it in any answer.
        for secret in (*held, *call.secrets):  # those of this call are the latest
            self._sent.pop(secret, None)
            self._sent[secret] = None
        while len(self._sent) > MOST_SECRETS:
            del self._sent[next(iter(self._sent))]
        return ApiRequest(
            profile=self.profile,
            call=call.name,
            opens=call.opens,
            session_id=call.session_id,
            key_hint=call.credential.hint if call.credential else "",
            secrets=tuple(self._sent),
        )

    async def send(self, call: ApiCall) -> Any:
        """Make `call`, again where that is safe, and give the JSON of its answer.

        Raises:
            ServiceError: It failed; see `retryable` and `maybe_done`.
        """
        described = self.request_of(call)
        return await retrying(
            lambda: self._once(call, described),
            call.retry or self._retry,
            idempotent=call.idempotent,
            clock=self.clock,
            sleep=self.sleep,
            random=self._random,
        )

    async def _once(self, call: ApiCall, described: ApiRequest) -> Any:
        began = self.clock()
        outcome = "cancelled"
        try:
            reply = await self._send(call, described)
            outcome = str(reply.status)
            return read_reply(described, reply)
        except ServiceError as error:
            outcome = f"{outcome if error.status else '-'} {type(error).__name__}"
            raise
        except Exception as error:
            # The call may have worked, whatever it is that we cannot make sense of.
            outcome = f"unforeseen {type(error).__name__}"
            what = f"{self.profile.title}'s answer to {call.name} could not be handled"
            service = self.profile.name
            raise NoAnswer(
                f"{what} ({type(error).__name__}).",
                "Please report this.",
                sent=True,
                service=service,
                call=call.name,
            ) from _bare(error)
        finally:
            # No path, body or header: paths hold session ids, the others keys and tokens.
            took_ms = (self.clock() - began) * 1000
            log.debug("%s %s: %s in %.0f ms", self.profile.name, call.name, outcome, took_ms)

    async def _send(self, call: ApiCall, described: ApiRequest) -> ApiReply:
        url = (call.base_url or self.base_url) + call.path
        limit_s = call.timeout_s or self._timeout_s * (OPENING_TAKES if call.opens else 1)
        response: httpx.Response | None = None
        try:
            # A transport of another make may let an OSError through; TimeoutError is one.
            with anyio.fail_after(limit_s):
                client = self._opened()
                auth = Authorize(call.credential) if call.credential else None
                response = await client.send(
                    self._build(client, call, url, limit_s), auth=auth, stream=True
                )
                self._note_date(response.headers)
                return _reply(response, await _read_body(response), self._wall())
        except NetworkSettingsError as error:
            service = self.profile.name
            raise ServiceError(error.what, error.fix, service=service, call=call.name) from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            if response is not None and isinstance(
                error, (httpx.NetworkError, httpx.ProtocolError, httpx.DecodingError)
            ):
                return _reply(response, None, self._wall())
            silence = _silence(described, error, limit_s, url, answered=response is not None)
            raise silence from _bare(error)
        finally:
            if response is not None:
                with anyio.CancelScope(shield=True):
                    await response.aclose()

    def _note_date(self, headers: Mapping[str, str]) -> None:
        made = _unix_time(headers.get("date", ""))
        if made is not None:
            self.ahead_s = made - self._wall()

    @staticmethod
    def _build(client: httpx.AsyncClient, call: ApiCall, url: str, limit_s: float) -> httpx.Request:
        return client.build_request(
            call.method,
            url,
            json=call.json,
            data=call.form,
            files=call.files,
            params=call.params,
            # One limit for all of it stands around; connecting has its own, so that we know
            # whether anything was sent.
            timeout=httpx.Timeout(limit_s, connect=min(limit_s, CONNECT_S)),
        )

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = make_client(
                self.base_url,
                self._transport,
                headers={"Accept": "application/json"},
                # Servers commonly drop idle connections after 5 s; a call on a dropped one is a
                # lost answer, so ours go first.
                limits=httpx.Limits(keepalive_expiry=3.0),
            )
        return self._client


async def _read_body(response: httpx.Response) -> bytes:
    """The body, or as much of it as is already too much to be decoded."""
    chunks, size = [], 0
    async for chunk in response.aiter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            break
    return b"".join(chunks)


def _reply(response: httpx.Response, body: bytes | None, now: float) -> ApiReply:
    headers = response.headers
    return ApiReply(
        status=response.status_code,
        body=body or b"",
        content_type=headers.get("content-type", ""),
        request_id=next((headers[h] for h in _REQUEST_ID_HEADERS if h in headers), None),
        retry_after_s=read_retry_after(headers, now),
        complete=body is not None,
    )


def read_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """`Retry-After` in seconds, written as such or as a date; None where it makes no sense.

    Args:
        headers: Of the answer, by names in any case.
        now: Unix time here, for an answer that does not tell when it was made: its clock and ours
            may be apart.
    """
    text = headers.get("retry-after", "").strip()
    # Only these digits: others are digits for Python, too, and no numbers.
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return float(text)
    until = _unix_time(text)
    if until is None:
        return None
    made = _unix_time(headers.get("date", ""))
    return max(0.0, until - (now if made is None else made))


def _unix_time(text: str) -> float | None:
    try:
        at = parsedate_to_datetime(text)
        # All dates of HTTP are of Greenwich, also in the old form that does not say so.
        return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _silence(
    request: ApiRequest, error: Exception, limit_s: float, url: str, *, answered: bool
) -> ServiceError:
    """The error for an answer that did not come."""
    title = request.profile.title
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)):
        return NoAnswer(
            f"The call {request.call} to {title} could not be made ({type(error).__name__}).",
            "Check base_url= and the key.",
            sent=False,
            service=request.profile.name,
            call=request.call,
        )
    unsent = isinstance(
        error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    )
    if unsent:
        trouble = read_trouble(error, url)
        what = f"{title} cannot be reached. {trouble.what}"
        fix = trouble.fix
    elif isinstance(error, (httpx.TimeoutException, TimeoutError)):
        tail = " in full" if answered else ""
        what = f"{title} did not answer {request.call}{tail} within {limit_s:g} s."
        fix = "Try again in a minute."
    elif isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error):
        what = f"{title} answered {request.call} with something that is not HTTP."
        fix = "Check base_url= and any proxy between, then try again."
    else:
        what = f"{title} hung up before it answered {request.call}."
        fix = "Try again in a minute."
    if request.opens and not unsent:
        fix = "A session may have been opened all the same: look at ipyavatar.sessions(). " + fix
    return NoAnswer(what, fix, sent=not unsent, service=request.profile.name, call=request.call)


def _bare(error: Exception) -> Exception:
    """The cause without frames and request: both hold the headers, and so the key."""
    bare = error.with_traceback(None)
    bare.__cause__ = bare.__context__ = None
    if isinstance(bare, httpx.RequestError) and bare._request is not None:
        bare.request = httpx.Request(bare._request.method, bare._request.url)
    return bare
