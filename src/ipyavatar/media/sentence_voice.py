"""A voice that is asked sentence by sentence: what it cannot say is skipped, and said so."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from ..core.markup import strip_markup
from ..core.scripts import estimate_seconds
from ..core.speech import Utterance
from ..core.text import is_silent
from ..engine.sound.samples import SoundBlock
from ..engine.voice.base import VoiceChunk
from ..engine.voice.splitter import pieces
from ..errors import AvatarError, InvalidArgument, SpeechFailed
from .sound_chunks import Caption, ChunkMaker, cut_sound, plan_captions, spread_words

IN_A_ROW = 3
"""So many sentences that fail one after the other, and the speech is given up."""

SENTENCE_S = 120.0
"""Nobody takes longer for one of our sentences, which have 240 characters at most."""

SHOWN = 40
"""Characters of what is skipped that a message shows."""


class Speaker(Protocol):
    """Makes the sound of one sentence."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def speak(self, sentence: str) -> AsyncGenerator[SoundBlock, None]:
        """Its sound, block by block.

        Raises:
            AvatarError: It cannot be said; `VoiceRefused`, when no other can either.
        """

    async def close(self) -> None:
        """Let go of what it holds."""


class VoiceRefused(SpeechFailed):
    """Whoever speaks would say no to every sentence: a wrong key, an address where nobody is."""


class SoundSource(Protocol):
    """Has the sounds that users gave."""

    def __call__(self, speech: str) -> AsyncGenerator[SoundBlock, None]:
        """What was given for `speech`."""


class GivenSound:
    """Plays the sound that the user gave for a speech; captions from its text.

    Args:
        source: Has it.
        language: In which its text is.
    """

    def __init__(self, source: SoundSource, language: str = "en") -> None:
        self._source = source
        self._language = language

    async def play(self, utterance: Utterance) -> AsyncGenerator[VoiceChunk, None]:
        """The sound of `utterance`.

        Raises:
            SpeechFailed: There is none, or it breaks off.
        """
        captions = plan_captions(utterance.text, utterance.sound_s or 0.0, self._language)
        maker = ChunkMaker(captions)
        try:
            async with contextlib.aclosing(cut_sound(self._source(utterance.id), maker)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except InvalidArgument as error:  # of a piece that came later
            raise SpeechFailed(error.what, error.fix) from error
        if not maker.seconds:
            raise SpeechFailed("There was no sound in it.", "Give at least one chunk of samples.")


class SentenceVoice:
    """Speaks a text by a `Speaker`.

    Args:
        speaker: Says one sentence.
        notify: Told what is skipped.
        language: Of the texts: how they are cut.
    """

    def __init__(
        self, speaker: Speaker, notify: Callable[[str], object], language: str = "en"
    ) -> None:
        self._speaker = speaker
        self._notify = notify
        self._language = language
        self._pace = 1.0  # of this voice, against the usual one

    reads_english = False

    async def load(self) -> None:
        """There is nothing to load."""

    async def close(self) -> None:
        """Let go of what the speaker holds."""
        await self._speaker.close()

    def stream(self, text: str) -> AsyncGenerator[VoiceChunk, None]:
        """Speak `text`; see `stream_all`."""
        return self.stream_all(_only(text))

    async def stream_all(
        self, texts: AsyncGenerator[str, None]
    ) -> AsyncGenerator[VoiceChunk, None]:
        """Speak one text after the other.

        Raises:
            SpeechFailed: Nothing of them could be said, or too many sentences in a row.
        """
        said, row, last = False, 0, None
        async with contextlib.aclosing(self._sentences(texts)) as sentences:
            async for sentence in sentences:
                try:
                    async with contextlib.aclosing(self._say(sentence)) as chunks:
                        async for chunk in chunks:
                            said = True
                            yield chunk
                    row = 0
                except AvatarError as error:
                    last, row = error, row + 1
                    if isinstance(error, VoiceRefused) or row == IN_A_ROW:
                        break
                    self._notify(self._describe(sentence, error))
            else:
                if said:
                    return
        if last is not None:
            raise SpeechFailed(f"{self._speaker.name}: {last.what}", last.fix) from last

    async def _sentences(self, texts: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
        async with contextlib.aclosing(texts):
            async for text in texts:
                for piece in pieces(strip_markup(text), self._language):
                    if not is_silent(piece.text):
                        yield piece.text

    async def _say(self, sentence: str) -> AsyncGenerator[VoiceChunk, None]:
        maker = self._maker(sentence)
        sound = cut_sound(self._speaker.speak(sentence), maker)
        async with contextlib.aclosing(sound) as chunks:
            async for chunk in chunks:
                if maker.seconds > SENTENCE_S:
                    raise SpeechFailed(f"It goes on for more than {SENTENCE_S:g} s.")
                yield chunk
        if not maker.seconds:
            raise SpeechFailed("It gave no sound.")
        self._learn(sentence, maker.seconds)

    def _maker(self, sentence: str) -> ChunkMaker:
        seconds = estimate_seconds(sentence) * self._pace
        return ChunkMaker([Caption(0.0, sentence, spread_words(sentence, seconds))])

    def _learn(self, sentence: str, seconds: float) -> None:
        pace = seconds / estimate_seconds(sentence)
        self._pace = min(max(0.5 * self._pace + 0.5 * pace, 0.3), 3.0)

    def _describe(self, sentence: str, error: AvatarError) -> str:
        shown = sentence if len(sentence) <= SHOWN else sentence[: SHOWN - 1] + "…"
        return f"{self._speaker.name} left out {shown!r}: {error.what}"


async def _only(text: str) -> AsyncGenerator[str, None]:
    yield text
