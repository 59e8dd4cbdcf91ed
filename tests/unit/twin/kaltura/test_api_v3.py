import pytest

from ipyavatar.twin.emulator import BadRequest, ServiceRequest
from ipyavatar.twin.kaltura.api_v3 import read_fields, write_result


def request(content_type, body):
    return ServiceRequest(0.0, "http://x", {"content-type": content_type}, {}, {}, body)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"secret": "s", "type": 2, "expiry": null, "nested": {"a": 1}}'),
        ("application/json; charset=utf-8", b'{"secret": "s", "type": 2}'),
        ("Application/JSON", b'{"secret": "s", "type": 2}'),
        ("application/x-www-form-urlencoded", b"secret=s&type=2"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="secret"\r\n\r\ns\r\n'
            b'--b\r\nContent-Disposition: form-data; name="type"\r\n\r\n2\r\n--b--\r\n',
        ),
    ],
)
def test_fields_come_in_json_and_as_a_form(content_type, body):
    assert read_fields(request(content_type, body)) == {"secret": "s", "type": "2"}


def test_a_body_that_is_neither_is_refused():
    with pytest.raises(BadRequest):
        read_fields(request("application/json", b"secret=s"))


def test_xml_is_written_for_who_asks_for_it():
    """With what stands in it escaped, an exception in a node of its own."""
    reply = write_result({"format": "2"}, "a<b&c")
    assert reply.media_type == "text/xml"
    assert b"<result>a&lt;b&amp;c</result>" in reply.payload
    failed = write_result({"format": "2"}, {"code": "X", "message": "no"}).payload
    assert b"<result><error><code>X</code><message>no</message></error></result>" in failed
    assert b"<result />" in write_result({"format": "2"}, None).payload


def test_json_is_written_for_everybody_else():
    assert write_result({"format": "1"}, "ks").payload == "ks"
    assert write_result({}, "ks").media_type == "application/json"
