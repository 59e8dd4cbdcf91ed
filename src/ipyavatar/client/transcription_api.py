"""`TranscriptionApi`: speech recognition behind an OpenAI-compatible address."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from ..core.decode import decode_json
from ..core.secret import Secret, hide, one_line
from ..errors import (
    AuthenticationError,
    BadAnswer,
    InvalidArgument,
    MalformedData,
    NoAnswer,
    RateLimited,
    RequestRefused,
    ServiceError,
    ServiceUnavailable,
)
from ..providers.api_address import check_address, find_key
from ..providers.known_keys import TRANSCRIPTION_KEY_VARIABLE

if TYPE_CHECKING:
    import httpx
    import numpy as np
    from numpy.typing import NDArray

CALL = "/audio/transcriptions"
NAME = "transcription address"

MOST_BYTES = 1_000_000
"""Of an answer; more is no transcription."""


class _Answer(msgspec.Struct):
    text: str


class TranscriptionApi:
    """A recognizer for `listen()`: OpenAI's, or a server of yours (whisper.cpp, vLLM, speaches).

        avatar.listen(TranscriptionApi("http://127.0.0.1:8000/v1", model="whisper-1"))

    What is said is sent there as a WAV file, when it has been said.

    Args:
        url: Its address; `/v1/audio/transcriptions` is added where there is no path.
        model: Which of its models.
        key: What it asks for; `$IPYAVATAR_TRANSCRIPTION_KEY` when not given, and for OpenAI's own
            address `$OPENAI_API_KEY`. A server without keys needs none.

    Raises:
        InvalidArgument: The address or the key cannot be one.
    """

    def __init__(
        self, url: object, *, model: str = "whisper-1", key: str | Secret | None = None
    ) -> None:
        url, hidden = hide(url), hide(key)
        key = None
        self._url = check_address(url, CALL, NAME)
        if not isinstance(model, str) or not model.strip():
            what = f"TranscriptionApi has no model={model!r:.80}."
            raise InvalidArgument(what, "Give its name.")
        self._model = model
        self._key = find_key(hidden, self._url, TRANSCRIPTION_KEY_VARIABLE, NAME)

    def __repr__(self) -> str:
        return f"<TranscriptionApi {urlsplit(self._url).hostname}: {self._model}>"

    async def __call__(
        self, samples: NDArray[np.float32], *, rate: int = 16_000, language: str = ""
    ) -> str:
        """The text of what is said in `samples`.

        Raises:
            ServiceError: It did not answer as it should.
        """
        from ..providers.cloud.http import Authorize, bearer
        from ..providers.cloud.network import make_client, unlogged

        data = {"model": self._model, "response_format": "json"}
        if language:
            data["language"] = language
        files = {"file": ("speech.wav", _wav(samples, rate), "audio/wav")}
        auth = Authorize(bearer(self._key)) if self._key else None
        with unlogged():
            async with make_client(self._url, timeout=_timeout()) as client:
                request = client.build_request("POST", self._url, data=data, files=files)
                return self._read(*await self._send(client, request, auth))

    async def _send(
        self, client: httpx.AsyncClient, request: httpx.Request, auth: Any
    ) -> tuple[int, bytes]:
        """The status and the body of the answer.

        Raises:
            NoAnswer: There is none.
        """
        import httpx

        from ..providers.cloud.network import read_trouble

        try:
            response = await client.send(request, stream=True, auth=auth)
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    break
            await response.aclose()
        except (httpx.HTTPError, OSError) as error:
            trouble = read_trouble(error, self._url)
            what = f"The transcription address cannot be reached: {trouble.what}"
            raise NoAnswer(what, trouble.fix, sent=False, service=NAME, call=CALL) from None
        return response.status_code, body

    def _read(self, status: int, body: bytes) -> str:
        if status != 200:
            raise self._refusal(status, body)
        try:
            answer: _Answer = decode_json(body[:MOST_BYTES], _Answer)
        except MalformedData:
            raise BadAnswer(
                f"The transcription address answers what none does: {self._shown(body)!r}.",
                f"Check the address; it ends with {CALL}.",
                kind="not json",
                service=NAME,
                call=CALL,
                status=status,
            ) from None
        return answer.text

    def _refusal(self, status: int, body: bytes) -> ServiceError:
        kind, fix = _KINDS.get(status, (RequestRefused, "Check the address and model=."))
        if status >= 500:
            kind, fix = ServiceUnavailable, "Try again a little later, or see its log."
        what = f"The transcription address refuses (HTTP {status}): {self._shown(body)}"
        return kind(what, fix, service=NAME, call=CALL, status=status)

    def _shown(self, body: bytes) -> str:
        text = body[:1000].decode("utf-8", "replace")
        return one_line(text, [self._key] if self._key else [])


_KINDS: dict[int, tuple[type[ServiceError], str]] = {
    401: (AuthenticationError, f"Give another key=, or {TRANSCRIPTION_KEY_VARIABLE}."),
    403: (AuthenticationError, f"Give another key=, or {TRANSCRIPTION_KEY_VARIABLE}."),
    404: (RequestRefused, f"It has no transcription there: the address ends with {CALL}."),
    429: (RateLimited, "Wait a little, or look at the account's limits."),
}


def _wav(samples: NDArray[np.float32], rate: int) -> bytes:
    from ..engine.pcm import to_int16

    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(to_int16(samples).tobytes())
    return file.getvalue()


def _timeout() -> Any:
    """For connecting; how long an answer may take is the listening's business."""
    import httpx

    from ..providers.cloud.network import CONNECT_S

    return httpx.Timeout(None, connect=CONNECT_S)
