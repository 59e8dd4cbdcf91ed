"""LiveAvatar's pages of rows."""

import pytest

from ipyavatar.twin.emulator import ErrorReply, ServiceRequest
from ipyavatar.twin.liveavatar.replies import LARGEST_PAGE, paginate, query_number

ROWS = [{"id": str(number)} for number in range(250)]


def page(**query):
    request = ServiceRequest(0.0, "http://twin", {}, query, {}, b"", "/v1/sessions")
    return paginate(request, ROWS).payload["data"]


def test_the_links_lead_to_the_rows_before_and_behind_with_the_same_wishes():
    """To the call's own path, and not to one that is nobody's."""
    told = page(page="2", page_size="10", type="active")
    assert told["next"] == "http://twin/v1/sessions?page=3&page_size=10&type=active"
    assert told["previous"] == "http://twin/v1/sessions?page=1&page_size=10&type=active"
    assert told["results"] == ROWS[10:20]


def test_the_first_and_the_last_page_have_one_link_and_a_page_is_bounded():
    assert page()["previous"] is None
    assert len(page(page_size="1000")["results"]) == LARGEST_PAGE
    last = page(page="3", page_size="1000")
    assert (last["next"], len(last["results"])) == (None, 50)


@pytest.mark.parametrize("name", ["page", "page_size"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "", "1.5", "9" * 5000, "\u0664"])
def test_what_is_no_number_of_a_page_is_refused_by_name(name, value):
    with pytest.raises(ErrorReply) as refused:
        page(**{name: value})
    assert refused.value.reply.status == 422
    assert refused.value.reply.payload["detail"][0]["loc"] == ["query", name]


def test_numbers_of_a_query_may_be_below_zero_where_that_is_one():
    request = ServiceRequest(0.0, "http://twin", {}, {"at": "-3"}, {}, b"")
    assert query_number(request, "at", 0, -10) == -3
    assert query_number(request, "other", 7) == 7
