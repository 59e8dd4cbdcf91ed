"""A Piper voice, from its model file: phonemes by eSpeak NG, sound by ONNX Runtime."""

from __future__ import annotations

# ruff: noqa: RUF001 - punctuation of other scripts
import json
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ...core.address_space import require_address_space
from ...errors import InvalidArgument, SpeechFailed
from ...protocol.options import VoiceOptions
from ..sound_lips import loudness
from .base import VoiceChunk, Word
from .espeak_library import load_espeak
from .language_reading import read_sentence
from .sentence_by_sentence import say_sentences

_START, _END, _PAD = "^", "$", "_"
_CLAUSE = re.compile(r"([.,;:!?。、，！？；：]+)")
_MARKS = {"。": ".", "、": ",", "，": ",", "！": "!", "？": "?", "；": ";", "：": ":"}
_SWITCH = re.compile(r"\([a-z-]+\)")
"""eSpeak marks a word that it reads as another language's: `(en)`."""

FIX = "Download the voice again: name.onnx and name.onnx.json."


class PiperConfig(msgspec.Struct, frozen=True):
    """What of a voice's `.json` is needed.

    Attributes:
        sample_rate: Of its sound.
        espeak_voice: Whose phonemes it was trained on; empty where its letters are phonemes.
        ids: The numbers of each phoneme.
        scales: Noise, length and noise of lengths.
        speakers: How many it has.
        language: Of its texts.
    """

    sample_rate: int
    espeak_voice: str
    ids: Mapping[str, list[int]]
    scales: tuple[float, float, float]
    speakers: int
    language: str


def read_config(path: Path) -> PiperConfig:
    """The `.json` of the model at `path`.

    Raises:
        InvalidArgument: It is damaged, or of something else.
    """
    name = path.with_name(f"{path.name}.json")
    try:
        data = json.loads(name.read_text("utf-8"))
        inference = data.get("inference", {})
        by_text = data.get("phoneme_type", "espeak") == "text"
        voice = "" if by_text else str(data["espeak"]["voice"])
        config = PiperConfig(
            sample_rate=int(data["audio"]["sample_rate"]),
            espeak_voice=voice,
            ids={str(k): [int(one) for one in v] for k, v in data["phoneme_id_map"].items()},
            scales=(
                float(inference.get("noise_scale", 0.667)),
                float(inference.get("length_scale", 1.0)),
                float(inference.get("noise_w", 0.8)),
            ),
            speakers=int(data.get("num_speakers", 1)),
            language=str(data.get("language", {}).get("code") or voice or "en"),
        )
        if config.sample_rate < 4_000 or not {_START, _END, _PAD} <= set(config.ids):
            raise ValueError("it has no rate, or no phonemes")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = f"The Piper voice {str(name)!r} cannot be read: {error!r:.120}."
        raise InvalidArgument(what, FIX) from error
    return config


def load_piper(path: str, options: VoiceOptions, notify: Callable[[str], object]) -> PiperVoice:
    """The voice at `path`, loaded: that takes seconds.

    Raises:
        InvalidArgument: The model is damaged.
        MissingPart: eSpeak NG is not installed.
    """
    file = Path(path)
    config = read_config(file)
    if config.espeak_voice:
        load_espeak()  # before the seconds that follow
    return PiperVoice(file, config, _load_model(file), options, notify)


def _load_model(path: Path) -> Any:
    require_address_space("onnxruntime")
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    try:
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        names = {one.name for one in session.get_inputs()}
    except Exception as error:  # ort's own errors have no public base class
        what = f"The Piper model {str(path)!r} is damaged."
        raise InvalidArgument(what, FIX) from error
    if not {"input", "input_lengths", "scales"} <= names:
        raise InvalidArgument(f"{str(path)!r} is no Piper model.", FIX)
    return session


class PiperVoice:
    """One model, loaded.

    Attributes:
        name: Of its file.
    """

    def __init__(
        self,
        path: Path,
        config: PiperConfig,
        session: Any,
        options: VoiceOptions,
        notify: Callable[[str], object],
    ) -> None:
        self.name = path.stem
        self._config = config
        self._session = session
        self._options = options
        self._notify = notify
        self._language = config.language if options.language == "en" else options.language
        self._loud = 0.0

    def warm(self) -> None:
        """It is loaded."""

    def unreadable(self, text: str) -> str:
        """It reads, or spells, what it is given."""
        del text
        return ""

    def stream(self, text: str, cancel: threading.Event) -> Iterator[VoiceChunk]:
        """Speak `text`, sentence by sentence; what fails is skipped, and told.

        Raises:
            AvatarError: Nothing of it could be said.
        """
        return say_sentences(text, self._language, self._say, self._tell, cancel)

    def _tell(self, left_out: str) -> None:
        self._notify(f"The voice {self.name} {left_out}")

    def _say(self, written: str) -> VoiceChunk:
        ids = self._phoneme_ids(read_sentence(written, self._language))
        audio = self._run(ids)
        self._loud = max(self._loud * 0.9, loudness(audio))
        seconds = len(audio) / self._config.sample_rate
        words = _spread(written, seconds)
        return VoiceChunk(audio, self._config.sample_rate, (), words, written, self._loud)

    def _phoneme_ids(self, read: str) -> list[int]:
        known = self._config.ids
        ids = [*known[_START], *known[_PAD]]
        found = 0
        for phoneme in self._phonemes(read):
            if phoneme in known:
                found += phoneme not in " .,;:!?"
                ids += [*known[phoneme], *known[_PAD]]
        if not found:
            raise SpeechFailed("It has no phonemes for it.")
        return [*ids, *known[_END]]

    def _phonemes(self, read: str) -> Iterator[str]:
        """The phonemes of a sentence, with its punctuation, which the model speaks by."""
        if not self._config.espeak_voice:
            yield from unicodedata.normalize("NFD", read.lower())
            return
        espeak = load_espeak()
        for number, part in enumerate(_CLAUSE.split(read)):
            if number % 2:
                yield from (_MARKS.get(mark, mark) for mark in part[:1])
                yield " "
            elif part.strip():
                said = espeak.phonemes(self._config.espeak_voice, part)
                yield from unicodedata.normalize("NFD", _SWITCH.sub("", said).strip())

    def _run(self, ids: list[int]) -> NDArray[np.float32]:
        noise, length, noise_w = self._config.scales
        scales = np.array([noise, length / self._options.speed, noise_w], np.float32)
        feed = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": scales,
        }
        if self._config.speakers > 1:
            feed["sid"] = np.array([0], np.int64)
        try:
            audio = np.asarray(self._session.run(None, feed)[0], np.float32).reshape(-1)
        except Exception as error:  # ort's own errors have no public base class
            raise SpeechFailed(f"The model failed: {error!r:.120}.") from error
        if not len(audio) or not np.isfinite(audio).all():
            raise SpeechFailed("The model gave no sound.", FIX)
        peak = float(np.abs(audio).max())
        return audio / peak if peak > 1 else audio


def _spread(written: str, seconds: float) -> tuple[Word, ...]:
    """Words by their length: the model does not tell their times."""
    whole = sum(len(word) + 1 for word in written.split())
    words, at = [], 0
    for word in written.split():
        words.append(Word(word, seconds * at / whole, seconds * (at + len(word) + 1) / whole))
        at += len(word) + 1
    return tuple(words)
