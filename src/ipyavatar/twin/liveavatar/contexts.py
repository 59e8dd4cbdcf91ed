"""Contexts: what a language model may know, made and changed by clients."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from ..emulator import ErrorReply, ServiceCall, ServiceReply, ServiceRequest
from ..records import Records
from .replies import MADE_AT, error, invalid, iso_time, paginate, success
from .texts import read_texts

CONTEXT_ID = "5b9dba8a-aa31-11f0-a6ee-066a7fa2e369"
MAX_TEXT = 50_000
"""Characters of a text of a context."""

_TEXTS = ("name", "prompt", "opening_text")
_LISTED = ("id", "name", "opening_text", "created_at", "updated_at")


class Contexts:
    """One is there from the start.

    Args:
        new_id: Makes the id of a context.
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._contexts = Records("Context", new_id, error)
        texts = {"name": "Tutor", "prompt": "You are a patient tutor.", "opening_text": "Hello."}
        self._contexts.add(_context(texts, MADE_AT), CONTEXT_ID)

    def calls(self, key: Callable[[ServiceRequest], object]) -> Sequence[ServiceCall]:
        """Its calls; all want a key."""
        one = "/v1/contexts/{context_id}"
        return (
            ServiceCall("contexts", "GET", "/v1/contexts", self._list, key),
            ServiceCall("new_context", "POST", "/v1/contexts", self._new, key),
            ServiceCall("context", "GET", one, self._one, key),
            ServiceCall("change_context", "PATCH", one, self._change, key),
            ServiceCall("copy_context", "POST", f"{one}/copy", self._copy, key),
            ServiceCall("delete_context", "DELETE", one, self._delete, key),
        )

    def _list(self, request: ServiceRequest) -> ServiceReply:
        return paginate(request, [{name: row[name] for name in _LISTED} for row in self._contexts])

    def _new(self, request: ServiceRequest) -> ServiceReply:
        wish = _read_context(request, needed=("name", "prompt"))
        return success({**self._contexts.add(_context(wish, request.now))})

    def _copy(self, request: ServiceRequest) -> ServiceReply:
        wish = {**self._find(request), **_read_context(request)}
        return success({**self._contexts.add(_context(wish, request.now))})

    def _one(self, request: ServiceRequest) -> ServiceReply:
        return success({**self._find(request)})

    def _change(self, request: ServiceRequest) -> ServiceReply:
        # The documentation wants all three texts; clients send those that change.
        context = self._find(request)
        context.update(_read_context(request), updated_at=iso_time(request.now))
        return success({**context})

    def _delete(self, request: ServiceRequest) -> ServiceReply:
        self._contexts.remove(self._find(request)["id"])
        return success(None)

    def _find(self, request: ServiceRequest) -> dict[str, Any]:
        """The context of the path.

        Raises:
            ErrorReply: There is none.
        """
        try:
            context_id = str(uuid.UUID(request.path["context_id"]))
        except ValueError:
            words = "Input should be a valid UUID"
            raise ErrorReply(invalid("context_id", words, "uuid_parsing", "path")) from None
        return self._contexts.find(context_id)


def _context(wish: dict[str, Any], now: float) -> dict[str, Any]:
    return {
        **{name: wish.get(name, "") for name in _TEXTS},
        "links": wish.get("links", []),
        "required_dynamic_variables": [],
        "created_at": iso_time(now),
        "updated_at": iso_time(now),
    }


def _read_context(request: ServiceRequest, needed: Sequence[str] = ()) -> dict[str, Any]:
    """What the body has of a context.

    Raises:
        ErrorReply: A member is not what is documented.
    """
    wish: dict[str, Any] = {**read_texts(request, dict.fromkeys(_TEXTS, (0, MAX_TEXT)), needed)}
    links = request.json().get("links")
    if links is None:
        return wish
    if not isinstance(links, list) or not all(isinstance(one, dict) for one in links):
        raise ErrorReply(invalid("links", "Input should be a list of objects", "list_type"))
    if len(str(links)) > MAX_TEXT:
        words = f"should have at most {MAX_TEXT} characters"
        raise ErrorReply(invalid("links", words, "string_too_long"))
    return {**wish, "links": links}
