"""Embeds: an address for an `iframe`, in which the service shows an avatar with a page of its own.

Here it shows the avatar's portrait: that page is the service's, and no session begins with it.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence

from ..emulator import ErrorReply, ServiceCall, ServiceReply, ServiceRequest, whole_number
from .replies import error, invalid, missing, success
from .texts import read_texts
from .token_body import is_truth

_TEXTS = {
    "avatar_id": (1, 200),
    "context_id": (1, 200),
    "voice_id": (1, 200),
    "default_language": (1, 5),
}
_CHOICES = {"type": ("DEFAULT", "WIDGET"), "orientation": ("horizontal", "vertical")}
_RATIOS = {"horizontal": "16/9", "vertical": "9/16"}


def embed_calls(
    new_id: Callable[[], str], key: Callable[[ServiceRequest], object]
) -> Sequence[ServiceCall]:
    """The calls, an older and a newer one; both want a key."""

    def embed(request: ServiceRequest) -> ServiceReply:
        body = request.json()
        texts = read_texts(request, _TEXTS, ("avatar_id",))
        _check(body)
        if texts["avatar_id"].startswith("no_such"):
            return error(404, "Avatar not found")
        url = f"{request.base_url}/_twin/portrait.svg?embed={new_id()}"
        ratio = _RATIOS[body.get("orientation", "horizontal")]
        script = (
            f'<iframe src="{html.escape(url)}" allow="microphone" title="LiveAvatar Embed" '
            f'style="aspect-ratio: {ratio};"></iframe>'
        )
        return success({"url": url, "script": script})

    return tuple(
        ServiceCall("embed", "POST", f"/{version}/embeddings", embed, key)
        for version in ("v2", "v1")
    )


def _check(body: Mapping[str, object]) -> None:
    """Refuse what is not documented.

    Raises:
        ErrorReply: With its name.
    """
    for name, choices in _CHOICES.items():
        if body.get(name, choices[0]) not in choices:
            raise ErrorReply(invalid(name, f"Input should be {' or '.join(choices)}", "enum"))
    if not is_truth(body.get("is_sandbox", False)):
        raise ErrorReply(invalid("is_sandbox", "Input should be a valid boolean", "bool_parsing"))
    seconds = "max_session_duration"
    if seconds in body and whole_number(body[seconds], lax=True) is None:
        raise ErrorReply(invalid(seconds, "Input should be a valid integer", "int_type"))
    if "voice_agent" not in body:
        return
    agent = body["voice_agent"]
    if "voice_id" in body or "context_id" in body:
        words = "voice_agent excludes voice_id and context_id"
        raise ErrorReply(invalid("voice_agent", words, "value_error"))
    if not isinstance(agent, Mapping) or not agent.get("id"):
        raise ErrorReply(missing("voice_agent.id"))
