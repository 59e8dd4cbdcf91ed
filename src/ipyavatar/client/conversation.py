"""A conversation: what was asked and answered, and the user's responder, one turn at a time."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import Any

from ..core.secret import hide
from ..core.speech import Speech
from ..core.text import well_formed
from ..core.validate import refuse_class, require_callable, require_seconds
from ..errors import InvalidArgument, type_name
from .chat_model import ChatModel
from .streamed_text import StreamedText, TextSession
from .text_source import Giver

Message = dict[str, str]
"""`{"role": "user" or "assistant" or "system", "content": text}`."""

Answer = str | Iterable[str | None] | AsyncIterable[str | None] | Awaitable[Any]
"""What a responder gives: a text, pieces of it as they come, or, async, either."""

Responder = Callable[..., Answer]
"""Called with what was said to the avatar, and with the history if it takes that."""

ANSWER_WITHIN_S = 30.0
"""A responder that gives nothing for so long has failed, unless the user says otherwise."""

RESPONDER = Giver("The responder", more_time="answer_within_s=")

TALK_KEYWORDS = ("responder", "system", "answer_within_s", "recognizer")

REMEMBERED = 200
"""Messages kept in the history; the oldest are forgotten first."""


class Conversation:
    """Not thread-safe: used under the session's lock.

    Args:
        responder: Answers: a function, or the address of an OpenAI-compatible chat service.
        system: What it is told before everything else.
        answer_within_s: A responder that gives nothing for so long has failed.

    Raises:
        InvalidArgument: One of them cannot work.
    """

    def __init__(self, responder: object, system: object, answer_within_s: object) -> None:
        if isinstance(responder, str) or hide(responder) is responder:
            responder = ChatModel(responder)
        refuse_class("responder=", responder)
        require_callable("responder=", responder)
        if not isinstance(system, str):
            raise InvalidArgument(f"system= takes no {type_name(system)}.", "Give a text.")
        self.responder: Responder = responder  # type: ignore[assignment]  # it was checked
        self.system = well_formed(system)
        self.history: list[Message] = []
        self._within_s = require_seconds("answer_within_s", answer_within_s)
        self._call = _fit(self.responder)
        self._waiting: deque[StreamedText] = deque()
        self._current: StreamedText | None = None

    def ask(self, speech: Speech, session: TextSession) -> StreamedText:
        """Have `speech` answered, after all that was asked before has been said."""
        streamed = StreamedText(
            speech,
            session,
            lambda: self._call(speech.text, self._told()),
            silence_s=self._within_s,
            giver=RESPONDER,
            on_over=lambda: self._end_turn(streamed),
        )
        self._waiting.append(streamed)
        self._go_on()
        return streamed

    def _told(self) -> list[Message]:
        """What the responder is told of what was before."""
        first = [{"role": "system", "content": self.system}] if self.system else []
        return [*first, *(dict(message) for message in list(self.history))]

    def _go_on(self) -> None:
        if self._current is None and self._waiting:
            self._current = self._waiting.popleft()
            self._current.start()

    def _end_turn(self, streamed: StreamedText) -> None:
        """It was said, or as far as it was heard: that is what both remember."""
        if streamed is not self._current:
            self._waiting.remove(streamed)  # it was interrupted before it was asked
            return
        speech, self._current = streamed.speech, None
        self.history.append({"role": "user", "content": speech.text})
        if streamed.said.strip():
            self.history.append({"role": "assistant", "content": streamed.said.strip()})
        del self.history[:-REMEMBERED]
        self._go_on()


def make_conversation(
    responder: object, system: object, answer_within_s: object
) -> Conversation | None:
    """What a session keeps that has a responder; None for one that has none.

    Raises:
        InvalidArgument: One of them cannot work, or can have no effect.
    """
    system = "" if system is None else system
    answer_within_s = ANSWER_WITHIN_S if answer_within_s is None else answer_within_s
    if responder is not None:
        return Conversation(responder, system, answer_within_s)
    require_seconds("answer_within_s", answer_within_s)
    if not isinstance(system, str) or system:
        what = "system= is for a responder, and there is none: it would have no effect."
        raise InvalidArgument(what, "Give responder=, or leave it out.")
    return None


def _fit(responder: Responder) -> Callable[[str, list[Message]], Answer]:
    """`responder` as it takes what it is given: the text, and the history if it wants that.

    Raises:
        InvalidArgument: It takes nothing, or more than that.
    """
    only_text = lambda text, _history: responder(text)  # noqa: E731
    try:
        signature = inspect.signature(responder)
    except (TypeError, ValueError):  # one of C, which does not say
        return only_text
    names = signature.parameters
    if "history" in names and names["history"].kind is inspect.Parameter.KEYWORD_ONLY:
        return lambda text, history: responder(text, history=history)
    if _takes(signature, 2):
        return responder
    if _takes(signature, 1):
        return only_text
    what = f"The responder cannot be called with a text: it is {signature}."
    raise InvalidArgument(what, "Give a function of (text), or of (text, history).")


def _takes(signature: inspect.Signature, count: int) -> bool:
    """Whether it takes so many arguments; a second one with a default is the user's own."""
    try:
        bound = signature.bind(*[None] * count)
    except TypeError:
        return False
    extra = [signature.parameters[name] for name in list(bound.arguments)[1:]]
    return all(one.default is one.empty or one.name == "history" for one in extra)
