"""Reads the small forms that clients send, with the standard library's own parsers."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from urllib.parse import parse_qs

from ..contract import BadRequest, ServiceRequest


@dataclass(frozen=True)
class Part:
    """One part of a multipart form."""

    name: str
    filename: str | None
    media_type: str
    data: bytes = field(repr=False)


def multipart_form(request: ServiceRequest) -> dict[str, Part]:
    """The parts of a multipart/form-data body by name.

    Raises:
        BadRequest: The body is none.
    """
    kind = _header_fields({"Content-Type": request.headers.get("content-type", "")})
    boundary = kind.get_param("boundary")
    if kind.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise BadRequest("The body must be multipart/form-data")
    edge = b"\r\n--" + boundary.encode("utf-8", "replace")
    # The email parser would do all of it, but it takes sound apart into lines of text.
    _, *pieces = (b"\r\n" + request.body).split(edge)
    parts: dict[str, Part] = {}
    for piece in pieces:
        head, blank, data = piece.partition(b"\r\n\r\n")
        if piece.startswith(b"--") or not blank:
            break
        fields = BytesHeaderParser(policy=policy.HTTP).parsebytes(head.lstrip(b"\r\n") + blank)
        name = fields.get_param("name", header="content-disposition")
        if isinstance(name, str):
            parts[name] = Part(name, fields.get_filename(), fields.get_content_type(), data)
    if not parts:
        raise BadRequest("The multipart body cannot be read")
    return parts


def _header_fields(fields: dict[str, str]) -> EmailMessage:
    message = EmailMessage(policy=policy.HTTP)
    for name, value in fields.items():
        with contextlib.suppress(ValueError):
            message[name] = value
    return message


def url_form(request: ServiceRequest) -> dict[str, str]:
    """The fields of a URL-encoded form; a field that comes twice has its last value."""
    try:
        fields = parse_qs(request.body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise BadRequest("The form cannot be read") from None
    return {name: values[-1] for name, values in fields.items()}
