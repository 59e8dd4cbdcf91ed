"""Who is told while a speech goes on."""

from __future__ import annotations

import asyncio

from ipyavatar.core.speech import SpokenWord


class RecordingSpeechListener:
    """Notes first sounds and captions with the loop's time; a notice is a mistake."""

    def __init__(self) -> None:
        self.sounds: list[float] = []
        self.captions: list[tuple[float, str]] = []
        self.answer = ""

    def on_first_sound(self) -> None:
        self.sounds.append(asyncio.get_running_loop().time())

    def on_answer(self, text: str) -> None:
        self.answer += text

    def on_caption(self, text: str, words: list[SpokenWord]) -> None:
        self.captions.append((asyncio.get_running_loop().time(), text))

    def on_notice(self, kind: str, text: str) -> None:
        raise AssertionError(text)
