"""The text of a streamed speech on its way: from the user's iterator to the host."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ..core.markup.reasoning_stream import ReasoningFilter
from ..core.speech import Speech
from ..core.text import well_formed
from ..protocol import host as m
from .text_source import ITERATOR, Giver, SharedSources, TextSource, describe, is_read_once

_shared = SharedSources()


class TextSession(Protocol):
    """What a streamed text needs of its session."""

    @property
    def id(self) -> str:
        """Its name in messages."""

    def send_text(self, streamed: StreamedText, more: m.AddText) -> None:
        """Note what has come, and send it on where the host has asked for the speech."""


class StreamedText:
    """One speech's text: without what a model thought, and whole characters only.

    Attributes:
        speech: The handle it belongs to; it grows with the text.
        cause: What the user's code raised; None while nothing was.
        said: What was said of it in the end, whether anybody was there to hear it or not.
    """

    def __init__(
        self,
        speech: Speech,
        session: TextSession,
        begin: Callable[[], Any],
        *,
        silence_s: float | None = None,
        giver: Giver = ITERATOR,
        on_over: Callable[[], None] = lambda: None,
    ) -> None:
        self.speech = speech
        self.cause: BaseException | None = None
        self.said = ""
        self._session = session
        self._giver = giver
        self._on_over = on_over
        self._filter = ReasoningFilter()
        self._last = ""
        self._sent: list[m.AddText] = []
        self._source = TextSource(f"ipyavatar-text-{speech.id}", begin, self, silence_s, giver)

    def start(self) -> None:
        """Begin to read."""
        self._source.start()

    def note(self, more: m.AddText) -> None:
        """Under the session's lock: the speech has this text, and a new host will be sent it."""
        if self.speech.state == "queued":
            self._sent.append(more)
        else:
            self._sent.clear()
        self.speech.extend(more.text)

    def resend(self) -> list[m.AddText]:
        """What a new host has to know of a speech that has not begun."""
        return list(self._sent)

    def acknowledge(self, characters: int) -> None:
        """The host uses so much of it."""
        self._source.acknowledge(characters)

    def cancel(self) -> None:
        """The speech is over. Does not wait."""
        self._source.cancel()
        self._on_over()

    # ---- what the source gives (`TextSink`), on its thread ------------------------------------

    def add(self, bit: str) -> int:
        """More of it."""
        text = well_formed(self._filter.add(_apart(self._last, bit)))
        self._last = bit or self._last
        if text:
            self._session.send_text(self, m.AddText(self._session.id, self.speech.id, text))
        return len(text)

    def end(self, failure: BaseException | None) -> None:
        """That is all."""
        text = well_formed(self._filter.finish())
        self.cause = failure
        reason = "" if failure is None else well_formed(describe(failure, self._giver))
        more = m.AddText(self._session.id, self.speech.id, text, end=True, failure=reason)
        self._session.send_text(self, more)


@contextlib.contextmanager
def claimed(source: object) -> Iterator[None]:
    """A speech of `source` is asked for here; from then on it is released when that ends.

    Raises:
        InvalidArgument: Another speech reads it, or it has been read to its end.
    """
    if not is_read_once(source):  # a list can be read again
        yield
        return
    _shared.claim(source)
    try:
        yield
    except BaseException:
        _shared.release(source)
        raise


def stream_of(speech: Speech, session: TextSession, source: object) -> StreamedText:
    """Begin to read an iterator of the user's, which is `claimed`."""
    streamed = StreamedText(
        speech, session, lambda: source, on_over=lambda: _shared.release(source)
    )
    streamed.start()
    return streamed


def _apart(before: str, bit: str) -> str:
    """`bit`, parted from a whole sentence before it that brought no space: lists of sentences."""
    whole = " " in before.strip() and before[-1:] in ".!?…"
    return f" {bit}" if whole and bit[:1].isupper() else bit
