"""What a movie of a notebook refuses, before anything is made."""

import json
import sys

import pytest

pytest.importorskip("nbclient", reason="of the extra `lesson`")
pytest.importorskip("latex2mathml", reason="of the extra `lesson`")

from ipyavatar import record_lesson
from ipyavatar.api.lesson_movie.command import main
from ipyavatar.errors import AvatarError, InvalidArgument, MissingPart, UnknownName


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "lesson.ipynb"
    cell = {"cell_type": "markdown", "source": "Hello.", "metadata": {"tags": ["speak"]}}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    return path


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"character": "lea"}, "Did you mean 'leo'"),
        ({"voice": "junee"}, "Did you mean 'june'"),
        ({"quality": "auto"}, "quality 'auto'"),
        ({"captions": "subs"}, "captions 'subs'"),
        ({"codec": "vp9"}, "codec 'vp9' for .mp4"),
        ({"pause": -1}, "pause=-1 cannot be waited"),
        ({"cell_timeout_s": 0}, "cell_timeout_s=0 cannot be waited"),
        ({"kernel": "cobol"}, "kernel 'cobol' is not installed here; there is: "),
        ({"kernel": 5}, "kernel 5 is not installed here"),
        ({"kernel": ""}, "kernel '' is not installed here"),
        ({"kernel": b"python3"}, "is not installed here"),
        ({"allow_errors": "no"}, "allow_errors='no' cannot work. Give True or False"),
        ({"progress": 1}, "progress=1 cannot work"),
        ({"language": 5}, "language"),
        ({"speed": "fast"}, "speed='fast' cannot work"),
        ({"notebook": "."}, "^. cannot be read: Is a directory"),
        ({"output": "a.wav"}, r"with pictures\. Name one of: \.gif, \.mp4, \.webm\."),
        ({"output": ["a.srt"]}, "with pictures"),
        ({"output": []}, "no file"),
        ({"output": 7}, "not int"),
        ({"output": "no/a.mp4"}, "no/a.mp4' cannot be written"),
        ({"notebook": "none.ipynb"}, "none.ipynb cannot be read"),
    ],
)
def test_what_cannot_work_is_refused_and_leaves_no_file(notebook, monkeypatch, wrong, error):
    """Each is named, with what there is or what to do."""
    monkeypatch.chdir(notebook.parent)
    given = {"notebook": notebook, "output": "a.mp4", **wrong}
    with pytest.raises(AvatarError, match=error) as refused:
        record_lesson(**given)
    assert refused.value.fix
    assert [one.name for one in notebook.parent.iterdir()] == ["lesson.ipynb"]


def test_the_kernel_that_a_notebook_wants_is_named_where_it_is_missing(notebook, tmp_path):
    """With those that there are."""
    found = json.loads(notebook.read_text())
    found["metadata"] = {"kernelspec": {"name": "cobol"}}
    notebook.write_text(json.dumps(found))
    with pytest.raises(InvalidArgument, match="The notebook's kernel 'cobol'"):
        record_lesson(notebook, tmp_path / "a.mp4")


def test_a_notebook_with_nothing_to_say(notebook, tmp_path):
    """It says how to tag a cell."""
    notebook.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4}))
    with pytest.raises(InvalidArgument, match="'speak'"):
        record_lesson(notebook, tmp_path / "a.mp4")


def test_what_is_not_installed_is_said_with_the_command(notebook, tmp_path, monkeypatch):
    """Before anything is begun."""
    monkeypatch.setitem(sys.modules, "latex2mathml", None)
    with pytest.raises(MissingPart, match=r'latex2mathml\. Run: pip install "ipyavatar\[lesson\]"'):
        record_lesson(notebook, tmp_path / "a.mp4")


def test_a_browser_that_is_not_there_costs_no_movie_that_was(notebook, tmp_path, monkeypatch):
    """And says what to install."""
    kept = tmp_path / "a.mp4"
    kept.write_text("of before")
    monkeypatch.setenv("IPYAVATAR_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(MissingPart, match="Install Chromium"):
        record_lesson(notebook, kept)
    assert kept.read_text() == "of before"


def test_the_command_says_errors_in_a_line(notebook, tmp_path, capsys):
    """With an exit code."""
    code = main([str(notebook), "-o", str(tmp_path / "a.mp4"), "--character", "lea"])
    assert code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_unknown_names_are_of_their_kind(notebook, tmp_path):
    """So that a program can tell."""
    with pytest.raises(UnknownName):
        record_lesson(notebook, tmp_path / "a.mov")
