"""The speech network and its pronunciation: loaded once, shared by all voices of the process."""

from __future__ import annotations

import functools
import importlib.resources
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.address_space import require_address_space
from ...core.libraries import broken_library
from ...core.log import get_logger
from ...core.memory import release_free_memory
from ...core.threads import GuardedThread
from ...errors import MissingPart, SpeechFailed
from .onnx_output import with_output
from .timbre import HOP, SAMPLE_RATE, Spectrum

_log = get_logger(__name__)

DURATIONS = "/Cast_32_output_0"
"""The inner tensor with the length of each phoneme; its name belongs to hibari-tts 0.2."""

UNIT = 0.025
"""Seconds per unit of duration: two frames of 300 samples at 24 kHz."""

LATE = 0.05
"""Seconds by which the network's durations lag its sound. Measured by correlating them with the
hiss of s z ʃ (50 ms) and with the voicing of its own pitch curve (55 ms) over seven sentences."""

_FRAMES_PER_UNIT = round(UNIT * SAMPLE_RATE / HOP)
_PAD = 0
_WRONG_MODEL = "The voice model has no usable phoneme timings."
_FIX_MODEL = 'Install the version this package was made for: pip install "hibari-tts==0.2.*".'


@dataclass(frozen=True, slots=True)
class Token:
    """A spoken word or mark.

    Attributes:
        text: As the pronunciation read it.
        phonemes: Its phonemes, one character each; may be empty.
        space: Whether a space follows.
    """

    text: str
    phonemes: str
    space: bool


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network says about a run of phonemes.

    Attributes:
        spectrum: What to sound like.
        edges: `float64[n + 3]` seconds: the leading pad, each phoneme and the trailing pad begin
            and end there, so phoneme `i` lasts from `edges[i + 1]` to `edges[i + 2]`.
    """

    spectrum: Spectrum
    edges: NDArray[np.float64]


class Model:
    """The network and the pronunciation; safe to use from several threads."""

    def __init__(self) -> None:
        require_address_space("onnxruntime")
        try:
            import onnxruntime as ort

            from .pronunciation import load_pronunciation
        except ModuleNotFoundError as error:
            raise MissingPart(
                "The embedded voice is not installed.",
                'Run: pip install "hibari-tts==0.2.*" onnxruntime',
            ) from error
        except Exception as error:  # as a library without one of the system's raises
            raise broken_library(error) from error
        assets = importlib.resources.files("hibari") / "assets"
        options = ort.SessionOptions()
        # More threads make it no faster and take the core the picture is drawn on.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Its own memory pool would keep what the longest sentence took, 60 MB.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        graph = with_output((assets / "hibari.onnx").read_bytes(), DURATIONS)
        try:
            self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ort's own errors have no public base class
            raise SpeechFailed(_WRONG_MODEL, _FIX_MODEL) from error
        # Kept for making the session anew with another provider, which nobody will.
        self._session._model_bytes = None
        self._run_options = ort.RunOptions
        self._ids: dict[str, int] = json.loads((assets / "vocab.json").read_text("utf-8"))
        self._g2p = load_pronunciation()
        self._g2p_lock = threading.Lock()

    def tokens(self, text: str) -> list[Token]:
        """The words of `text` with their phonemes; numbers and the like become words."""
        try:
            raw = self._pronounce(text)
        except Exception:  # not ours: one odd word must not silence a sentence
            _log.debug("The pronunciation failed on a sentence; going word by word.", exc_info=True)
            raw = list(self._word_by_word(text))
        known = self._ids
        return [
            Token(t.text, "".join(c for c in t.phonemes or "" if c in known), bool(t.whitespace))
            for t in raw
        ]

    def _pronounce(self, text: str) -> list[Any]:
        from hibari.g2p.normalize import normalize

        with self._g2p_lock:
            return list(self._g2p.phonemize_tokens(self._g2p.tokenize(normalize(text))))

    def _word_by_word(self, text: str) -> Iterator[Any]:
        for word in text.split():
            try:
                tokens = self._pronounce(word)
            except Exception:
                _log.warning("The voice left out a word that it cannot pronounce.", exc_info=True)
                continue
            if tokens:
                tokens[-1].whitespace = " "
            yield from tokens

    def predict(
        self, phonemes: str, speed: float, cancel: threading.Event | None = None
    ) -> Prediction | None:
        """Run the network on `phonemes`; None when `cancel` came first.

        Raises:
            SpeechFailed: the network failed, or its timings do not fit its sound.
        """
        ids = [_PAD, *(self._ids[c] for c in phonemes), _PAD]
        feed: dict[str, NDArray[Any]] = {
            "ids": np.asarray([ids], np.int64),
            "speed": np.asarray([speed], np.float32),
        }
        outputs = self._run(feed, cancel)
        if outputs is None:
            return None
        *parts, durations = outputs
        harmonic, phase, noise, free, free_phase, f0 = (part[0] for part in parts)
        units = durations.reshape(-1)
        if len(units) != len(ids) or int(units.sum()) * _FRAMES_PER_UNIT != len(f0):
            raise SpeechFailed(_WRONG_MODEL, _FIX_MODEL)
        edges = np.concatenate([[0.0], np.cumsum(units)]) * UNIT
        edges = np.maximum(edges - LATE, 0.0)
        return Prediction(Spectrum(harmonic, phase, noise, free, free_phase, f0), edges)

    def _run(
        self, feed: dict[str, NDArray[Any]], cancel: threading.Event | None
    ) -> list[NDArray[Any]] | None:
        """One run of the network, ended early by `cancel`."""
        options = self._run_options()
        done = threading.Event()

        def watch(event: threading.Event) -> None:
            # A run cannot wait for an event itself; 5 ms is well under one 20 ms audio packet.
            while not done.wait(0.005):
                if event.is_set():
                    options.terminate = True
                    return

        if cancel is not None:
            GuardedThread(target=watch, args=(cancel,), daemon=True).start()
        try:
            return list(self._session.run(None, feed, options))
        except Exception as error:  # ort's own errors have no public base class
            if cancel is not None and cancel.is_set():
                return None
            raise SpeechFailed("The voice could not say this text.") from error
        finally:
            done.set()


_load_lock = threading.Lock()


def shared_model() -> Model:
    """The one model of this process; the first call loads it (about 2 s of CPU), others wait."""
    with _load_lock:
        return _load()


@functools.cache
def _load() -> Model:
    model = Model()
    # The unknown-word reader and the network's first run cost about 0.1 s: pay now. And an
    # unfitting model is found here, not in the middle of a speech.
    phonemes = "".join(token.phonemes for token in model.tokens("Hello, ipyavatar."))
    model.predict(phonemes, 1.0)
    release_free_memory()  # what loading took for a moment
    return model
