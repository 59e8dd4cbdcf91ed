"""HeyGen's knowledge bases: what `talk` may draw on, made and changed by clients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..emulator import ErrorReply, ServiceCall, ServiceReply, ServiceRequest
from ..records import Records
from .replies import BAD_PARAMETER, NOT_FOUND, error, success

MAX_TEXT = 100_000
_TEXTS = ("name", "opening", "prompt")
_PATH = "/v1/streaming/knowledge_base"


class KnowledgeBases:
    """The twin's responder answers; it reads none of them.

    Args:
        new_id: Makes the id of one.
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._bases = Records("Knowledge base", new_id, _error)

    def calls(self, key: Callable[[ServiceRequest], object]) -> Sequence[ServiceCall]:
        """Its calls; all want a key."""
        one = f"{_PATH}/{{knowledge_base_id}}"
        return (
            ServiceCall("knowledge_bases", "GET", f"{_PATH}/list", self._list, key),
            ServiceCall("new_knowledge_base", "POST", f"{_PATH}/create", self._new, key),
            ServiceCall("change_knowledge_base", "POST", one, self._change, key),
            ServiceCall("delete_knowledge_base", "DELETE", one, self._delete, key),
        )

    def _list(self, request: ServiceRequest) -> ServiceReply:  # noqa: ARG002  # as every call
        return success({"list": self._bases.newest_first()})

    def _new(self, request: ServiceRequest) -> ServiceReply:
        texts = _read(request)
        if "name" not in texts:
            raise ErrorReply(_error(400, "name is missing"))
        return success({**self._bases.add({**dict.fromkeys(_TEXTS, ""), **texts})})

    def _change(self, request: ServiceRequest) -> ServiceReply:
        base = self._find(request)
        base.update(_read(request))
        return success({**base})

    def _delete(self, request: ServiceRequest) -> ServiceReply:
        self._bases.remove(self._find(request)["id"])
        return success(None)

    def _find(self, request: ServiceRequest) -> dict[str, Any]:
        return self._bases.find(request.path["knowledge_base_id"])


def _error(status: int, message: str) -> ServiceReply:
    return error(status, NOT_FOUND if status == 404 else BAD_PARAMETER, message)


def _read(request: ServiceRequest) -> dict[str, str]:
    """What the body has of one.

    Raises:
        ErrorReply: A member is no text, or too long.
    """
    body = request.json()
    texts = {name: body[name] for name in _TEXTS if name in body}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise ErrorReply(_error(400, f"{name} must be a string"))
        if len(value) > MAX_TEXT:
            raise ErrorReply(_error(400, f"{name} is longer than {MAX_TEXT} characters"))
    return texts
