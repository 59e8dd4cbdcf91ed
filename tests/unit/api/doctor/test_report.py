"""The table: as text, as HTML, as JSON."""

import json
import re

from ipyavatar.api.doctor.report import MARKS, Report, Row

ROWS = (
    Row("One", "First", "ok", "It works.", "", 0.1234, {"ms": 5}),
    Row("One", "Second", "failed", "It does <b>not</b> work. " * 10, "Do & be.", 0.2, {}),
    Row("Two", "Third", "not asked", "Nobody was asked.", "", 0.0, {}),
    Row("Two", "Fourth", "warning", "It nearly works.", "Wait.", 0.0, {}),
)


def test_text_has_each_row_under_its_group_with_what_to_do():
    text = repr(Report(ROWS))
    assert [line for line in text.splitlines() if line in ("One", "Two")] == ["One", "Two"]
    for row in ROWS:
        assert f"{MARKS[row.state]} {row.name}" in text
    assert "→ Do & be." in text
    assert max(map(len, text.splitlines())) <= 100
    assert text.endswith("Does not work: Second. 1 with limits.")


def test_html_escapes_what_it_shows_and_has_the_pages_colours():
    """No colour of text or ground of its own: readable on light and dark; a state is a word."""
    html = Report(ROWS)._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    assert "Do &amp; be." in html
    for row in ROWS:
        assert f"{MARKS[row.state]} {row.state}</td>" in html
    assert set(re.findall(r"(?<![-\w])(?:color|background):([^;\"]+)", html)) == {
        "inherit",
        "transparent",
    }


def test_json_is_plain_and_complete():
    report = Report(ROWS)
    data = json.loads(json.dumps(report.as_json()))
    assert data["ok"] is report.ok is False
    assert [row["name"] for row in data["rows"]] == [row.name for row in report]
    assert data["rows"][0] == {
        "group": "One",
        "name": "First",
        "state": "ok",
        "what": "It works.",
        "fix": "",
        "seconds": 0.123,
        "facts": {"ms": 5},
    }


def test_without_failures_it_is_ok():
    report = Report(row for row in ROWS if row.state != "failed")
    assert report.ok
    assert report.summary == "All that was asked works. 1 with limits."


def test_what_nobody_was_asked_of_is_told_once_for_each_reason():
    """In text; every row stays a row for who counts them."""
    why = "No browser was asked: this is no Jupyter notebook."
    names = ("Page", "WebRTC", "Microphone")
    rows = [Row("Browser", name, "not asked", why, "", 0.0, {}) for name in names]
    report = Report(
        [*rows, *(Row("Browser", name, "ok", "It works.", "", 0.0, {}) for name in "ab")]
    )
    text = " ".join(repr(report).split())
    assert text.count(why) == 1
    assert "The same of: WebRTC, Microphone." in text
    assert text.count("It works.") == 2
    assert len(report) == 5
