"""What is typed is answered by the user's own function, and a lesson shows how far it is."""

from __future__ import annotations

from .conftest import Open

CELL = """
import threading
from ipyavatar import Avatar
let_go = threading.Event()
def tutor(text):
    let_go.wait(30)
    yield f"You say {text}, and I agree."
avatar = Avatar(responder=tutor, quality="low")
avatar
"""
LESSON = """
lesson = avatar.present(["# Data\\nHere it is.", ("The end", "That was all.")], pause=0.2)
"""


def test_the_text_box_asks_the_responder_and_a_lesson_shows_its_chapters(
    open_notebook: Open,
) -> None:
    notebook = open_notebook([CELL, "let_go.set()", LESSON, "lesson.wait(30)\nlesson.state"])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    assert view.js("root.querySelector('.ipyavatar-field').placeholder") == "Ask Ava"
    view.say("yes")
    view.shows("Thinking")
    notebook.run(1)
    view.caption_comes("You say yes")
    told = "[message['content'] for message in avatar.history]"
    notebook.becomes(told, "['yes', 'You say yes, and I agree.']")
    notebook.run(2)
    view.shows("1 of 2: Data")
    view.shows("2 of 2: The end")
    assert "done" in notebook.run(3)
    view.shows("Ready|Live")
