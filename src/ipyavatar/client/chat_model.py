"""A language model behind an OpenAI-compatible chat address, as a responder: by streamed HTTP."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from ..core.decode import decode_json
from ..core.secret import NoKey, Secret, can_be_key, hide, hide_key, show_key
from ..core.text import well_formed
from ..errors import InvalidArgument, MalformedData, RequestRefused, type_name
from ..providers.cloud.credentials import check_url
from ..providers.cloud.environment import Environment
from ..providers.known_keys import CHAT_KEY_VARIABLE
from .compatible_api import MOST_BYTES, CompatibleApi, connect_timeout

if TYPE_CHECKING:
    import httpx

NAME = "chat model"
COMPLETIONS = "/chat/completions"
ADDRESS_HINT = "Check the address; it often ends with /v1."


class _Text(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Text | None = None
    message: _Text | None = None


class _Chunk(msgspec.Struct):
    """A bit of an answer, or all of it; or what went wrong."""

    choices: list[_Choice] | None = None
    error: Any = None
    object: Any = None
    message: Any = None

    @property
    def trouble(self) -> Any:
        """What the server says went wrong, the one way or the other; None where nothing did."""
        return self.message or "no reason" if self.object == "error" else self.error or None


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Model] = []


class ChatModel:
    """A responder for `Avatar(responder=...)`: a language model of your own, or a service's.

        Avatar(responder=ChatModel("http://127.0.0.1:11434/v1", model="llama3.2"))

    Args:
        base_url: Where it is, such as `https://api.openai.com/v1`.
        model: Its name there; the first that the server lists when not given.
        api_key: Its key; `$IPYAVATAR_CHAT_KEY` when not given. A server of your own may need none.

    Raises:
        InvalidArgument: The address or the key cannot work.
    """

    def __init__(
        self, base_url: object, *, model: str = "", api_key: str | Secret | None = None
    ) -> None:
        base_url, key, model = hide(base_url), hide(api_key), hide_key(model)
        api_key = None
        if not isinstance(base_url, Secret):
            raise InvalidArgument("The address of a chat model is text.", "Give http://... .")
        if isinstance(key, NoKey):
            raise InvalidArgument(f"api_key= is of type {key.type_name}.", "Give text.")
        if not isinstance(model, str):
            raise InvalidArgument(f"model= is of type {type_name(model)}.", "Give its name.")
        self._base_url = _tidy(base_url)
        key = key or Environment(None).secret(CHAT_KEY_VARIABLE)
        if not can_be_key(key):
            what = "The key of the chat model holds characters no key has."
            fix = f"Copy it again, without quotes or line breaks, into {CHAT_KEY_VARIABLE}."
            raise InvalidArgument(what, fix)
        self._model: str = show_key(model)
        self._api = CompatibleApi(NAME, COMPLETIONS, key, f"api_key=, or {CHAT_KEY_VARIABLE}")

    def __repr__(self) -> str:
        if "_base_url" not in vars(self):  # its making has failed: a verbose traceback shows it
            return "<ChatModel, not made>"
        return f"ChatModel({self._base_url!r}, model={self._model!r})"

    async def __call__(
        self, text: str, history: Sequence[dict[str, str]] = ()
    ) -> AsyncIterator[str]:
        """The answer to `text`, as it comes.

        Raises:
            ServiceError: It did not answer as it should.
        """
        from ..providers.cloud.network import make_client

        messages = [*history, {"role": "user", "content": text}]
        messages = [{name: well_formed(said) for name, said in one.items()} for one in messages]
        async with make_client(self._base_url, timeout=connect_timeout()) as client:
            model = self._model or await self._first_model(client)
            body = {"model": well_formed(model), "messages": messages, "stream": True}
            request = client.build_request("POST", self._base_url + COMPLETIONS, json=body)
            async for bit in self._read(client, request):
                yield bit

    async def _read(self, client: httpx.AsyncClient, request: httpx.Request) -> AsyncIterator[str]:
        response = await self._send(client, request)
        try:
            if "text/event-stream" not in response.headers.get("content-type", "").lower():
                yield self._text_of(await self._body(response), whole=True)
                return
            told, first = False, b""
            async for line in self._lines(response):
                data = line.removeprefix(b"data:").strip()
                if data == b"[DONE]":
                    return
                if line.startswith(b"data:") and data:
                    told = True
                    yield self._text_of(data)
                first = first or line
            if not told:
                raise self._api.bad_answer(first, ADDRESS_HINT)
        finally:
            await response.aclose()

    async def _first_model(self, client: httpx.AsyncClient) -> str:
        response = await self._send(client, client.build_request("GET", self._base_url + "/models"))
        models = self._parse(await self._body(response), _Models).data
        if not models:
            raise RequestRefused(
                "The chat model's server lists no model.",
                "Name one: ChatModel(address, model=...).",
                service=NAME,
                call="models",
            )
        self._model = models[0].id
        return self._model

    async def _send(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """The answer's beginning.

        Raises:
            ServiceError: It is a refusal, or there is none.
        """
        import httpx

        try:
            response = await client.send(request, stream=True, auth=self._api.auth)
        except (httpx.TransportError, OSError) as error:
            raise self._api.unreachable(error, self._base_url) from None
        if response.status_code >= 300:  # one elsewhere is not asked: it has no key
            raise self._api.refusal(response.status_code, await self._body(response))
        return response

    async def _body(self, response: httpx.Response) -> bytes:
        body = b""
        async for part in self._parts(response):
            body += part
            if len(body) > MOST_BYTES:
                break
        await response.aclose()
        return body[:MOST_BYTES]

    async def _lines(self, response: httpx.Response) -> AsyncIterator[bytes]:
        """Lines of bytes: a text has more signs that end a line than the protocol."""
        begun, mark = b"", codecs.BOM_UTF8
        async for part in self._parts(response):
            *lines, begun = (begun + part).split(b"\n")
            for line in lines:
                yield line.removeprefix(mark)
                mark = b""  # at the very beginning alone
            if len(begun) > MOST_BYTES:
                break
        yield begun.removeprefix(mark)

    async def _parts(self, response: httpx.Response) -> AsyncIterator[bytes]:
        """What comes.

        Raises:
            NoAnswer: It broke off.
        """
        import httpx

        try:
            async for part in response.aiter_bytes():
                yield part
        except (httpx.HTTPError, OSError) as error:
            raise self._api.broken_off(error) from None

    def _text_of(self, data: bytes, *, whole: bool = False) -> str:
        chunk: _Chunk = self._parse(data, _Chunk)
        if chunk.trouble is not None:
            raise self._api.refusal(200, str(chunk.trouble))
        if whole and chunk.choices is None:
            raise self._api.bad_answer(data, ADDRESS_HINT)
        for choice in chunk.choices or ():
            text = choice.delta or choice.message
            if text is not None and text.content:
                return text.content
        return ""

    def _parse(self, data: bytes, kind: type[Any]) -> Any:
        try:
            return decode_json(data, kind, lenient=True)
        except MalformedData:
            raise self._api.bad_answer(data, ADDRESS_HINT) from None


def _tidy(address: Secret) -> str:
    """The address without what people paste with it.

    Raises:
        InvalidArgument: It is not an http(s) URL of a host, or holds a password.
    """
    address = Secret(address.reveal().strip().rstrip("/").removesuffix(COMPLETIONS))
    check_url(address, "ChatModel(url, model=...)", "address of the chat model")
    url = address.reveal()
    return url if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}/v1"
