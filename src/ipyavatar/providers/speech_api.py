"""`SpeechApi`: a voice behind an OpenAI-compatible speech address, as the user names it."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

from ..core.loopback import is_loopback, warn_of_plain_http
from ..core.secret import NoKey, Secret, hide
from ..errors import InvalidArgument
from ..protocol.options import AddressVoice

KEY_VARIABLE = "IPYAVATAR_SPEECH_KEY"
OPENAI_VARIABLE = "OPENAI_API_KEY"
"""Counts for OpenAI's own address alone: no other one is sent that key."""

OPENAI_HOST = "api.openai.com"
PATH = "/v1/audio/speech"


class SpeechApi:
    """A voice behind an OpenAI-compatible speech address: OpenAI's own, or a server of yours.

        Avatar(voice=SpeechApi("https://api.openai.com/v1/audio/speech", voice="coral"))

    Args:
        url: Its address; `/v1/audio/speech` is added where there is no path.
        model: Which of its models.
        voice: Which of the model's voices.
        key: What it asks for; `$IPYAVATAR_SPEECH_KEY` when not given, and for OpenAI's own address
            `$OPENAI_API_KEY`. A server without keys needs none.
        sample_rate: Of the plain samples it sends, where its answers do not say.

    Raises:
        InvalidArgument: The address or the key cannot be one.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str = "tts-1",
        voice: str = "alloy",
        key: str | Secret | None = None,
        sample_rate: int = 24_000,
    ) -> None:
        url, key = hide(url), hide(key)  # type: ignore[assignment]  # verbose tracebacks show them
        address = _check_address(url)
        for name, value in (("model", model), ("voice", voice)):
            if not isinstance(value, str) or not value.strip():
                raise InvalidArgument(f"SpeechApi has no {name}={value!r:.80}.", "Give its name.")
        from ..engine.sound.samples import check_rate  # late: with numpy

        found = _find_key(key, address)
        if found is not None and urlsplit(address).scheme == "http":
            host = urlsplit(address).hostname or ""
            if not is_loopback(host):
                warn_of_plain_http(host)
        self.options = AddressVoice(address, model, voice, found, check_rate(sample_rate))
        """As they go to the host; the key is hidden."""

    def __repr__(self) -> str:
        host = urlsplit(self.options.url).hostname
        return f"<SpeechApi {host}: {self.options.model}, {self.options.voice}>"


def _check_address(url: object) -> str:
    problem = _problem_of(url)
    if problem:
        fix = "Give one like https://example.com/v1/audio/speech."
        raise InvalidArgument(f"The speech address {problem}.", fix)
    assert isinstance(url, Secret)  # noqa: S101  # else it has a problem
    parts = urlsplit(url.reveal().strip())
    path = parts.path.rstrip("/")
    if not path:
        path = PATH
    elif path.endswith("/v1"):
        path += "/audio/speech"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _problem_of(url: object) -> str:
    """Why it cannot work, without a part of it, for any may be a secret; empty where it can."""
    if not isinstance(url, Secret):
        return f"is of type {url.type_name}" if isinstance(url, NoKey) else "is missing"
    try:
        parts = urlsplit(url.reveal().strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    if parts.username or parts.password:
        return "holds a user name or password"
    if any(char.isspace() for char in url.reveal().strip()):
        return "holds a space or a line break"
    if parts.scheme not in {"http", "https"} or not host:
        return "is not an http(s) URL of a host"
    return ""


def _find_key(key: object, address: str) -> Secret | None:
    if isinstance(key, NoKey):
        raise InvalidArgument(f"key= is of type {key.type_name}.", "Give text.")
    if key is None:
        key = Secret(os.environ.get(KEY_VARIABLE, "").strip())
        if not key and urlsplit(address).hostname == OPENAI_HOST:
            key = Secret(os.environ.get(OPENAI_VARIABLE, "").strip())
    assert isinstance(key, Secret)  # noqa: S101  # `hide` gives nothing else
    if not key:
        return None
    text = key.reveal()
    if not text.isascii() or any(c.isspace() or not c.isprintable() for c in text):
        raise InvalidArgument(
            "The key of the speech address holds characters no key has.",
            f"Copy it again, without quotes or line breaks, into key= or {KEY_VARIABLE}.",
        )
    return key
