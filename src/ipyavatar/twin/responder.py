"""The responder answers what users say to the avatar: a function, a chat service, or nobody.

A responder is a function from the text of the user to the answer: a text, an iterable or an async
iterable of texts, or an awaitable of one; parts are spoken as they come.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import re
import sys
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import msgspec

from ..core.decode import decode_json
from ..core.log import get_logger
from ..errors import InvalidArgument
from .user_function import MAX_ANSWER, UserFunction

log = get_logger(__name__)

Responder = Callable[[str, str], AsyncGenerator[str, None]]
"""Session id and text in, parts of the answer out."""

KEY_VARIABLE = "IPYAVATAR_RESPONDER_KEY"
"""The key for a chat address, if it wants one."""

NO_RESPONDER = (
    "This is the offline twin, and nobody is here to answer. "
    "Start it with the option responder to have me reply."
)

TIMEOUT_S = 30.0
KEEP_TURNS = 20
KEEP_SESSIONS = 100
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def find_responder(spec: str | None, timeout_s: float = TIMEOUT_S) -> Responder:
    """The responder that `spec` names.

    Args:
        timeout_s: One that says nothing for so long is left.
        spec: `module:function`; the address of an OpenAI-compatible service, as
            `http://127.0.0.1:11434/v1#model`; or None for nobody.

    Raises:
        InvalidArgument: It names nothing that can be called.
    """
    if not spec:
        return respond_with_notice
    if spec.startswith(("http://", "https://")):
        address, _, model = spec.partition("#")
        if not model:
            raise InvalidArgument(
                f"The responder {spec} names no model.", "Write it behind the address: URL#model."
            )
        return BoundedResponder(ChatCompletions(address, model), timeout_s)
    module, colon, name = spec.partition(":")
    if not (module and colon and name):
        raise InvalidArgument(
            f"The responder {spec} is neither module:function nor an address.",
            "Write package.module:function, or http://host/v1#model.",
        )
    search_folder_last()
    try:
        found = getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:  # it is the user's code that is run
        why = "it ends the program" if isinstance(error, SystemExit) else error
        raise InvalidArgument(f"The responder {spec} cannot be imported: {why}.") from error
    if not callable(found):
        raise InvalidArgument(f"The responder {spec} cannot be called.")
    return BoundedResponder(UserFunction(found), timeout_s)


def search_folder_last() -> None:
    """Find modules of the current folder, but behind all others: its files shadow none.

    `python -m` puts the folder first.
    """
    folder = os.getcwd()
    sys.path[:] = [*(path for path in sys.path if path not in ("", folder)), folder]


async def respond_with_notice(session: str, text: str) -> AsyncGenerator[str, None]:  # noqa: ARG001
    """Says that there is no responder."""
    yield NO_RESPONDER


class ResponderTimeout(Exception):
    """A responder said nothing for too long."""


class BoundedResponder:
    """A responder that is left when it says nothing for too long, and cut when it says too much."""

    def __init__(self, responder: Responder, timeout_s: float) -> None:
        self._responder = responder
        self._timeout_s = timeout_s

    async def __call__(self, session: str, text: str) -> AsyncGenerator[str, None]:
        """The parts of the answer.

        Raises:
            ResponderTimeout: There was none for too long.
        """
        length = 0
        async with contextlib.aclosing(self._responder(session, text)) as parts:
            while length < MAX_ANSWER:
                try:
                    part = await asyncio.wait_for(anext(parts), self._timeout_s)
                except StopAsyncIteration:
                    return
                except asyncio.TimeoutError as error:
                    raise ResponderTimeout(f"nothing for {self._timeout_s:g} s") from error
                yield part[: MAX_ANSWER - length]
                length += max(1, len(part))
        log.warning("A responder said more than %d characters; the rest is left out", MAX_ANSWER)


class _Delta(msgspec.Struct, frozen=True):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta = _Delta()


class _Chunk(msgspec.Struct):
    """What we read of one event of a chat stream."""

    choices: list[_Choice] = []


class ChatCompletions:
    """An OpenAI-compatible `chat/completions`, streamed; spoken sentence by sentence."""

    def __init__(self, address: str, model: str) -> None:
        self._url = address.rstrip("/") + "/chat/completions"
        self._model = model
        self._turns: OrderedDict[str, deque[dict[str, str]]] = OrderedDict()

    async def __call__(self, session: str, text: str) -> AsyncGenerator[str, None]:
        """Answer `text`, remembering the last turns of this session."""
        turns = self._turns.setdefault(session, deque(maxlen=KEEP_TURNS))
        turns.append({"role": "user", "content": text})
        while len(self._turns) > KEEP_SESSIONS:
            self._turns.popitem(last=False)
        spoken: list[str] = []
        async for sentence in split_sentences(self._stream(list(turns))):
            spoken.append(sentence)
            yield sentence
        turns.append({"role": "assistant", "content": " ".join(spoken)})

    async def _stream(self, turns: list[dict[str, str]]) -> AsyncGenerator[str, None]:
        from ..core.unlogged_client import UnloggedClient

        key = os.environ.get(KEY_VARIABLE)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        body = {"model": self._model, "messages": turns, "stream": True}
        async with (
            UnloggedClient(timeout=TIMEOUT_S, verify=self._url.startswith("https:")) as client,
            client.stream("POST", self._url, json=body, headers=headers) as answer,
        ):
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                data = line.removeprefix("data:").strip()
                if not line.startswith("data:") or data == "[DONE]":
                    continue
                for choice in decode_json(data, _Chunk, lenient=True).choices:
                    yield choice.delta.content or ""


async def split_sentences(parts: AsyncIterator[str]) -> AsyncGenerator[str, None]:
    """Whole sentences out of a stream of pieces; the rest at the end."""
    text = ""
    async for part in parts:
        *whole, text = _SENTENCE.split(text + part)
        for sentence in whole:
            yield sentence
    if text.strip():
        yield text.strip()
