"""What an answer means, by its status and its bytes."""

from __future__ import annotations

import codecs

import pytest

from ipyavatar import errors as e
from ipyavatar.providers.cloud.responses import ApiReply, ApiRequest, convert_reply, read_reply
from ipyavatar.providers.heygen.answers import Created, HeyGenSession
from ipyavatar.providers.heygen.spec import SPEC

STOP = ApiRequest(SPEC, "stop", session_id="s")
NEW = ApiRequest(SPEC, "new", opens=True)


def failure(request: ApiRequest, reply: ApiReply) -> e.ServiceError:
    with pytest.raises(e.ServiceError) as caught:
        read_reply(request, reply)
    return caught.value


@pytest.mark.parametrize("status", [204, 205])
def test_success_without_content_is_success(status: int) -> None:
    """A stop that is answered so has been made; a session that is opened so is not known."""
    assert read_reply(STOP, ApiReply(status, b"")) is None
    with pytest.raises(e.BadAnswer, match="promises") as caught:
        convert_reply(NEW, read_reply(NEW, ApiReply(status, b"")), Created)
    assert caught.value.maybe_done


def test_an_empty_answer_of_another_status_is_none() -> None:
    assert failure(STOP, ApiReply(200, b"")).maybe_done


@pytest.mark.parametrize("status", [408, 425])
def test_what_came_too_slowly_or_too_early_passes(status: int) -> None:
    """Nothing was wrong with its values."""
    error = failure(NEW, ApiReply(status, b""))
    assert isinstance(error, e.ServiceUnavailable)
    assert error.retryable


def test_a_proxy_that_wants_a_password_is_named() -> None:
    """The service never saw the call."""
    error = failure(NEW, ApiReply(407, b"<html></html>", "text/html"))
    assert "proxy" in error.what
    assert not error.maybe_done
    assert not error.retryable


def test_a_mark_of_encoding_is_no_part_of_the_answer() -> None:
    body = codecs.BOM_UTF8 + b'{"code": 100, "data": {"session_id": "s"}}'
    assert read_reply(NEW, ApiReply(200, body))["data"] == {"session_id": "s"}


def test_an_id_that_is_a_number_is_an_id() -> None:
    """And a number that is text a number, in one answer."""
    data = {"session_id": 4711, "session_duration_limit": "600", "is_paid": True}
    session = convert_reply(NEW, data, HeyGenSession)
    assert (session.session_id, session.session_duration_limit) == ("4711", 600)
    assert session.is_paid is True
    with pytest.raises(e.BadAnswer, match="session_id"):
        convert_reply(NEW, {"session_id": [4711]}, Created)
