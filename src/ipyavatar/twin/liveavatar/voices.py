"""Voices: one of the twin's own, and those that clients bring from other services."""

from __future__ import annotations

import base64
import io
import math
import struct
import wave
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from ..emulator import ServiceCall, ServiceReply, ServiceRequest
from ..records import Records
from .integrations import Secrets
from .replies import MADE_AT, error, invalid, iso_time, missing, paginate, success
from .texts import read_texts

VOICE_ID = "c2527536-6d1f-4412-a643-53a3497dada9"
_TEXTS = {
    "secret_id": (1, 36),
    "provider_voice_id": (1, 255),
    "voice_id": (1, 255),
    "name": (0, 255),
}
_PREVIEW_HZ, _PREVIEW_S, _TONE_HZ = 16_000, 0.5, 220.0


class Voices:
    """Those of others have no sound of their own: every session has the twin's voice.

    Args:
        new_id: Makes the id of a voice that is brought.
        secrets: The keys of the services it may come from.
    """

    def __init__(self, new_id: Callable[[], str], secrets: Secrets) -> None:
        self._brought = Records("Voice", new_id, error)
        self._secrets = secrets

    def calls(self, key: Callable[[ServiceRequest], object]) -> Sequence[ServiceCall]:
        """Its calls; all want a key."""
        one = "/v1/voices/{voice_id}"
        return (
            ServiceCall("voices", "GET", "/v1/voices", self._list, key),
            ServiceCall("bring_voice", "POST", "/v1/voices/third_party", self._bring, key),
            ServiceCall("voice", "GET", one, self._one, key),
            ServiceCall("voice_preview", "GET", f"{one}/preview", self._preview, key),
        )

    def _list(self, request: ServiceRequest) -> ServiceReply:
        kind = request.query.get("voice_type", "public")
        if kind not in ("public", "private"):
            return invalid("voice_type", "Input should be public or private", "enum", "query")
        return paginate(request, [_OWN] if kind == "public" else [*self._brought])

    def _one(self, request: ServiceRequest) -> ServiceReply:
        return success({**self._find(request)})

    def _preview(self, request: ServiceRequest) -> ServiceReply:
        self._find(request)
        return success({"audio_base64": base64.b64encode(make_preview()).decode()})

    def _bring(self, request: ServiceRequest) -> ServiceReply:
        texts = read_texts(request, _TEXTS, ("secret_id",))
        # The guides call it `voice_id`.
        theirs = texts.get("provider_voice_id") or texts.get("voice_id")
        if theirs is None:
            return missing("provider_voice_id")
        self._secrets.check(texts["secret_id"])
        voice = self._brought.add(_voice(texts.get("name") or theirs, request.now))
        return success({"voice_id": voice["id"]})

    def _find(self, request: ServiceRequest) -> dict[str, Any]:
        """The voice of the path.

        Raises:
            ErrorReply: There is none.
        """
        voice_id = request.path["voice_id"]
        return _OWN if voice_id == VOICE_ID else self._brought.find(voice_id)


def _voice(name: str, now: float) -> dict[str, Any]:
    return {
        "name": name,
        "language": "en",
        "gender": "male",
        "created_at": iso_time(now),
        "updated_at": iso_time(now),
        "tags": [],
        "description": "",
    }


_OWN = {"id": VOICE_ID, **_voice("Wayne", MADE_AT)}


@cache
def make_preview() -> bytes:
    """Half a second of a tone, a WAV file: what a voice sounds like is not known without media."""
    count = int(_PREVIEW_HZ * _PREVIEW_S)
    turn = 2 * math.pi * _TONE_HZ / _PREVIEW_HZ
    # It swells and fades, so that it does not click.
    loud = [8000 * math.sin(math.pi * i / count) * math.sin(turn * i) for i in range(count)]
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(_PREVIEW_HZ)
        writer.writeframes(struct.pack(f"<{count}h", *(round(sample) for sample in loud)))
    return file.getvalue()
