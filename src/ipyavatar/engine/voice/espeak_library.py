"""eSpeak NG's library: one for each process, used by one call at a time.

It is GPL, so nothing of it is ours and nothing is loaded unless somebody asks for such a voice: the
extra `ipyavatar[espeak]` brings it, or the system has it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ...errors import InvalidArgument, MissingPart, SpeechFailed

_SYNCHRONOUS = 2
_PHONEME_EVENTS, _IPA_EVENTS, _DONT_EXIT = 0x1, 0x2, 0x8000
_BY_CHARACTERS, _UTF8 = 1, 1
_IPA = 0x02
_RATE, _PITCH = 1, 3
_WORD, _PHONEME = 1, 7

USUAL_RATE, SLOWEST_RATE, FASTEST_RATE = 165, 80, 450
"""Words a minute."""

USUAL_PITCH = 50


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class EspeakSound:
    """What it said of one sentence.

    Attributes:
        samples: 16 bit, mono.
        rate: Samples per second.
        phonemes: Each with the second it begins at; the empty one is silence.
        words: Where each word begins in the text (characters), how long it is, and when.
    """

    samples: bytes
    rate: int
    phonemes: tuple[tuple[str, float], ...]
    words: tuple[tuple[int, int, float], ...]


class _VoiceFacts(ctypes.Structure):
    """`espeak_VOICE`: by what a voice is chosen."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("unused", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class EspeakLibrary:
    """The library, loaded."""

    def __init__(self, library: ctypes.CDLL, data: str | None) -> None:
        self._library = library
        self._lock = threading.Lock()
        where = None if data is None else data.encode()
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        library.espeak_GetCurrentVoice.restype = ctypes.POINTER(_VoiceFacts)
        self.rate: int = library.espeak_Initialize(
            _SYNCHRONOUS, 0, where, _PHONEME_EVENTS | _IPA_EVENTS | _DONT_EXIT
        )
        if self.rate <= 0:
            raise MissingPart("eSpeak NG is there without its voices.", _FIX)
        self._collected: _Collector | None = None
        self._callback = _Callback(self._on_sound)  # kept: the library calls it
        library.espeak_SetSynthCallback(self._callback)

    def say(self, voice: str, text: str, speed: float, pitch: float) -> EspeakSound:
        """The whole of `text`.

        Raises:
            InvalidArgument: There is no such voice.
            SpeechFailed: It could not say it.
        """
        with self._speaking(voice, speed, pitch) as collected:
            data = text.encode() + b"\0"
            code = self._library.espeak_Synth(
                data, ctypes.c_size_t(len(data)), 0, _BY_CHARACTERS, 0, _UTF8, None, None
            )
            if code != 0:
                raise SpeechFailed(f"eSpeak NG could not say it (code {code}).")
            return EspeakSound(
                b"".join(collected.parts),
                self.rate,
                tuple(collected.phonemes),
                tuple(collected.words),
            )

    def phonemes(self, voice: str, text: str) -> str:
        """The IPA of `text`, without its punctuation.

        Raises:
            InvalidArgument: There is no such voice.
        """
        with self._speaking(voice, 1.0, 1.0):
            rest = ctypes.c_char_p(text.encode() + b"\0")
            pointer = ctypes.cast(rest, ctypes.c_void_p)
            clauses = []
            while pointer.value:
                found = self._library.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, _IPA)
                clauses.append((found or b"").decode(errors="ignore"))
            return " ".join(clauses)

    def _set_voice(self, name: str) -> bool:
        """Choose a voice by its own name, else by its language, as eSpeak's program does."""
        if self._library.espeak_SetVoiceByName(name.encode()) == 0:
            return True
        language, plus, variant = name.partition("+")
        wanted = _VoiceFacts(languages=language.encode())
        if self._library.espeak_SetVoiceByProperties(ctypes.byref(wanted)) != 0:
            return False
        if not plus:
            return True
        there = self._library.espeak_GetCurrentVoice().contents.identifier
        return bool(self._library.espeak_SetVoiceByName(there + b"+" + variant.encode()) == 0)

    @contextmanager
    def _speaking(self, voice: str, speed: float, pitch: float) -> Iterator[_Collector]:
        with self._lock:
            if not self._set_voice(voice):
                raise InvalidArgument(
                    f"eSpeak NG has no voice {voice!r:.40}.",
                    "Give a language it has, as de, fr, es, en-gb or cmn.",
                )
            rate = min(max(round(USUAL_RATE * speed), SLOWEST_RATE), FASTEST_RATE)
            self._library.espeak_SetParameter(_RATE, rate, 0)
            # 50 is the voice's own pitch; 0 and 100 are about an octave away.
            tone = min(max(round(USUAL_PITCH * pitch), 0), 99)
            self._library.espeak_SetParameter(_PITCH, tone, 0)
            self._collected = collected = _Collector()
            try:
                yield collected
            finally:
                self._collected = None

    def _on_sound(self, samples: Any, count: int, events: Any) -> int:
        if self._collected is not None:
            self._collected.take(samples, count, events)
        return 0


class _Collector:
    """What the library's callback brings."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.phonemes: list[tuple[str, float]] = []
        self.words: list[tuple[int, int, float]] = []

    def take(self, samples: Any, count: int, events: Any) -> None:
        if samples and count:
            self.parts.append(ctypes.string_at(samples, 2 * count))
        number = 0
        while (event := events[number]).type:
            number += 1
            seconds = event.audio_position / 1000
            if event.type == _PHONEME:
                symbol = event.id.string.decode(errors="ignore")
                self.phonemes.append((symbol, seconds))
            elif event.type == _WORD:
                self.words.append((event.text_position - 1, event.length, seconds))


_FIX = 'Run `pip install "ipyavatar[espeak]"` (eSpeak NG is GPL-3.0), then restart the kernel.'


@functools.cache
def load_espeak() -> EspeakLibrary:
    """The library of the extra, else the system's.

    Raises:
        MissingPart: There is none.
    """
    try:
        extra = importlib.import_module("espeakng_loader")
        path, data = extra.get_library_path(), extra.get_data_path()
    except ImportError:
        path, data = ctypes.util.find_library("espeak-ng"), None
    if not path:
        raise MissingPart("eSpeak NG is not installed.", _FIX)
    try:
        return EspeakLibrary(ctypes.CDLL(path), data)
    except (OSError, AttributeError, RuntimeError) as error:
        raise MissingPart(f"eSpeak NG cannot be loaded: {error}.", _FIX) from error
