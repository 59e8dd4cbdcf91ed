"""Who speaks, where we speak: what the user gave for `voice=` and what goes with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..core.paths import is_file, path_of
from ..core.secret import Secret
from ..core.validate import number_of, refuse_class, require_fits
from ..errors import InvalidArgument, UnknownName, describe, type_name
from ..protocol.options import (
    AddressVoice,
    EspeakVoice,
    FunctionVoice,
    OtherVoice,
    PiperVoice,
    VoiceOptions,
)
from .choices import require_choice

SLOWEST, FASTEST = 0.5, 2.0
ESPEAK = "espeak:"


class ChosenVoice(NamedTuple):
    """Who speaks: the name of one of ours, empty where another one does; and how."""

    voice: str
    speech: VoiceOptions


def choose_voice(keywords: Mapping[str, Any], character: str = "ava") -> ChosenVoice:
    """What the user gave for `voice`, `speed`, `pitch`, `language` and `voice_timeout_s`.

    Raises:
        UnknownName: There is no such voice or language.
        InvalidArgument: It cannot be one, or something would have no effect.
    """
    __tracebackhide__ = True
    voice = keywords.get("voice")
    other = _other_voice(voice)
    speed, pitch = (_factor(name, keywords.get(name)) for name in ("speed", "pitch"))
    _check_effects(other, keywords)
    language = _language(keywords.get("language"), other)
    timeout_s = _seconds(keywords.get("voice_timeout_s", VoiceOptions().timeout_s))
    name = "" if other is not None else _own_voice(voice, character)
    return ChosenVoice(name, VoiceOptions(other, speed, pitch, language, timeout_s))


def _own_voice(voice: object, character: str) -> str:
    from ..engine.face import CHARACTERS
    from ..engine.voice import VOICES

    if voice is None:
        hint = CHARACTERS[character].voice
        fitting = (name for name, info in VOICES.items() if info.description.startswith(hint))
        return next(fitting, next(iter(VOICES)))
    return require_choice("voice", voice, VOICES)


def _other_voice(voice: object) -> OtherVoice | None:
    """Who speaks that is none of ours; None where it is one of ours, or has to be."""
    from .speech_api import SpeechApi

    if isinstance(voice, SpeechApi):
        return voice.options
    if isinstance(voice, Secret):  # an address, which was hidden until here
        return SpeechApi(voice).options  # type: ignore[arg-type]
    if isinstance(voice, os.PathLike) or (isinstance(voice, str) and voice.endswith(".onnx")):
        return _piper(path_of("voice=", voice))
    if isinstance(voice, str) and voice.startswith(ESPEAK):
        return _espeak(voice.removeprefix(ESPEAK).strip())
    refuse_class("voice=", voice, SpeechApi)
    if callable(voice):
        require_fits("voice", voice, "a text", "text")
        name = getattr(voice, "__name__", type_name(voice))
        return FunctionVoice(str(name)[:80])
    if voice is not None and not isinstance(voice, str):
        raise InvalidArgument(
            f"voice= takes no {type_name(voice)}.",
            "Give a name, a Piper model file, a speech address, or a function of a text.",
        )
    return None


def _piper(path: Path) -> PiperVoice:
    if path.suffix != ".onnx":
        raise InvalidArgument(f"{str(path)!r} is no Piper model.", "Give its .onnx file.")
    for file in (path, path.with_name(f"{path.name}.json")):
        if not is_file(file):
            fix = "A Piper voice is two files side by side: name.onnx and name.onnx.json."
            raise InvalidArgument(f"There is no file {str(file)!r:.300}.", fix)
    return PiperVoice(str(path.resolve()))


def _espeak(name: str) -> EspeakVoice:
    if not name or not all(part.isalnum() for part in name.replace("+", "-").split("-")):
        what = f"There is no eSpeak voice {describe(name)}."
        raise InvalidArgument(what, 'Give a language, such as voice="espeak:de".')
    return EspeakVoice(name)


def _check_effects(other: OtherVoice | None, keywords: Mapping[str, Any]) -> None:
    dead: tuple[str, ...]
    match other:
        case FunctionVoice():
            dead = ("pitch", "speed")
        case AddressVoice() | PiperVoice():
            dead = ("pitch",)
        case _:
            dead = ()
    for name in dead:
        if name in keywords:
            what = f"{name}= would have no effect on that voice."
            raise InvalidArgument(what, "Leave it out, or choose another voice.")
    if other is None and "voice_timeout_s" in keywords:
        what = "voice_timeout_s= would have no effect on a voice of ours."
        raise InvalidArgument(what, "It is for functions and speech addresses: leave it out.")


def _factor(name: str, value: object) -> float:
    number = 1.0 if value is None else number_of(value)
    if number is None or not SLOWEST <= number <= FASTEST:
        raise InvalidArgument(
            f"{name}={describe(value)} cannot work.", f"Give {SLOWEST} to {FASTEST}; 1 is as usual."
        )
    return number


def _seconds(value: object) -> float:
    number = number_of(value)
    if number is None or not 0 < number <= 600:
        raise InvalidArgument(
            f"voice_timeout_s={describe(value)} cannot work.",
            "Give seconds, more than 0, up to 600.",
        )
    return number


def _language(language: object, other: OtherVoice | None) -> str:
    """The language of the texts: as told, else the voice's own, else English."""
    from ..engine.voice.languages import LANGUAGES, base_of

    if language is None:
        return base_of(other.name) if isinstance(other, EspeakVoice) else "en"
    if not isinstance(language, str) or base_of(language) not in LANGUAGES:
        raise UnknownName.of("language", language, LANGUAGES)
    if other is None and base_of(language) != "en":
        raise InvalidArgument(
            f"language={describe(language)} cannot work: our own voices read English.",
            f'Choose another voice: "espeak:{base_of(language)}", a Piper model, a speech address.',
        )
    return base_of(language)
