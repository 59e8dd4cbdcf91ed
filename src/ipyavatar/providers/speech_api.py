"""`SpeechApi`: a voice behind an OpenAI-compatible speech address, as the user names it."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..core.secret import Secret, hide, hide_keys
from ..core.text import plain_text
from ..errors import InvalidArgument, describe
from ..protocol.options import AddressVoice
from .api_address import check_address, find_key

KEY_VARIABLE = "IPYAVATAR_SPEECH_KEY"
CALL = "/audio/speech"


class SpeechApi:
    """A voice behind an OpenAI-compatible speech address: OpenAI's own, or a server of yours.

        Avatar(voice=SpeechApi("https://api.openai.com/v1/audio/speech", voice="coral"))

    Args:
        url: Its address; `/v1/audio/speech` is added where there is no path.
        model: Which of its models.
        voice: Which of the model's voices.
        api_key: What it asks for; `$IPYAVATAR_SPEECH_KEY` when not given, and for OpenAI's own
            address `$OPENAI_API_KEY`. A server without keys needs none.
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
        api_key: str | Secret | None = None,
        sample_rate: int = 24_000,
    ) -> None:
        url, key = hide(url), hide(api_key)  # type: ignore[assignment]  # verbose tracebacks show them
        api_key = None
        model, voice, sample_rate = hide_keys(model, voice, sample_rate)
        address = check_address(url, CALL, "speech address")
        for name, value in (("model", model), ("voice", voice)):
            if not isinstance(value, str) or not value.strip():
                raise InvalidArgument(
                    f"SpeechApi has no {name}={describe(value)}.", "Give its name."
                )
        from ..engine.sound.samples import check_rate  # late: with numpy

        found = find_key(key, address, KEY_VARIABLE, "speech address")
        rate = check_rate(sample_rate)
        self.options = AddressVoice(address, plain_text(model), plain_text(voice), found, rate)
        """As they go to the host; the key is hidden."""

    def __repr__(self) -> str:
        if "options" not in vars(self):  # its making has failed: a verbose traceback shows it
            return "<SpeechApi, not made>"
        host = urlsplit(self.options.url).hostname
        return f"<SpeechApi {host}: {self.options.model}, {self.options.voice}>"
