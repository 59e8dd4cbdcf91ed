"""What clients choose from and nobody changes: avatars, languages, and voice agents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..emulator import ServiceCall, ServiceReply, ServiceRequest
from .replies import error, paginate, success
from .voices import VOICE_ID

AVATARS = (
    ("dd73ea75-1218-4ef3-92ce-606d5f7fbc0a", "Wayne"),
    ("0d3f35c4-0f7b-4d5a-9a4f-6f5d5f0c1a11", "Ann Therapist"),
    ("7b888024-f8c9-4205-95e1-78ce01497bda", "Shawn"),
)
LANGUAGES = ({"language": "English", "code": "en"},)


def catalogue_calls(key: Callable[[ServiceRequest], object]) -> Sequence[ServiceCall]:
    """The calls; what is public is told without a key."""
    avatar = "/v1/avatars/{avatar_id}"
    agents = "/v1/voice_agents"
    return (
        ServiceCall("avatars", "GET", "/v1/avatars/public", _list_avatars),
        ServiceCall("own_avatars", "GET", "/v1/avatars", _list_none, key),
        ServiceCall("avatar", "GET", avatar, _one_avatar, key),
        ServiceCall("change_avatar", "PATCH", avatar, _own_avatar, key),
        ServiceCall("delete_avatar", "DELETE", avatar, _own_avatar, key),
        ServiceCall("languages", "GET", "/v1/languages", _list_languages),
        ServiceCall("voice_agents", "GET", agents, _list_agents, key),
        ServiceCall("voice_agent", "GET", f"{agents}/{{agent_id}}", _one_agent, key),
    )


def _list_avatars(request: ServiceRequest) -> ServiceReply:
    return paginate(request, [_avatar_row(request, *avatar) for avatar in AVATARS])


def _list_none(request: ServiceRequest) -> ServiceReply:
    return paginate(request, [])


def _one_avatar(request: ServiceRequest) -> ServiceReply:
    for avatar in AVATARS:
        if avatar[0] == request.path["avatar_id"]:
            return success(_avatar_row(request, *avatar))
    return error(404, "Avatar not found")


def _own_avatar(request: ServiceRequest) -> ServiceReply:  # noqa: ARG001  # as every call
    """Only who made an avatar may change it, and nobody has made one here."""
    return error(404, "Avatar not found")


def _list_languages(request: ServiceRequest) -> ServiceReply:  # noqa: ARG001  # as every call
    return success([*LANGUAGES])


def _list_agents(request: ServiceRequest) -> ServiceReply:  # noqa: ARG001  # as every call
    """They are made in the service's own pages, so there is none."""
    return success([])


def _one_agent(request: ServiceRequest) -> ServiceReply:  # noqa: ARG001  # as every call
    return error(404, "Voice agent not found")


def _avatar_row(request: ServiceRequest, avatar_id: str, name: str) -> dict[str, Any]:
    return {
        "id": avatar_id,
        "type": "VIDEO",
        "status": "ACTIVE",
        "name": name,
        "preview_url": f"{request.base_url}/_twin/portrait.svg",
        "default_voice": {"id": VOICE_ID, "name": name},
        "is_1080p": False,
    }
