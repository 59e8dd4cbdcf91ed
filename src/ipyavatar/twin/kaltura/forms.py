"""Reads the small forms that clients send."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs

from python_multipart.multipart import Field, File, create_form_parser

from ..emulator import BadRequest, ServiceRequest
from ..settings import MAX_BODY_BYTES

MAX_URL_FIELDS = 100


@dataclass(frozen=True)
class FormPart:
    """One part of a multipart form."""

    filename: str | None
    data: bytes = field(repr=False)


def multipart_form(request: ServiceRequest) -> dict[str, FormPart]:
    """The parts of a multipart/form-data body by name; of two with one name, the last.

    Raises:
        BadRequest: The body is not such a form, or has no complete part.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise BadRequest("The body must be multipart/form-data")
    parts: dict[str, FormPart] = {}

    def on_field(part: Field) -> None:
        parts[_text(part.field_name)] = FormPart(None, part.value or b"")

    def on_file(part: File) -> None:
        part.file_object.seek(0)
        name = _text(part.file_name) if part.file_name is not None else None
        parts[_text(part.field_name)] = FormPart(name, part.file_object.read())

    try:
        parser = create_form_parser(
            {"Content-Type": content_type.encode("latin-1", "replace")},
            on_field,
            on_file,
            # A body is never larger, so nothing is written to disk.
            config={"MAX_MEMORY_FILE_SIZE": MAX_BODY_BYTES},
        )
        parser.write(request.body)
        parser.finalize()
    except ValueError:  # every error of the parser is one
        raise BadRequest("The multipart body cannot be read") from None
    if not parts:
        raise BadRequest("The multipart body cannot be read")
    return parts


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "replace")


def url_form(request: ServiceRequest) -> dict[str, str]:
    """The fields of a URL-encoded form; a field that comes twice has its last value."""
    try:
        fields = parse_qs(
            request.body.decode(), keep_blank_values=True, max_num_fields=MAX_URL_FIELDS
        )
    except ValueError:
        raise BadRequest("The form cannot be read") from None
    return {name: values[-1] for name, values in fields.items()}
