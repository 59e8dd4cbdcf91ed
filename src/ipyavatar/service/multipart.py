"""Reads the small forms that clients send, with the standard library's own parsers."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from urllib.parse import parse_qs

from .wire import BadRequest, Request


@dataclass(frozen=True)
class Part:
    """One part of a multipart form."""

    name: str
    filename: str | None
    media_type: str
    data: bytes = field(repr=False)


def multipart_form(request: Request) -> dict[str, Part]:
    """The parts of a multipart/form-data body by name.

    Raises:
        BadRequest: The body is none.
    """
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/form-data"):
        raise BadRequest("The body must be multipart/form-data")
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode("latin-1", "replace")
    try:
        message = BytesParser(policy=policy.HTTP).parsebytes(head + request.body)
    except (ValueError, LookupError):
        raise BadRequest("The multipart body cannot be read") from None
    if not message.is_multipart():
        raise BadRequest("The multipart body cannot be read")
    parts: dict[str, Part] = {}
    for item in message.iter_parts():
        name = item.get_param("name", header="content-disposition")
        data = item.get_payload(decode=True)
        if isinstance(name, str) and isinstance(data, bytes):
            parts[name] = Part(name, item.get_filename(), item.get_content_type(), data)
    return parts


def url_form(request: Request) -> dict[str, str]:
    """The fields of a URL-encoded form; a field that comes twice has its last value."""
    try:
        fields = parse_qs(request.body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise BadRequest("The form cannot be read") from None
    return {name: values[-1] for name, values in fields.items()}
