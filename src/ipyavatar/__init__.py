"""Live, talking avatars inside a notebook cell.

    from ipyavatar import Avatar

    avatar = Avatar()
    avatar                      # shown inline
    avatar.speak("Hello!")

Importing this package costs next to nothing; what a name needs is imported when it is first used.
"""

from __future__ import annotations

import importlib
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from . import errors
    from .api.catalogue import avatars, characters, contexts, voices
    from .api.doctor import doctor
    from .api.lesson_movie import record_lesson
    from .api.notebook_lesson import lesson
    from .api.run import run
    from .api.sessions import sessions, stop_all
    from .api.usage import usage
    from .client.chat_model import ChatModel
    from .client.session import AvatarSession
    from .client.transcription_api import TranscriptionApi
    from .core.speech import Speech
    from .engine.sound.audio import Audio
    from .providers.speech_api import SpeechApi
    from .widget.avatar import Avatar

__version__ = "0.1.0"
__all__ = [
    "Audio",
    "Avatar",
    "AvatarSession",
    "ChatModel",
    "Speech",
    "SpeechApi",
    "TranscriptionApi",
    "avatars",
    "characters",
    "contexts",
    "doctor",
    "errors",
    "lesson",
    "record_lesson",
    "run",
    "sessions",
    "stop_all",
    "usage",
    "voices",
]

_HOME = {
    "Audio": "engine.sound.audio",
    "Avatar": "widget.avatar",
    "AvatarSession": "client.session",
    "ChatModel": "client.chat_model",
    "Speech": "core.speech",
    "SpeechApi": "providers.speech_api",
    "TranscriptionApi": "client.transcription_api",
    "avatars": "api.catalogue",
    "characters": "api.catalogue",
    "contexts": "api.catalogue",
    "voices": "api.catalogue",
    "doctor": "api.doctor",
    "lesson": "api.notebook_lesson",
    "record_lesson": "api.lesson_movie",
    "run": "api.run",
    "sessions": "api.sessions",
    "stop_all": "api.sessions",
    "usage": "api.usage",
}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext ipyavatar`: the cell magics `%%speak` and `%%present`."""
    importlib.import_module(f"{__name__}.widget.magics").register(shell)


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(_load(_HOME[name]), name)
    if name == "errors":
        return importlib.import_module(f"{__name__}.errors")
    from .core.near_miss import no_attribute

    raise no_attribute(f"module {__name__!r} has no attribute {name!r}", name, _HOME)


def _load(module: str) -> types.ModuleType:
    """A module of ours.

    Raises:
        ImportError: A module that it needs is another one of that name. As an AttributeError it
            would read as if there were no such name here, and the cause would not be told.
    """
    try:
        return importlib.import_module(f"{__name__}.{module}")
    except AttributeError as error:
        other = error.obj if isinstance(error.obj, types.ModuleType) else None
        file = getattr(other, "__file__", None)
        where = f" It is {file}: if that file is yours, give it another name." if file else ""
        raise ImportError(f"ipyavatar cannot be loaded: {error}.{where}") from error


def __dir__() -> list[str]:
    return sorted(__all__)
