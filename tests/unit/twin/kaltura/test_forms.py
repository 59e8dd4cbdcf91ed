"""The forms that clients of Kaltura send."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st

from ipyavatar.twin.emulator import BadRequest, ServiceRequest
from ipyavatar.twin.kaltura.forms import multipart_form, url_form


def request(body: bytes, content_type: str = "", **query: str) -> ServiceRequest:
    return ServiceRequest(0.0, "http://x", {"content-type": content_type}, query, {}, body)


def test_a_multipart_form_is_read_whole() -> None:
    audio = b"\r\n--b\xff\x00\r\n-" * 10
    head = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'
    parts = [
        (head.format("turnId", "").encode(), "türn".encode()),
        (head.format("audio", '; filename="a.wav"').encode(), audio),
    ]
    body = b"".join(b"--edge\r\n" + h + data + b"\r\n" for h, data in parts) + b"--edge--\r\n"
    form = multipart_form(request(body, "multipart/form-data; boundary=edge"))
    assert form["turnId"].data == "türn".encode()
    assert (form["audio"].data, form["audio"].filename) == (audio, "a.wav")


@given(st.binary().filter(lambda data: b"--edge" not in data))
def test_audio_goes_through_a_form_unchanged(audio: bytes) -> None:
    head = b'--edge\r\nContent-Disposition: form-data; name="audio"\r\n'
    body = head + b"Content-Type: audio/wav\r\n\r\n" + audio + b"\r\n--edge--\r\n"
    part = multipart_form(request(body, 'multipart/form-data; boundary="edge"'))["audio"]
    assert part.data == audio


CONTENT_TYPES = [
    "",
    "application/json",
    "multipart/form-data",
    "multipart/form-data; boundary=\xff",
]


@given(st.binary(), st.sampled_from([*CONTENT_TYPES, "multipart/form-data; boundary=x"]))
@example(b"--x\r\n\r\n\r\n", "multipart/form-data; boundary=x")
@example(b"--x\r\nContent-Disposition: \xff\r\n\r\n\r\n", "multipart/form-data; boundary=x")
def test_any_bytes_as_a_form_are_read_or_refused(body: bytes, content_type: str) -> None:
    for read in (multipart_form, url_form):
        with contextlib.suppress(BadRequest):
            assert isinstance(read(request(body, content_type)), dict)
