"""`ipyavatar.doctor()` in a notebook: its page is asked, and each way to it is tried."""

from __future__ import annotations

import json

from .conftest import Open

CELL = """\
import ipyavatar, json
report = ipyavatar.doctor()
print(json.dumps(report.as_json()))
report
"""


def test_a_notebook_is_told_of_its_browser_and_of_each_way(open_notebook: Open) -> None:
    """In the table that the cell shows; the small avatars and the progress are gone after it."""
    notebook = open_notebook([CELL])
    text = notebook.run(0, timeout=150)
    report = json.loads(text[text.index('{"ok"') :].splitlines()[0])
    rows = {row["name"]: row for row in report["rows"]}
    for group in ("Browser", "Ways to the page"):
        asked = [row for row in report["rows"] if row["group"] == group]
        assert asked
        assert {row["state"] for row in asked} <= {"ok", "warning"}, asked
    for name in ("Page", "Secure context", "WebCodecs", "Rate limits", "Widget messages"):
        assert rows[name]["state"] == "ok", rows[name]
    assert rows["Messages while busy"]["facts"]["answers"] > 0
    assert rows["Widget messages"]["facts"]["transport"] == "messages"
    table = notebook.page.locator(".jp-OutputArea-output table", has_text="Widget messages")
    assert table.count() == 1
    assert notebook.page.locator(".ipyavatar-root").count() == 0
    assert notebook.page.get_by_text("Checking").count() == 0
