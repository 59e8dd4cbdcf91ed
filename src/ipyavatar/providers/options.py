"""What the user may ask for, checked at the call: every mistake is named with its fix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from ..core.quality import CHOICES, begins
from ..core.speech import Mode
from ..engine.face import CHARACTERS
from ..engine.voice import VOICES
from ..errors import InvalidArgument, UnknownName
from ..protocol.host import Options, ServiceSettings
from .cloud.credentials import resolve_credentials
from .cloud.options import ServiceOptions, check_disable_idle_timeout
from .cloud.spec import SERVICES

PROVIDERS = ("embedded", *SERVICES)

SERVICE_KEYWORDS = (
    "api_key",
    "base_url",
    "avatar_id",
    "voice_id",
    "idle_timeout_s",
    "max_idle_s",
    "max_duration_s",
    "sandbox",
    "lite",
    "credits_per_minute",
    "relay",
)
"""What only paid services take."""


def validate_options(
    provider: object, character: object, voice: object, quality: object
) -> Options:
    """The options of a session, or an error that names what is wrong.

    Raises:
        UnknownName: No such provider, character, voice or quality.
    """
    require_known(kind="provider", name=provider, names=PROVIDERS)
    require_known(kind="character", name=character, names=CHARACTERS)
    require_known(kind="quality", name=quality, names=CHOICES)
    if voice is None:
        voice = voice_of(str(character))
    require_known(kind="voice", name=voice, names=VOICES)
    return Options(str(provider), str(character), str(voice), begins(str(quality)))


def validate_service(provider: str, quality: str, given: Mapping[str, Any]) -> ServiceSettings:
    """What a paid service's session is made of, with its key and place found.

    Raises:
        UnknownName: There is no such keyword.
        InvalidArgument: A value cannot work, or the key is missing.
    """
    options = {name: value for name, value in given.items() if value is not None}
    check_disable_idle_timeout(options.pop("disable_idle_timeout", None))
    if provider == "liveavatar":
        options.setdefault("lite", True)
    checked = ServiceOptions(quality=begins(quality), **options)
    _check_face(provider, checked)
    return ServiceSettings(
        resolve_credentials(provider, checked),
        **{
            name: getattr(checked, name)
            for name in ServiceSettings.__struct_fields__
            if name != "account"
        },
    )


def _check_face(provider: str, options: ServiceOptions) -> None:
    title = SERVICES[provider].title
    if not options.avatar_id and not options.sandbox and provider != "heygen":
        tip = " Or try sandbox=True, which has one." if provider == "liveavatar" else ""
        raise InvalidArgument(
            f"{title} has no default face.", f"Give avatar_id=, one of your account's.{tip}"
        )
    if provider != "liveavatar" and (options.lite or options.sandbox):
        raise InvalidArgument(f"{title} has no lite= and no sandbox=.", "Leave them out.")
    if options.relay is not None and SERVICES[provider].stream != "whep":
        raise InvalidArgument(f"{title} has no relay=.", "Leave it out.")
    if options.lite and options.voice_id is not None:
        raise InvalidArgument(
            "In LiveAvatar LITE our own voice speaks, so voice_id= has no effect.",
            "Choose one with voice=; ipyavatar.voices() lists them.",
        )


def check_mode(mode: object, options: Options) -> Mode:
    """`mode`, if the provider can speak that way.

    Raises:
        UnknownName: There is no such mode.
        InvalidArgument: The provider has no language model to talk with.
    """
    require_known("mode", mode, get_args(Mode))
    lite = options.service is not None and options.service.lite
    if mode == "talk" and (options.provider in ("embedded", "kaltura") or lite):
        who = "LiveAvatar LITE" if lite else f"The provider {options.provider!r}"
        raise InvalidArgument(
            f'{who} has no language model, so it cannot speak(mode="talk").',
            'Give it the words to say, or use Avatar("heygen").',
        )
    return cast(Mode, mode)


def voice_of(character: str) -> str:
    """The voice that goes with a character when the user names none."""
    hint = CHARACTERS[character].voice
    fitting = (name for name, info in VOICES.items() if info.description.startswith(hint))
    return next(fitting, next(iter(VOICES)))


def require_known(kind: str, name: object, names: Iterable[str]) -> None:
    """Raise unless `name` is one of `names`.

    Raises:
        UnknownName: It is not; the message lists them and guesses.
    """
    names = list(names)
    if name not in names:
        raise UnknownName.of(kind, name, names)
