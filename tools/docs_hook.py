"""Pages of the documentation that are made from other files: the notebooks, and those of the root.

mkdocs calls this (see `hooks` in mkdocs.yml). Notebooks are rendered as they are; nothing is run.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent

PROJECT = {
    "CHANGELOG.md": "project/changelog.md",
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not in docs/."""
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        content = markdown_of(json.loads(notebook.read_text(encoding="utf-8")))
        files.append(File.generated(config, f"notebooks/{notebook.stem}.md", content=content))
        copy = File.generated(
            config, f"notebooks/{notebook.name}", content=notebook.read_text(encoding="utf-8")
        )
        files.append(copy)
    for name, page in PROJECT.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=linked(text)))
    return files


def markdown_of(notebook: dict[str, Any]) -> str:
    """A notebook as a page: its text, its code, and the texts that were printed, if any."""
    parts = [_cell(cell) for cell in notebook["cells"]]
    head, *rest = (part for part in parts if part)
    note = '!!! note "A notebook"\n\n    Run it with `make demo`, or in your own JupyterLab.\n'
    return "\n\n".join([head, note, *rest]) + "\n"


def _cell(cell: dict[str, Any]) -> str:
    source = "".join(cell["source"]).strip()
    if cell["cell_type"] == "markdown":
        return source
    if cell["cell_type"] != "code" or not source:
        return ""
    outputs = "".join(_text(output) for output in cell.get("outputs", ()))
    shown = f"\n\n```text\n{outputs.rstrip()}\n```" if outputs.strip() else ""
    return f"```python\n{source}\n```{shown}"


def _text(output: dict[str, Any]) -> str:
    found = output.get("text") or output.get("data", {}).get("text/plain", "")
    return "".join(found)


def linked(text: str) -> str:
    """Links between files of the root lead to the pages made from them."""
    for name, page in PROJECT.items():
        text = text.replace(f"]({name}", f"]({Path(page).name}")
    return re.sub(r"\]\(docs/", "](../", text)
