"""The notebooks of conversations and lessons run from top to bottom, in a kernel of their own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"

SHOWN = {
    "04_conversation.ipynb": [
        "<Speech 'Well then, here is a stream.",
        "Not quite. Add 6 up, 7 times.",
        "Well done! And",
        "'role': 'assistant'",
    ],
    "05_a_lesson.ipynb": [
        "slope [0.0, 1.0, 2.0]",
        "ValueError: no data yet",
        "<Lesson: done, 2 of 2: Two>",
        "after 20 steps x is 3.00",
        "<Lesson: done, 3 of 3: Step by step>",
    ],
}


def test_the_notebooks_run_and_show_what_they_say(monkeypatch):
    """Both at once, for they mostly speak; no page is there, and all is said all the same."""
    monkeypatch.delenv("IPYAVATAR_CHAT_URL", raising=False)

    async def run_all():
        return await asyncio.gather(*map(run, SHOWN))

    for outputs, shown in zip(asyncio.run(run_all()), SHOWN.values(), strict=True):
        for text in shown:
            assert text in outputs


async def run(name):
    """What a notebook shows."""
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    place = {"metadata": {"path": str(NOTEBOOKS)}}
    await NotebookClient(notebook, timeout=120, resources=place).async_execute()
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )
