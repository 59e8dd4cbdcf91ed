"""`TranscriptionApi`: speech recognition behind an OpenAI-compatible address."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from ..core.decode import decode_json
from ..core.secret import Secret, hide, hide_key, show_key
from ..errors import InvalidArgument, MalformedData, describe
from ..providers.api_address import check_address, find_key
from ..providers.known_keys import TRANSCRIPTION_KEY_VARIABLE
from .compatible_api import MOST_BYTES, CompatibleApi, connect_timeout

if TYPE_CHECKING:
    import httpx
    import numpy as np
    from numpy.typing import NDArray

CALL = "/audio/transcriptions"
NAME = "transcription address"


class _Answer(msgspec.Struct):
    text: str


class TranscriptionApi:
    """A recognizer for `listen()`: OpenAI's, or a server of yours (whisper.cpp, vLLM, speaches).

        avatar.listen(TranscriptionApi("http://127.0.0.1:8000/v1", model="whisper-1"))

    What is said is sent there as a WAV file, when it has been said.

    Args:
        url: Its address; `/v1/audio/transcriptions` is added where there is no path.
        model: Which of its models.
        api_key: What it asks for; `$IPYAVATAR_TRANSCRIPTION_KEY` when not given, and for OpenAI's
            own address `$OPENAI_API_KEY`. A server without keys needs none.

    Raises:
        InvalidArgument: The address or the key cannot be one.
    """

    def __init__(
        self, url: object, *, model: str = "whisper-1", api_key: str | Secret | None = None
    ) -> None:
        url, hidden, model = hide(url), hide(api_key), hide_key(model)
        api_key = None
        self._url = check_address(url, CALL, NAME)
        if not isinstance(model, str) or not model.strip():
            what = f"TranscriptionApi has no model={describe(model)}."
            raise InvalidArgument(what, "Give its name.")
        self._model = show_key(model)
        found = find_key(hidden, self._url, TRANSCRIPTION_KEY_VARIABLE, NAME)
        another, not_there = f"api_key=, or {TRANSCRIPTION_KEY_VARIABLE}", f"It ends with {CALL}."
        self._api = CompatibleApi(NAME, CALL, found, another, not_there)

    def __repr__(self) -> str:
        if "_model" not in vars(self):  # its making has failed: a verbose traceback shows it
            return "<TranscriptionApi, not made>"
        return f"<TranscriptionApi {urlsplit(self._url).hostname}: {self._model}>"

    async def __call__(
        self, samples: NDArray[np.float32], *, rate: int = 16_000, language: str = ""
    ) -> str:
        """The text of what is said in `samples`.

        Raises:
            ServiceError: It did not answer as it should.
        """
        from ..providers.cloud.network import make_client

        data = {"model": self._model, "response_format": "json"}
        if language:
            data["language"] = language
        files = {"file": ("speech.wav", _wav(samples, rate), "audio/wav")}
        async with make_client(self._url, timeout=connect_timeout()) as client:
            request = client.build_request("POST", self._url, data=data, files=files)
            return self._read(*await self._send(client, request))

    async def _send(self, client: httpx.AsyncClient, request: httpx.Request) -> tuple[int, bytes]:
        """The status and the body of the answer.

        Raises:
            NoAnswer: There is none.
        """
        import httpx

        response = None
        try:
            response = await client.send(request, stream=True, auth=self._api.auth)
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    break
            await response.aclose()
        except (httpx.HTTPError, OSError) as error:
            if response is not None:
                raise self._api.broken_off(error) from None
            raise self._api.unreachable(error, self._url) from None
        return response.status_code, body

    def _read(self, status: int, body: bytes) -> str:
        if not 200 <= status < 300:  # one elsewhere is not asked: it has no key
            raise self._api.refusal(status, body)
        try:
            answer: _Answer = decode_json(body[:MOST_BYTES], _Answer, lenient=True)
        except MalformedData:
            raise self._api.bad_answer(body, f"Check the address; it ends with {CALL}.") from None
        return answer.text


def _wav(samples: NDArray[np.float32], rate: int) -> bytes:
    from ..engine.pcm import to_int16

    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(to_int16(samples).tobytes())
    return file.getvalue()
