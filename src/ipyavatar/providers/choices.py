"""A name that is none where it was given, and one elsewhere: the message says where it belongs."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.quality import CHOICES, QUALITIES
from ..core.validate import require_known
from ..errors import UnknownName

SIZES = {str(height): name for name, (_, height) in QUALITIES.items()}
"""Lines of a picture of ours, and what that size is called here. (Services have other sizes.)"""


def require_choice(keyword: str, name: object, names: Iterable[str]) -> str:
    """`name` as it is among `names`; as `require_known`, with where else it would be one.

    For the embedded avatar's keywords, and for providers.

    Raises:
        UnknownName: It is not.
    """
    try:
        return require_known(keyword, name, names)
    except UnknownName as error:
        hint = _belongs(keyword, name)
        raise UnknownName(error.what, f"{hint} {error.fix}".strip()) from None


def _belongs(keyword: str, name: object) -> str:
    from ..engine.face import CHARACTERS
    from ..engine.voice import VOICES
    from ..engine.voice.languages import LANGUAGES

    if keyword == "quality":
        size = SIZES.get(str(name).lower().removesuffix("p")) if _is_plain(name) else None
        return f"That size is quality={size!r}." if size else ""
    if not isinstance(name, str):
        return ""
    if keyword == "voice" and (name in LANGUAGES or name == "espeak"):
        language = "de" if name == "espeak" else name
        return f"eSpeak NG has a voice for a language: voice='espeak:{language}'."
    kinds = {"character": CHARACTERS, "voice": VOICES, "quality": CHOICES}
    for kind, known in kinds.items():
        if kind != keyword and name.lower() in known:
            return f"It is a {kind}: give {kind}={name.lower()!r}."
    return ""


def _is_plain(name: object) -> bool:
    return type(name) in (str, int)
