"""Stands between a service's session and ours, until another avatar takes over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...core.speech import SpokenWord
from ...errors import AvatarError
from ...protocol.grants import SessionGrant
from ...protocol.host import NoticeKind
from ...protocol.page import FromPage, ToPage
from ..base import ProviderListener, UserStep

OF_ITS_END: tuple[NoticeKind, ...] = ("unconfirmed", "ledger")
"""What the user is told of a service's session also after another avatar has taken over."""


class FirstListener:
    """Passes on what the first provider tells, and keeps its failure for who replaces it.

    Args:
        listener: The session.
        on_broken: Called with why it has broken for good.
    """

    def __init__(
        self, listener: ProviderListener, on_broken: Callable[[AvatarError], None]
    ) -> None:
        self._listener = listener
        self._on_broken = on_broken
        self.sounded = ""
        """The speech whose sound it has begun last."""
        self.replaced = False
        """Another one speaks: what it tells, but for its end, concerns nobody any more."""

    def on_first_sound(self, speech: str) -> None:
        """A speech can be heard: nobody else begins it again."""
        self.sounded = speech
        if not self.replaced:
            self._listener.on_first_sound(speech)

    def on_answer(self, speech: str, text: str) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_answer(speech, text)

    def on_caption(
        self, speech: str, text: str, words: list[SpokenWord], clock_ms: float | None = None
    ) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_caption(speech, text, words, clock_ms)

    def on_page_opened(self, page: str) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_page_opened(page)

    def on_page_closed(self, page: str) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_page_closed(page)

    def on_unheard(self, since: float) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_unheard(since)

    def on_gap(self, seconds: float) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_gap(seconds)

    def on_page_message(self, page: str, message: FromPage) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_page_message(page, message)

    def on_microphone_sound(self, page: str, samples: NDArray[np.float32]) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_microphone_sound(page, samples)

    def on_user_speech(self, step: UserStep, text: str = "") -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_user_speech(step, text)

    def on_widget_message(self, message: ToPage, buffers: Sequence[bytes] = ()) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_widget_message(message, buffers)

    def on_trouble(self, text: str) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_trouble(text)

    def on_recovered(self) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_recovered()

    def on_notice(self, kind: NoticeKind, text: str) -> None:
        """Pass on what still matters."""
        if not self.replaced or kind in OF_ITS_END:
            self._listener.on_notice(kind, text)

    def on_over(
        self,
        text: str,
        error: AvatarError | None = None,
        *,
        resumes: bool = False,
        unasked: AvatarError | None = None,
    ) -> None:
        """An end by a rule that was known is the session's; any other is a break."""
        if self.replaced:
            return
        broken = error or unasked
        if broken is None:
            self._listener.on_over(text, resumes=resumes)
        else:
            self._on_broken(broken)

    def on_fallback(self, text: str) -> None:
        """The first has none of its own."""

    def on_usage(
        self, seconds: float, credits: float | None, credits_per_minute: float | None
    ) -> None:
        """What it took, until its end."""
        self._listener.on_usage(seconds, credits, credits_per_minute)

    def on_grant(self, grant: SessionGrant) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_grant(grant)

    def on_room_command(self, page: str, topic: str, payload: str) -> None:
        """Pass it on."""
        if not self.replaced:
            self._listener.on_room_command(page, topic, payload)
