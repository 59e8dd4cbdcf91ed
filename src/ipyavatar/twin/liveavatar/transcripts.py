"""What was said in sessions, and memories: what is kept of it for later ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..emulator import ErrorReply, ServiceCall, ServiceReply, ServiceRequest
from ..records import Records
from ..session import TwinSession
from .replies import error, invalid, iso_time, missing, paginate, query_number, success

NEVER = 10**18
_DELETED_AT = "events_deleted_at"
_PREVIEW = 100
"""Characters of a memory in a list."""


def read_transcript(session: TwinSession) -> list[dict[str, Any]]:
    """What the avatar has said, without what was deleted."""
    since = float(session.info.get(_DELETED_AT, 0.0))
    return [
        {
            "role": "avatar",
            "transcript": speech.text,
            "absolute_timestamp": int(speech.starts_at),
            "relative_timestamp": int(speech.starts_at - (session.started_at or 0.0)),
        }
        for speech in session.speeches
        if speech.text and speech.state != "queued" and speech.starts_at >= since
    ]


def transcript_page(request: ServiceRequest, session: TwinSession) -> ServiceReply:
    """What was said between two times; who asks from `next_timestamp` on gets what is new.

    Raises:
        ErrorReply: The times are none.
    """
    start = query_number(request, "start_timestamp", 0)
    end = query_number(request, "end_timestamp", NEVER)
    lines = [
        line for line in read_transcript(session) if start <= line["absolute_timestamp"] <= end
    ]
    return success(
        {
            "session_active": session.is_open,
            # How the service counts is not documented.
            "next_timestamp": lines[-1]["absolute_timestamp"] + 1 if lines else start,
            "transcript_data": lines,
        }
    )


def delete_events(session: TwinSession, now: float) -> None:
    """Forget what was said in it until now."""
    session.info[_DELETED_AT] = now


class Memories:
    """Each is of one session. The twin's sessions do not read them.

    Args:
        new_id: Makes the id of one.
        find_session: The session with an id, None where there is none.
    """

    def __init__(
        self,
        new_id: Callable[[], str],
        find_session: Callable[[str, float], TwinSession | None],
    ) -> None:
        self._memories = Records("Memory", new_id, error)
        self._find_session = find_session

    def calls(self, key: Callable[[ServiceRequest], object]) -> Sequence[ServiceCall]:
        """Its calls; all want a key."""
        one = "/v1/memory/{memory_id}"
        return (
            ServiceCall("memories", "GET", "/v1/memory", self._list, key),
            ServiceCall("new_memory", "POST", "/v1/memory", self._new, key),
            ServiceCall("memory", "GET", one, self._one, key),
            ServiceCall("delete_memory", "DELETE", one, self._delete, key),
        )

    def _list(self, request: ServiceRequest) -> ServiceReply:
        rows = [
            {
                "id": memory["id"],
                "memory_content_preview": memory["memory_content"][:_PREVIEW],
                "created_at": memory["created_at"],
                "updated_at": memory["created_at"],
            }
            for memory in self._memories.newest_first()
        ]
        return paginate(request, rows)

    def _new(self, request: ServiceRequest) -> ServiceReply:
        body = request.json()
        for name in ("memory_type", "session_id"):
            if name not in body:
                return missing(name)
        if body["memory_type"] != "session":
            return invalid("memory_type", "Input should be 'session'", "enum")
        session = self._find_session(str(body["session_id"]), request.now)
        if session is None:
            raise ErrorReply(error(404, "Session not found"))
        memory = self._memories.add(
            {
                "memory_content": " ".join(line["transcript"] for line in read_transcript(session)),
                "created_at": iso_time(request.now),
                "session_id": session.id,
            }
        )
        told = ("id", "memory_content", "created_at")
        return success({name: memory[name] for name in told})

    def _one(self, request: ServiceRequest) -> ServiceReply:
        memory = self._memories.find(request.path["memory_id"])
        episode = {
            "session_id": memory["session_id"],
            "sequence_num": 1,
            "summary": memory["memory_content"],
            "created_at": memory["created_at"],
        }
        return success(
            {
                "id": memory["id"],
                "memory_content": memory["memory_content"],
                "session_episodes": [episode],
                "created_at": memory["created_at"],
                "updated_at": memory["created_at"],
            }
        )

    def _delete(self, request: ServiceRequest) -> ServiceReply:
        self._memories.remove(request.path["memory_id"])
        return ServiceReply(204, b"")
