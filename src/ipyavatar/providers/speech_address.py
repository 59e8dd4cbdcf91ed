"""A voice behind an OpenAI-compatible speech address, streamed sentence by sentence."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator

import httpx

from ..core.secret import one_line
from ..engine.sound.audio import SoundReader
from ..engine.sound.samples import SoundBlock, number_fits
from ..engine.sound.sound_file import looks_like_sound
from ..errors import AvatarError, SpeechFailed
from ..media.sentence_voice import VoiceRefused
from ..protocol.options import AddressVoice
from .cloud.network import CONNECT_S, make_client, read_trouble

MOST_BYTES = 64 * 1024 * 1024
"""Of one sentence; more is no speech."""

_REFUSALS = {
    401: ("does not accept the key", "Give another api_key= to SpeechApi."),
    403: ("does not accept the key", "Give another api_key= to SpeechApi."),
    404: ("has no speech there", "Its address ends with /v1/audio/speech."),
    405: ("has no speech there", "Its address ends with /v1/audio/speech."),
}


class AddressSpeaker:
    """Asks the address for one sentence after the other.

    Args:
        voice: Where, and who speaks there.
        speed: Its pace.
        timeout_s: What gives nothing for so long is given up.
        transport: What carries requests; the network when None.
    """

    def __init__(
        self,
        voice: AddressVoice,
        speed: float,
        timeout_s: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name = "The speech address"
        self._voice = voice
        self._speed = speed
        self._timeout_s = timeout_s
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def speak(self, sentence: str) -> AsyncGenerator[SoundBlock, None]:
        """The sound of `sentence`, as it comes.

        Raises:
            SpeechFailed: It did not say this sentence.
            VoiceRefused: It will say none.
        """
        asked = self._ask(sentence)
        try:
            async with asked as answer:
                await self._check(answer)
                async with contextlib.aclosing(self._blocks(answer)) as blocks:
                    async for block in blocks:
                        yield block
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            trouble = read_trouble(error, self._voice.url, "its address")
            what = f"It cannot be reached: {trouble.what}"
            raise VoiceRefused(what, trouble.fix) from _bare(error)
        except httpx.TimeoutException as error:
            what = f"It gave no sound for {self._timeout_s:g} s."
            raise SpeechFailed(what, "Give it more time: voice_timeout_s=.") from _bare(error)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SpeechFailed("The answer broke off.", "Try again.") from _bare(error)

    async def close(self) -> None:
        """Close the line."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    @contextlib.asynccontextmanager
    async def _ask(self, sentence: str) -> AsyncIterator[httpx.Response]:
        voice = self._voice
        body: dict[str, object] = {
            "model": voice.model,
            "voice": voice.voice,
            "input": sentence,
            "response_format": "pcm",
        }
        if self._speed != 1.0:
            body["speed"] = self._speed
        headers = {"Accept": "audio/*"}
        if voice.key:
            headers["Authorization"] = f"Bearer {voice.key.reveal()}"
        client = self._own_client()
        async with client.stream("POST", voice.url, json=body, headers=headers) as answer:
            yield answer

    def _own_client(self) -> httpx.AsyncClient:
        """One for all sentences: the line stays open."""
        if self._client is None:
            timeout = httpx.Timeout(self._timeout_s, connect=CONNECT_S)
            self._client = make_client(self._voice.url, self._transport, timeout=timeout)
        return self._client

    async def _check(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if status in _REFUSALS:
            what, fix = _REFUSALS[status]
            raise VoiceRefused(f"It {what} (HTTP {status}).", fix)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if status == 200 and not kind.startswith(("text/", "application/json")):
            return
        said = self._say_what(await _beginning(answer))
        if status == 200:
            raise SpeechFailed(f"It answered with {kind}, which is no sound{said}.", "See its log.")
        raise SpeechFailed(f"It answered HTTP {status}{said}.", "Try again, or see its log.")

    def _say_what(self, body: bytes) -> str:
        """What a service says of its failure, as the end of a sentence."""
        try:
            error = json.loads(body)["error"]
            text = error["message"] if isinstance(error, dict) else error
        except (ValueError, KeyError, TypeError, RecursionError):
            return ""
        secrets = [self._voice.key] if self._voice.key else []
        return f": {one_line(str(text), secrets).rstrip('.')}"

    async def _blocks(self, answer: httpx.Response) -> AsyncGenerator[SoundBlock, None]:
        """Plain samples as they come; a file, which some send all the same, when it is whole."""
        reader = SoundReader(self._rate_of(answer))
        file, first, size = b"", True, 0
        async for data in answer.aiter_bytes():
            size += len(data)
            if size > MOST_BYTES:
                raise SpeechFailed("It does not stop sending.", "See its log.")
            if first and data:
                first, is_file = False, looks_like_sound(data) and _names_file(answer)
                file = data if is_file else b""
                if is_file:
                    continue
            if file:
                file += data
                continue
            for block in reader.read_plain(data):
                yield block
        if file:
            for block in _decode(file):
                yield block

    def _rate_of(self, answer: httpx.Response) -> int:
        found = re.search(r"rate=(\d+)", answer.headers.get("content-type", ""))
        if found is not None and number_fits(float(found.group(1))):
            return int(found.group(1))
        return self._voice.sample_rate


def _names_file(answer: httpx.Response) -> bool:
    """Whether what looks like a file may be one: plain samples may look like anything."""
    kind = answer.headers.get("content-type", "").lower()
    return not any(plain in kind for plain in ("pcm", "l16", "raw"))


def _decode(file: bytes) -> list[SoundBlock]:
    try:
        return list(SoundReader(None)(file))
    except AvatarError as error:
        raise SpeechFailed(error.what, error.fix) from error


async def _beginning(answer: httpx.Response) -> bytes:
    body = b""
    async for data in answer.aiter_bytes():
        body += data
        if len(body) > 4_000:
            break
    return body


def _bare(error: Exception) -> Exception:
    """Without its request, which holds the key, and its frames, which hold the request."""
    with contextlib.suppress(AttributeError):
        error._request = None  # type: ignore[attr-defined]
    return error.with_traceback(None)
