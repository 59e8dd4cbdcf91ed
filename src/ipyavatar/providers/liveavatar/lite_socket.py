"""The websocket of a LiveAvatar LITE session: one reader task, owned and ended here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncIterable, Callable, Sequence
from urllib.parse import urlsplit

import anyio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from ...core.guard import guard
from ...core.log import get_logger
from ...core.loopback import is_loopback
from ...core.secret import Secret
from ...errors import BadAnswer, NoAnswer, ServiceError, SessionGone
from ..cloud.responses import ApiReply, ApiRequest, read_reply
from ..cloud.service_events import ServiceEvent, read_event
from . import lite_messages
from .profile import PROFILE

log = get_logger("ipyavatar.providers")

# At DEBUG the library writes the address, with its token, and every frame. A logger that stands
# outside the registry cannot be switched on by anybody.
_MUTE = logging.Logger("ipyavatar.providers.lite_wire", logging.CRITICAL + 1)


CONNECT_S = 20.0
"""For connection and "connected" together: both were seen to take 10 to 20 s, and a start that is
given up has been paid for."""


LARGEST_MESSAGE_BYTES = 16 * 2**20
"""Of what the service sends: a few hundred bytes as a rule. One that quotes what it was sent is a
megabyte, and must not end what is paid for; a larger one than this closes the line."""

TOO_LARGE = 1009


class _Connect(connect):
    """Goes where it is sent to, and nowhere else: nobody else is to get what is said."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Take it for what it is, a refusal."""
        return exc


def _new_id() -> str:
    return str(uuid.uuid4())


class LiteSocket:
    """A live websocket. Made by `connect_lite`; use it on one loop, and `close` it there.

    Attributes:
        gone: Done when the session is over or the line is lost, with what was told.
    """

    def __init__(
        self,
        line: ClientConnection,
        on_event: Callable[[ServiceEvent], None],
        new_id: Callable[[], str],
        secrets: Sequence[Secret] = (),
    ) -> None:
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._line = line
        self._on_event = on_event
        self._new_id = new_id
        self._secrets = secrets
        self._ready = asyncio.Event()
        self._speaking = asyncio.Lock()
        self._reader = asyncio.create_task(self._read(), name="ipyavatar-lite-reader")

    async def ready(self, within_s: float) -> None:
        """Wait for "connected": what is sent before is dropped by the service without a word.

        Raises:
            NoAnswer: It did not come.
            SessionGone: The line was closed instead.
        """
        with anyio.move_on_after(within_s):
            await self._ready.wait()
        if self.gone.done():
            raise _over(self.gone.result())
        if not self._ready.is_set():
            raise NoAnswer(
                f"LiveAvatar's websocket did not say it is connected within {within_s:g} s.",
                "Stop the session and start another.",
                sent=True,
                service=PROFILE.name,
                call="websocket",
            )

    async def speak(self, audio: bytes | AsyncIterable[bytes], event_id: str | None = None) -> str:
        """Send a speech: PCM as in `lite_messages`, whole or as it is made. One at a time.

        Its end is always told, also when `audio` raises or the caller is cancelled.

        Returns:
            The speech's event id, which the service's events name.

        Raises:
            SessionGone: The session is over, or the line was lost.
        """
        speech = event_id or self._new_id()
        async with self._speaking:
            pieces = lite_messages.Pieces()
            try:
                if isinstance(audio, bytes):
                    for piece in pieces.feed(audio):
                        await self._send(lite_messages.speak(piece, speech))
                else:
                    async for part in audio:
                        for piece in pieces.feed(part):
                            await self._send(lite_messages.speak(piece, speech))
                for piece in pieces.flush():
                    await self._send(lite_messages.speak(piece, speech))
            finally:
                with anyio.CancelScope(shield=True), contextlib.suppress(SessionGone):
                    await self._send(lite_messages.speak_end(speech))
        return speech

    async def interrupt(self, event_id: str | None = None) -> None:
        """Cut the speech off; the service's events may name `event_id`.

        Raises:
            SessionGone: The session is over, or the line was lost.
        """
        await self._send(lite_messages.interrupt(event_id or self._new_id()))

    async def keep_alive(self) -> None:
        """Reset the idle time.

        Raises:
            SessionGone: The session is over, or the line was lost.
        """
        await self._send(lite_messages.keep_alive(self._new_id()))

    async def close(self) -> None:
        """Close the line and end the reader; may be called twice. Does not stop the session."""
        await self._line.close()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _send(self, message: str) -> None:
        if self.gone.done():
            raise _over(self.gone.result())  # the line may still be open, but nobody listens
        try:
            await self._line.send(message)
        except ConnectionClosed as closed:
            raise _over(_why(closed)) from None

    async def _read(self) -> None:
        why = "the websocket was closed"
        try:
            async for message in self._line:
                event = read_event(message, self._secrets)
                if event is None:
                    log.debug("liveavatar websocket: a message that is no event")
                    continue
                if event.name == "session.state_updated" and event.text.lower() == "connected":
                    self._ready.set()
                if event.kind == "session_ended":
                    why = f"the service told {event.text!r}"
                self._tell(event)
                if event.kind == "session_ended":
                    break
        except ConnectionClosed as closed:
            why = _why(closed)
        finally:
            if not self.gone.done():
                self.gone.set_result(why)
            self._ready.set()  # whoever waits for it must not wait longer

    def _tell(self, event: ServiceEvent) -> None:
        with guard("An event of LiveAvatar's websocket"):  # a mistake must not deafen the session
            self._on_event(event)


async def connect_lite(
    url: Secret,
    on_event: Callable[[ServiceEvent], None],
    *,
    within_s: float = CONNECT_S,
    new_id: Callable[[], str] = _new_id,
    secrets: Sequence[Secret] = (),
) -> LiteSocket:
    """Connect to `ws_url` of a started LITE session, and wait until it is ready.

    Args:
        url: The address; it may hold a token.
        on_event: Told every event, on the loop.
        within_s: Seconds for both together.
        new_id: Makes ids of messages.
        secrets: Blanked out in what the service says.

    Raises:
        SessionGone: The service closed the line.
        ServiceError: It cannot be connected.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + within_s
    try:
        line = await _Connect(
            url.reveal(),
            open_timeout=within_s,
            logger=_MUTE,
            # Sound does not shrink, and the service's own starter sends no pings: their answer is
            # not promised.
            compression=None,
            ping_interval=None,
            max_size=LARGEST_MESSAGE_BYTES,
            proxy=None if is_loopback(urlsplit(url.reveal()).hostname) else True,
        )
    except (OSError, TimeoutError, WebSocketException, ValueError) as error:
        raise _refused(error) from None  # the cause's text holds the address
    socket = LiteSocket(line, on_event, new_id, (url, *secrets))
    try:
        await socket.ready(max(0.0, deadline - clock()))
    except BaseException:
        with anyio.CancelScope(shield=True):
            await socket.close()
        raise
    return socket


def _refused(error: Exception) -> ServiceError:
    if isinstance(error, InvalidStatus):
        request = ApiRequest(PROFILE, "websocket", session_id="-")
        status = error.response.status_code
        try:
            read_reply(request, ApiReply(status=status, body=b""))
        except ServiceError as told:
            return told
    kind = type(error).__name__
    if isinstance(error, (OSError, TimeoutError)):
        return NoAnswer(
            f"LiveAvatar's websocket cannot be reached ({kind}).",
            "Check the network; then stop the session and start another.",
            sent=False,
            service=PROFILE.name,
            call="websocket",
        )
    return BadAnswer(
        f"LiveAvatar's websocket address does not lead to one ({kind}).",
        "Stop the session and start another.",
        kind="shape",
        service=PROFILE.name,
        call="websocket",
    )


def _why(closed: ConnectionClosed) -> str:
    received, sent = closed.rcvd, closed.sent
    if sent is not None and sent.code == TOO_LARGE and not closed.rcvd_then_sent:
        limit = LARGEST_MESSAGE_BYTES // 2**20
        return f"the service sent a message of more than {limit} MiB over the websocket"
    if received is None:
        return "the line to the websocket was lost"
    return f"the websocket was closed with code {received.code}"


def _over(why: str) -> SessionGone:
    return SessionGone(
        f"The LiveAvatar session is over: {why}.",
        "Start a new one.",
        service=PROFILE.name,
        call="websocket",
    )
