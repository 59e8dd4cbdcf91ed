"""The files that something is said into."""

import pytest

from ipyavatar.api.movie_files import MovieFiles, sort_files
from ipyavatar.errors import InvalidArgument, MediaError


def test_the_movie_and_the_captions_are_told_apart():
    """By their names, in any order."""
    assert sort_files(["a.SRT", "b.mp4", "c.vtt"], None, None) == MovieFiles(
        "b.mp4", ("a.SRT", "c.vtt")
    )


def test_a_look_whether_files_can_be_written_leaves_nothing_behind(tmp_path):
    """Neither a new file nor a change to one that is there."""
    kept = tmp_path / "kept.srt"
    kept.write_text("of before")
    MovieFiles(str(tmp_path / "a.mp4"), (str(kept),)).check_writable()
    assert [one.name for one in tmp_path.iterdir()] == ["kept.srt"]
    assert kept.read_text() == "of before"
    with pytest.raises(MediaError, match="cannot be written"):
        MovieFiles(str(tmp_path / "no" / "a.mp4"), ()).check_writable()


@pytest.mark.parametrize("name", ["x", "."])
def test_a_name_without_an_end_is_told_so(name):
    with pytest.raises(InvalidArgument, match="does not end with a kind of file") as refused:
        sort_files([name], None, None)
    assert "out.mp4" in refused.value.fix
