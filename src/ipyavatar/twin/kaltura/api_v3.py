"""Kaltura's older API, where sessions (KS) are minted: fields in two forms, answers in two."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

from ..emulator import ServiceReply, ServiceRequest
from .forms import multipart_form, url_form

XML = "2"
"""The field `format` of who wants XML, as Kaltura's client libraries do."""


def read_fields(request: ServiceRequest) -> dict[str, str]:
    """The fields of a JSON object or of a form of either kind, as text; also those of the query.

    Raises:
        BadRequest: The body is neither.
    """
    return {**request.query, **_read_body(request)}


def _read_body(request: ServiceRequest) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        parts = multipart_form(request)
        return {name: part.data.decode("utf-8", "replace") for name, part in parts.items()}
    if kind == "application/json":
        return {n: str(v) for n, v in request.json().items() if isinstance(v, (str, int, float))}
    return url_form(request)


def write_result(fields: Mapping[str, str], result: str | Mapping[str, str] | None) -> ServiceReply:
    """A text, nothing, or an exception, in the form that is asked for."""
    if fields.get("format") != XML:
        return ServiceReply(200, result)
    root = Element("xml")
    node = SubElement(root, "result")
    if isinstance(result, Mapping):
        error = SubElement(node, "error")
        for name, text in result.items():
            SubElement(error, name).text = text
    else:
        node.text = result
    SubElement(root, "executionTime").text = "0.01"
    text = tostring(root, encoding="utf-8", xml_declaration=True)
    return ServiceReply(200, text, media_type="text/xml")
