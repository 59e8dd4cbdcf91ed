"""What an answer means, by its status and its bytes."""

from __future__ import annotations

import codecs
import json

import pytest

from ipyavatar import errors as e
from ipyavatar.providers.cloud.responses import (
    ApiReply,
    ApiRequest,
    convert_reply,
    convert_rows,
    read_reply,
)
from ipyavatar.providers.heygen.answers import Created, HeyGenSession, OpenSessions
from ipyavatar.providers.heygen.spec import SPEC
from ipyavatar.providers.kaltura.client import KalturaSession, KalturaStream
from ipyavatar.providers.liveavatar.client import LiveAvatarSession, LiveAvatarToken

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


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"message": "boo"}]},
        {"errors": {"session_id": ["boo"]}},
        {"status": "error", "message": "boo"},
        {"status": "FAILED", "message": "boo"},
        {"success": "false", "message": "boo"},
        {"success": 0, "message": "boo"},
        {"ok": False, "error": "boo"},
    ],
)
def test_a_stop_that_failed_is_not_believed_however_that_is_told(body: object) -> None:
    """Its session is open, and costs."""
    error = failure(STOP, ApiReply(200, json.dumps(body).encode()))
    assert isinstance(error, e.BadAnswer)
    assert error.kind == "error inside"
    assert str(error).count("..") == 0


def test_the_words_of_several_errors_are_those_of_the_first() -> None:
    error = failure(STOP, ApiReply(400, b'{"errors": [{"message": "boo"}, {"message": "far"}]}'))
    assert 'It says: "boo".' in str(error)


@pytest.mark.parametrize(
    "empty",
    [
        {"error": {"code": None, "message": None}},
        {"error": {"code": 0, "message": ""}},
        {"error": {}, "errors": []},
        {"success": True, "ok": 1, "status": "new"},
    ],
)
def test_a_place_for_errors_with_nothing_in_it_is_none(empty: dict[str, object]) -> None:
    """A session that was opened must not be lost by it."""
    body = json.dumps({"code": 100, "data": {"session_id": "s"}, **empty}).encode()
    assert read_reply(NEW, ApiReply(200, body))["data"] == {"session_id": "s"}


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


@pytest.mark.parametrize("status", [429, 503])
def test_a_page_may_say_when_to_come_again(status: int) -> None:
    """What is between us and the service answers with pages, and wants to be heeded, too."""
    error = failure(STOP, ApiReply(status, b"<html></html>", "text/html", retry_after_s=7))
    assert (error.retryable, error.retry_after_s) == (True, 7)


def test_a_mark_of_encoding_is_no_part_of_the_answer() -> None:
    body = codecs.BOM_UTF8 + b'{"code": 100, "data": {"session_id": "s"}}'
    assert read_reply(NEW, ApiReply(200, body))["data"] == {"session_id": "s"}


@pytest.mark.parametrize("code", [100, 1000, "1000", 100.0, 0, 200, 202, 204, "0", None])
def test_the_usual_codes_of_success_are_success(code: object) -> None:
    """HeyGen has two of them; a third must not lose a session that was opened."""
    body = json.dumps({"code": code, "data": {"session_id": "s"}, "message": "ok"}).encode()
    assert read_reply(NEW, ApiReply(200, body))["data"] == {"session_id": "s"}


@pytest.mark.parametrize(("code", "kind"), [(10004.0, e.SessionGone), (400.0, e.BadAnswer)])
def test_a_number_with_a_point_is_the_code_it_is(code: float, kind: type) -> None:
    with pytest.raises(kind):
        read_reply(NEW, ApiReply(200, json.dumps({"code": code, "message": "no"}).encode()))


@pytest.mark.parametrize(
    ("place", "named"), [(None, "request"), (7, "7"), ("body", "body"), (["body", 0], "body.0")]
)
def test_where_a_value_is_refused_may_be_told_in_any_way(place: object, named: str) -> None:
    body = json.dumps({"detail": [{"loc": place, "msg": "too long"}, None, {}]}).encode()
    error = failure(NEW, ApiReply(422, body))
    assert isinstance(error, e.RequestRefused)
    assert f"{named}: too long" in error.what


EMPTY_IDS: list[tuple[type, dict[str, str], str]] = [
    (LiveAvatarToken, {"session_id": "s", "session_token": "t"}, "session_id"),
    (LiveAvatarToken, {"session_id": "s", "session_token": "t"}, "session_token"),
    (KalturaSession, {"sessionId": "s", "token": "t"}, "sessionId"),
    (KalturaSession, {"sessionId": "s", "token": "t"}, "token"),
    (KalturaStream, {"whepUrl": "https://x"}, "whepUrl"),
]


@pytest.mark.parametrize(("kind", "data", "name"), EMPTY_IDS)
def test_a_session_that_could_not_be_ended_is_never_taken_for_one(
    kind: type, data: dict[str, str], name: str
) -> None:
    """An empty id or token ends nothing, an empty address leads nowhere."""
    convert_reply(NEW, data, kind)
    with pytest.raises(e.BadAnswer, match="promises") as caught:
        convert_reply(NEW, {**data, name: ""}, kind)
    assert caught.value.maybe_done


@pytest.mark.parametrize("odd", [None, {}, "", "another"])
def test_an_id_that_is_known_need_not_be_told_again(odd: object) -> None:
    """LiveAvatar's sessions are named by their tokens."""
    data = {"session_id": odd, "livekit_url": "wss://x", "livekit_client_token": "t"}
    assert convert_reply(NEW, data, LiveAvatarSession).livekit_url == "wss://x"


def test_an_id_that_is_a_number_is_an_id() -> None:
    """And a number that is text a number, in one answer."""
    data = {"session_id": 4711, "session_duration_limit": "600", "is_paid": True}
    session = convert_reply(NEW, data, HeyGenSession)
    assert (session.session_id, session.session_duration_limit) == ("4711", 600)
    assert session.is_paid is True
    with pytest.raises(e.BadAnswer, match="session_id"):
        convert_reply(NEW, {"session_id": [4711]}, Created)


def test_an_entry_of_a_catalogue_that_cannot_be_read_hides_no_others() -> None:
    """Where none can be read the service has changed."""
    odd: list[object] = [None, "junk", {"session_id": None}, {}]
    rows = convert_rows(STOP, [*odd, {"session_id": "s"}], Created)
    assert [row.session_id for row in rows] == ["s"]
    assert convert_rows(STOP, [], Created) == []
    for nothing in (odd, None, {"session_id": "s"}):
        with pytest.raises(e.BadAnswer, match="promises"):
            convert_rows(STOP, nothing, Created)


ODD = ({}, [], "x", "", True, None)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["session_duration_limit", "sdp", "realtime_endpoint"])
def test_a_member_that_nobody_needs_does_not_cost_the_session(name: str, odd: object) -> None:
    """It is paid for: what is promised of it is the id."""
    data = {"session_id": 4711, "url": "wss://room", "access_token": "t", "is_paid": 7, name: odd}
    session = convert_reply(NEW, data, HeyGenSession)
    assert (session.session_id, session.has_room, session.offers) == ("4711", True, False)
    assert session.is_paid is None
    assert session.session_duration_limit in (None, 1.0)


@pytest.mark.parametrize("odd", ["nan", "NaN", "inf", "-Infinity", 1e300])
def test_a_number_that_is_none_is_not_told(odd: object) -> None:
    """Text is read where a number is promised, but not every text that Python would read."""
    data = {"session_id": "s", "session_duration_limit": odd}
    assert convert_reply(NEW, data, HeyGenSession).session_duration_limit is None


def test_a_member_that_nobody_needs_does_not_hide_an_open_session() -> None:
    """Without its id a session cannot be stopped: that is an error still."""
    rows = [{"session_id": "a", "created_at": {}}, {"session_id": "b", "status": None}]
    listed = convert_reply(STOP, {"sessions": rows}, OpenSessions).sessions or []
    assert [(one.session_id, one.status, one.created_at) for one in listed] == [
        ("a", "", None),
        ("b", "", None),
    ]
    with pytest.raises(e.BadAnswer, match="session_id"):
        convert_reply(STOP, {"sessions": [*rows, {"session_id": None}]}, OpenSessions)
