"""What clients of HeyGen choose from, and what they have left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..emulator import ServiceCall, ServiceReply, ServiceRequest
from .replies import success

AVATARS = ("Ann_Therapist_public", "Bryan_Coach_public", "Elenora_IT_Sitting_public")
VOICE_ID = "twin-voice"
REMAINING_QUOTA = 6000


def catalogue_calls(key: Callable[[ServiceRequest], object]) -> Sequence[ServiceCall]:
    """The calls; all want a key."""
    return (
        ServiceCall("avatars", "GET", "/v1/streaming/avatar.list", _list_avatars, key),
        ServiceCall("voices", "GET", "/v2/voices", _list_voices, key),
        ServiceCall("quota", "GET", "/v2/user/remaining_quota", _tell_quota, key),
    )


def _list_avatars(request: ServiceRequest) -> ServiceReply:
    return success(
        [
            {
                "avatar_id": avatar,
                "created_at": 1_700_000_000,
                "default_voice": VOICE_ID,
                "is_public": True,
                "normal_preview": f"{request.base_url}/_twin/portrait.svg",
                "pose_name": avatar.replace("_", " ").removesuffix(" public"),
                "status": "ACTIVE",
            }
            for avatar in AVATARS
        ]
    )


def _list_voices(request: ServiceRequest) -> ServiceReply:  # noqa: ARG001  # as every call
    voice = {
        "voice_id": VOICE_ID,
        "name": "Twin",
        "language": "English",
        "gender": "male",
        "preview_audio": None,
        "support_pause": False,
        "emotion_support": False,
        "support_interactive_avatar": True,
    }
    return success({"voices": [voice]})


def _tell_quota(request: ServiceRequest) -> ServiceReply:  # noqa: ARG001  # as every call
    data = {"remaining_quota": REMAINING_QUOTA, "details": {"api": REMAINING_QUOTA}}
    return success(data)
