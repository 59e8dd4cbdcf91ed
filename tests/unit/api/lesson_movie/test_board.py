"""What the pages of a lesson may ask for, and what is beside the board."""

import asyncio

import pytest

from ipyavatar.api.lesson_movie.board import HOME, Board, find_file, side_markup
from ipyavatar.core.quality import QUALITIES
from ipyavatar.errors import LessonStopped
from ipyavatar.media.lesson_layout import LessonLayout
from tests.support.fakes.busy_page import BusyPage


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "lesson"
    (inside / "pictures").mkdir(parents=True)
    (inside / "pictures" / "a b.png").write_bytes(b"")
    (tmp_path / "secret.txt").write_text("")
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    return inside


def test_pictures_of_the_notebooks_folder_are_found(folder):
    """By their addresses, with spaces and questions in them."""
    found = find_file(f"{HOME}pictures/a%20b.png?v=1", folder)
    assert found == folder / "pictures" / "a b.png"


@pytest.mark.parametrize(
    "address",
    [
        f"{HOME}../secret.txt",
        f"{HOME}%2e%2e/secret.txt",
        f"{HOME}..%2fsecret.txt",
        f"{HOME}link.txt",
        f"{HOME}/etc/passwd",
        f"{HOME}pictures",
        f"{HOME}none.png",
        f"{HOME}a%00b",
        "http://lesson.invalid.example.com/pictures/a%20b.png",
        "https://example.com/a.png",
        "file:///etc/passwd",
    ],
)
def test_nothing_else_is_given(folder, address):
    """Neither what is outside of the folder nor what is on the network."""
    assert find_file(address, folder) is None


def test_the_chapters_around_the_one_it_is_at_are_beside_the_board():
    """As many as there is room for, as text."""
    chapters = [f"Chapter <{number}>" for number in range(20)]
    shown = side_markup("<A & B>", chapters, 10, 5)
    assert "<h1>&lt;A &amp; B&gt;</h1>" in shown
    assert shown.count("<li") == 5
    assert '<li class="now">Chapter &lt;10&gt;</li>' in shown
    assert "11 of 20" in shown
    assert 'class="now"' not in side_markup("T", chapters, -1, 5)
    assert "of 20" not in side_markup("T", chapters, -1, 5)


@pytest.mark.parametrize(
    "call",
    [
        lambda board: board.add("cell-1", ""),
        lambda board: board.fill("cell-1", "[1]", "<script>while(true);</script>"),
        lambda board: board.place("cell-1"),
        lambda board: board.shoot(0, 8),
        lambda board: board.shoot_side("T", [], -1),
    ],
)
def test_a_page_that_is_busy_stops_the_lesson(call):
    """A script in an output may not end: nobody waits for that."""
    layout = LessonLayout.of(QUALITIES["low"], burnt=False)
    board = Board(BusyPage(), BusyPage(), layout, answer_s=0)
    with pytest.raises(LessonStopped, match="has not answered within 0 s"):
        asyncio.run(asyncio.wait_for(call(board), 5))
