"""One notebook with one avatar, from start to end; prints what came of it as JSON.

Run as a module of its own, so that it can be put into a network namespace with nothing in it. Its
arguments are flags for the browser.
"""

from __future__ import annotations

import json
import pathlib
import sys
import tempfile

from playwright.sync_api import sync_playwright

from .lab import Notebook, launch, server_in

CELLS = [
    "from ipyavatar import Avatar\navatar = Avatar(quality='low')\navatar",
    "speech = avatar.speak('Good morning. This is your captain, speaking with no network at all.')",
    "print(speech.wait(20).state)",
]


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as root,
        server_in(pathlib.Path(root)) as server,
        sync_playwright() as playwright,
        launch(playwright, flags=sys.argv[1:]) as browser,
    ):
        notebook = Notebook(browser.new_page(), server, server.write("offline.ipynb", CELLS))
        notebook.run(0)
        view = notebook.view()
        view.plays()
        notebook.run(1)
        view.is_audible()
        speech = notebook.run(2).strip()
    print(json.dumps({"picture": True, "sound": True, "speech": speech}))


if __name__ == "__main__":
    main()
