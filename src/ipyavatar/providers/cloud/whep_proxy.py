"""WHEP for pages that may not reach the address themselves: offers are passed on from here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import anyio
import httpx

from ...core.log import get_logger
from ...core.secret import Secret
from ...errors import MediaError, StreamTaken
from .network import NetworkSettingsError, make_client, read_trouble

log = get_logger(__name__)

OFFER_S = 10.0
"""An answer takes the time of a round trip or two."""

DELETE_S = 1.0
"""At the end of a session all services together have less than two seconds."""

LONGEST_SDP = 200_000
"""Characters; a real one has a few thousand."""

AGAIN = "Press Retry in a minute."


class ViewerGone(MediaError):
    """There is no stream at the address (any more)."""


class WhepProxy:
    """Passes offers on, and ends what came of them. Used on one loop.

    Args:
        transport: What carries requests; the network when None.
    """

    def __init__(self, transport: Callable[[], httpx.AsyncBaseTransport] | None = None) -> None:
        self._transport = transport
        self._locations: dict[str, Secret] = {}

    async def offer(self, url: Secret, peer: str, sdp: str) -> str:
        """Post the offer of `peer`; gives the answer.

        There is room for one viewer, so what came of former offers is ended before.

        Raises:
            Gone: There is no stream there (any more).
            MediaError: The offer is not taken; says what to do.
        """
        await self.close()
        try:
            with anyio.fail_after(OFFER_S):
                response = await self._ask(
                    "POST", url, content=sdp, headers={"Content-Type": "application/sdp"}
                )
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            # `from None`: the exception holds the request, and so the address.
            if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)):
                trouble = read_trouble(error, url.reveal())
                what = f"The stream's server cannot be reached. {trouble.what}"
                raise MediaError(what, trouble.fix) from None
            raise MediaError(
                f"The stream's server cannot be reached ({type(error).__name__}).",
                f"Check the network. {AGAIN}",
            ) from None
        except NetworkSettingsError as error:
            raise MediaError(error.what, error.fix) from None
        answer = read_answer(response)
        location = response.headers.get("location")
        if location:
            self._remember(url, peer, location)
        return answer

    async def hang_up(self, peer: str) -> None:
        """End what came of the offer of `peer`, as well as that can be done."""
        location = self._locations.pop(peer, None)
        if location is None:
            return
        try:
            with anyio.fail_after(DELETE_S):
                await self._ask("DELETE", location)
        except (
            *(httpx.HTTPError, httpx.StreamError, httpx.InvalidURL),
            *(OSError, NetworkSettingsError),
        ) as error:
            log.debug("A stream could not be ended: %s", type(error).__name__)

    async def close(self) -> None:
        """End all."""
        await asyncio.gather(*(self.hang_up(peer) for peer in list(self._locations)))

    def _remember(self, url: Secret, peer: str, location: str) -> None:
        try:
            place = urljoin(url.reveal(), location)
            ours = urlsplit(place)[:2] == urlsplit(url.reveal())[:2]  # nobody else's server
        except ValueError:
            return  # it is no address
        if ours:
            self._locations[peer] = Secret(place)

    async def _ask(
        self,
        method: str,
        url: Secret,
        *,
        content: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        transport = None if self._transport is None else self._transport()
        async with make_client(url.reveal(), transport, timeout=OFFER_S) as client:
            request = client.build_request(method, url.reveal(), content=content, headers=headers)
            response = await client.send(request, stream=True)
            try:
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > LONGEST_SDP:
                        break  # it has no use any more
            finally:
                await response.aclose()
            return httpx.Response(response.status_code, headers=_plain(response), content=body)


def _plain(response: httpx.Response) -> list[tuple[str, str]]:
    """The headers that are looked at: the body is unpacked."""
    named = ("location", "content-type")
    return [(name, response.headers[name]) for name in named if name in response.headers]


def read_answer(response: httpx.Response) -> str:
    """The SDP in the answer to an offer.

    Raises:
        Gone: There is no stream there (any more).
        MediaError: There is none; says why, and what to do.
    """
    status = response.status_code
    if status in (404, 410):
        raise ViewerGone(
            "The service has no such stream any more.", "Press Retry, or start it again."
        )
    if status == 409:
        raise StreamTaken(
            "Somebody else is watching: this service lets one page watch at a time.",
            "Close the other one, then press Retry.",
        )
    if status in (400, 406, 415, 422):
        raise MediaError(
            f"The service does not take this browser's offer (HTTP {status}).",
            "Use a browser that plays H.264.",
        )
    if status >= 500 or status == 429:
        raise MediaError(f"The stream's server is overloaded or failing (HTTP {status}).", AGAIN)
    if status != 201:
        raise MediaError(f"The stream's server does not answer as WHEP does (HTTP {status}).")
    sdp = response.text
    if not sdp.startswith("v=0") or len(sdp) > LONGEST_SDP:
        raise MediaError("The stream's server answered, but not with a stream.", AGAIN)
    return sdp
