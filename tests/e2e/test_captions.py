"""Captions of every script, in their direction, in lines of a bounded length."""

from __future__ import annotations

import itertools
import pathlib

from tests.support.lab import Notebook
from tests.support.page_avatar import View

from .conftest import Open

SHOTS = pathlib.Path(__file__).parents[2] / "shots" / "captions"
RIGHT_TO_LEFT = {
    "Arabic": "مرحبا بكم في دفتر الملاحظات.",
    "Hebrew": "שלום לכולם, ברוכים הבאים.",
    "Arabic with a Latin name": "نكتب اليوم برنامجا في Python.",
}
WITHOUT_SPACES = {
    "Chinese": "今天我们来学习梯度下降。它每次只走一小步、直到脚下的坡度变平为止。" * 2,
    "Japanese": "勾配降下法は一歩ずつ坂を下り、足元の傾きがなくなるまで進みます。" * 2,
    "Thai": "วันนี้เราจะเรียนรู้เรื่องการไล่ระดับความชันทีละน้อยจนกว่าพื้นจะราบ" * 2,
    "emoji": "👩‍👩‍👧‍👦🇩🇪👍🏽" * 20,
    "one word": "".join(map(chr, range(97, 123))) * 5,
}
READ = ("Chinese", "one word")
"""Shown without times of words as well, for as long as one reads: that is alike for all scripts."""
LATER = itertools.count(10**14)
"""When a caption becomes true: after all that the host has said."""
RECORD = """(() => {
  const captions = root.querySelector('.ipyavatar-captions');
  const stage = root.querySelector('.ipyavatar-stage');
  new MutationObserver(() => {
    const caption = captions.firstChild;
    if (!caption || caption.textContent === root.__pages.at(-1)?.text) return;
    const box = caption.getBoundingClientRect(), room = stage.getBoundingClientRect();
    const pieces = [...caption.querySelectorAll('span')];
    const tops = pieces.flatMap(s => [...s.getClientRects()].map(r => Math.round(r.top)));
    root.__pages.push({
      text: caption.textContent,
      lines: new Set(tops).size,
      out: Math.max(room.left - box.left, box.right - room.right, room.top - box.top),
    });
  }).observe(captions, { childList: true });
  return 1;
})()"""
"""Notes each page of a caption, and how it lies, in `root.__pages`."""
FULL_STOP = """(() => {
  const caption = root.querySelector('.ipyavatar-caption');
  const last = [...caption.querySelectorAll('span')].at(-1).firstChild;
  const range = document.createRange();
  range.setStart(last, last.length - 1);
  range.setEnd(last, last.length);
  const stop = range.getBoundingClientRect(), box = caption.getBoundingClientRect();
  return { text: range.toString(), left: stop.left - box.left, right: box.right - stop.right };
})()"""


def shown(open_notebook: Open) -> tuple[Notebook, View]:
    notebook = open_notebook()
    notebook.run(0)
    view = notebook.view()
    view.plays()
    return notebook, view


def tell(notebook: Notebook, text: str, words: list[tuple[str, float, float]]) -> None:
    """The page is told a caption, as by a service: the embedded voice reads English only."""
    at = next(LATER)
    message = {
        "type": "caption",
        "speech": "s",
        "text": text,
        "words": words,
        "at": at,
        "clockMs": None,
    }
    notebook.value(f"avatar.send({message!r})")


def shoot(view: View, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    view.root.screenshot(path=SHOTS / f"{name.replace(' ', '-')}.png")


def test_a_full_stop_stands_where_the_sentence_ends(open_notebook: Open) -> None:
    notebook, view = shown(open_notebook)
    for name, text in RIGHT_TO_LEFT.items():
        tell(notebook, text, [])
        view.until(
            "root.querySelector('.ipyavatar-captions').textContent.includes(arg)", text, 20, text
        )
        stop = view.js(FULL_STOP)
        shoot(view, name)
        assert stop["text"] == "."
        assert stop["left"] < 20 < stop["right"], f"{name}, on the wrong side: {stop}"


def test_text_without_spaces_turns_pages_of_two_lines(open_notebook: Open) -> None:
    notebook, view = shown(open_notebook)
    view.js(RECORD)
    for name, text in WITHOUT_SPACES.items():
        for words in ([(text, 0.0, 2.0)], *([[]] if name in READ else [])):
            tell(notebook, "", [])
            view.until("!root.querySelector('.ipyavatar-caption')", "no caption")
            view.js("(root.__pages = []) && 1")
            tell(notebook, text, words)
            view.until("root.__pages.map(p => p.text).join('') === arg", f"all of {text}", 20, text)
            pages = view.js("root.__pages")
            assert len(pages) >= 2, pages
            for page in pages:
                assert page["lines"] <= 2, page
                assert page["out"] <= 0, f"it sticks out: {page}"
        shoot(view, name)


def test_the_text_box_writes_in_the_direction_of_its_text(open_notebook: Open) -> None:
    _, view = shown(open_notebook)
    direction = "getComputedStyle(root.querySelector('.ipyavatar-field')).direction"
    for text, wanted in (("שלום.", "rtl"), ("Hello.", "ltr"), ("مرحبا", "rtl")):
        view.field.fill(text)
        assert view.js(direction) == wanted


def test_an_input_methods_enter_ends_the_word_and_sends_nothing(open_notebook: Open) -> None:
    notebook, view = shown(open_notebook)
    view.field.focus()
    cdp = notebook.page.context.new_cdp_session(notebook.page)
    cdp.send("Input.imeSetComposition", {"text": "こ", "selectionStart": 1, "selectionEnd": 1})
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    cdp.send("Input.insertText", {"text": "こんにちは"})
    # Safari's order: the composition has ended when the key is told.
    cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    assert view.field.input_value() == "こんにちは"
    assert notebook.value("len(avatar.transcript)") == "0"
    notebook.page.keyboard.press("Enter")
    notebook.becomes("avatar.transcript[-1]['text'] if avatar.transcript else ''", "こんにちは")
