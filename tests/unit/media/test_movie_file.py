"""The file under a movie has one writer."""

import errno
import os
import sys

import numpy as np
import pytest

from ipyavatar.errors import MediaError
from ipyavatar.media import movie_file
from ipyavatar.media.movie import Movie
from ipyavatar.media.movie_file import MovieFile


def test_a_file_that_is_being_written_is_refused_and_stays(tmp_path):
    """By another name for it, too; until that has ended."""
    path, other = tmp_path / "a.mp4", tmp_path / "b.mp4"
    file = MovieFile(str(path))
    file.write(b"of the first")
    other.symlink_to(path)
    for name in (path, other):
        with pytest.raises(MediaError, match=r"already\. Wait for its end, or choose another"):
            Movie(str(name), (64, 64))
    assert path.read_bytes() == b"of the first"
    file.end()
    Movie(str(other), (64, 64)).close()
    assert path.stat().st_size > 100


def test_what_was_longer_is_gone(tmp_path):
    """A shorter movie in the place of a longer file is not followed by the rest of that."""
    path = tmp_path / "a.wav"
    path.write_bytes(b"x" * 100_000)
    movie = Movie(str(path), (64, 64))
    movie.put_audio(np.zeros(960, np.float32))
    movie.close()
    assert path.stat().st_size < 10_000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows replaces no file that is open")
def test_a_file_in_whose_place_another_comes_is_still_taken(tmp_path):
    """Else the movie with its captions would take the place of a new one."""
    path = str(tmp_path / "a.mp4")
    file = MovieFile(path)
    file.let_replace()
    with pytest.raises(MediaError, match="already"):
        MovieFile(path)
    file.end()
    MovieFile(path).end()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_file_that_has_ended_is_free_though_a_child_has_it(tmp_path):
    """A process that was forked meanwhile does not keep the lock."""
    path = str(tmp_path / "a.mp4")
    file = MovieFile(path)
    waited, end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(end)
        os.read(waited, 1)
        os._exit(0)
    os.close(waited)
    try:
        file.end()
        MovieFile(path).end()
    finally:
        os.close(end)
        os.waitpid(child, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows replaces no file that is open")
@pytest.mark.parametrize("after", ["replaced", "removed"])
def test_a_file_that_was_replaced_before_it_was_locked_is_opened_again(
    tmp_path, monkeypatch, after
):
    """What is written is found under the name, and not lost with the old file."""
    import fcntl

    path, lock = tmp_path / "a.mp4", fcntl.flock

    def flock(number: int, what: int) -> None:
        monkeypatch.undo()
        path.unlink()
        if after == "replaced":
            path.write_bytes(b"with captions")
        lock(number, what)

    monkeypatch.setattr(fcntl, "flock", flock)
    file = MovieFile(str(path))
    file.write(b"new")
    file.end()
    assert path.read_bytes() == b"new"


class WindowsLocks:
    """`msvcrt`, as far as it locks: what is locked is refused to others."""

    LK_NBLCK = 2

    def __init__(self):
        self.locked = set()

    def locking(self, number, mode, length):
        assert (mode, length, os.lseek(number, 0, os.SEEK_CUR)) == (2, 1, movie_file.FAR)
        file = os.fstat(number).st_ino
        if file in self.locked:
            raise PermissionError(errno.EACCES, "taken")
        self.locked.add(file)


def test_without_the_locks_of_posix_those_of_windows_do(tmp_path, monkeypatch):
    monkeypatch.setattr(movie_file, "fcntl", None)
    monkeypatch.setattr(movie_file, "msvcrt", WindowsLocks())
    monkeypatch.setattr(movie_file, "FAR", 1 << 40)  # as far as disks of Linux go
    path = tmp_path / "a.wav"
    file = MovieFile(str(path))
    file.write(b"of the first")
    with pytest.raises(MediaError, match="already"):
        MovieFile(str(path))
    file.end()
    assert path.read_bytes() == b"of the first"


def test_where_no_file_can_be_locked_movies_are_written_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(movie_file, "fcntl", None)
    monkeypatch.setattr(movie_file, "msvcrt", None)
    file = MovieFile(str(tmp_path / "a.wav"))
    file.write(b"sound")
    file.end()
    assert (tmp_path / "a.wav").read_bytes() == b"sound"
