"""Files as users name them: what is no name is refused with our error."""

from pathlib import Path

import pytest

from ipyavatar.core.paths import exists, is_file, path_of
from ipyavatar.errors import InvalidArgument


class Odd:
    """A path, it says."""

    def __init__(self, name):
        self.name = name

    def __fspath__(self):
        if self.name is None:
            raise OSError("not today")
        return self.name


@pytest.mark.parametrize(
    "name", ["~nobody-of-that-name/a.mp4", Odd(3), Odd(None), None, 3, b"a.mp4"]
)
def test_what_names_no_file_is_refused(name):
    """Also by a class of the user's that raises what it likes."""
    with pytest.raises(InvalidArgument, match=r"record\(\).*Give a file's name"):
        path_of("record()", name)


def test_paths_of_every_kind(tmp_path):
    """Text, paths, and paths that are bytes."""
    for name in (str(tmp_path), tmp_path, Odd(str(tmp_path)), Odd(bytes(tmp_path))):
        assert path_of("record()", name) == tmp_path


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "."])
def test_what_cannot_be_a_file_is_none(name):
    """Names that are too long, and others that the system raises for."""
    assert not is_file(Path(name))


@pytest.mark.parametrize("name", ["x" * 5000, "/" + "a" * 300, "a\0b"])
def test_what_cannot_be_looked_at_does_not_exist(name, tmp_path):
    """The system raises for it, where others are only not there."""
    assert not exists(Path(name))
    assert exists(tmp_path)
