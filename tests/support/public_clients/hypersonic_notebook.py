"""The notebook that Hypersonic HeyGen writes for its users, from its first cell to its last.

Arguments: the twin's address, the key. Prints what it got as JSON.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.support.public_clients.bare import import_bare

LIVE = "https://api.liveavatar.com/v1"


def main(url: str, key: str) -> dict[str, object]:
    os.environ["LIVEAVATAR_API_KEY"] = key
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notebook.ipynb"
        assert import_bare("hypersonic_heygen.hya").main(["--output", str(path)]) == 0
        notebook = json.loads(path.read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    cells = [source for source in sources if not source.startswith("!")]  # not pip
    assert sum(LIVE in cell for cell in cells) > 0, "where is its service?"
    builtins.input = lambda prompt="": "Tutor"  # it asks for the name of a context
    names: dict[str, object] = {}
    for cell in cells:
        exec(cell.replace(LIVE, f"{url}/v1"), names)
    return {"cells": len(cells), "session": names["SESSION_ID"], "room": names["LIVEKIT_URL"]}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
