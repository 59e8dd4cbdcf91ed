"""Libraries that cannot be loaded are named, with the reason and what to do."""

import sys
import threading

import pytest

from ipyavatar.core.libraries import broken_library, load_module
from ipyavatar.errors import InvalidArgument, MediaError

SOON_S = 60.0
LACKS = "ImportError('libGL.so.1: cannot open shared object file')"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a module that can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name, code):
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(code)

    return write


@pytest.mark.parametrize(
    "error", [LACKS, "AttributeError('_ARRAY_API not found')", "OSError('cannot allocate')"]
)
def test_the_library_is_named_with_the_reason_which_is_kept(write, error):
    """Whatever it raises, and whoever imports it."""
    write("lib_that_fails", f"import json\nraise {error}")
    write("part_of_ours", "import lib_that_fails")
    with pytest.raises(MediaError) as caught:
        load_module("part_of_ours")
    cause = caught.value.__cause__
    assert caught.value.what.startswith(f"lib_that_fails cannot be loaded: {type(cause).__name__}:")
    assert str(cause) in caught.value.what
    assert ("package of the system" in caught.value.fix) is (".so" in error)


def test_one_that_is_missing_is_named(write):
    """With the package that brings it."""
    write("part_of_ours", "import lib_that_is_not_there.part")
    with pytest.raises(MediaError, match=r"lib_that_is_not_there.*pip install ipyavatar"):
        load_module("part_of_ours")


def test_the_package_that_installed_it_is_named():
    """It has another name than its module."""
    error = ImportError("libGL.so.1: cannot open shared object file", name="google.protobuf")
    assert "pip install --force-reinstall protobuf." in broken_library(error).fix


def test_our_own_errors_stay(write):
    """They say what to do themselves."""
    write(
        "part_of_ours", "from ipyavatar.errors import InvalidArgument\nraise InvalidArgument('x')"
    )
    with pytest.raises(InvalidArgument):
        load_module("part_of_ours")


def test_where_the_system_has_no_more_files_no_library_is_blamed(write):
    """To install it anew would help nobody."""
    write("part_of_ours", "import errno\nraise OSError(errno.EMFILE, 'Too many open files')")
    with pytest.raises(OSError, match="Too many open files"):
        load_module("part_of_ours")


def test_of_two_threads_that_load_it_at_once_both_are_told_the_reason(write, monkeypatch):
    """The second was told that the module had no such name."""
    monkeypatch.setattr(sys, "entered", threading.Event(), raising=False)
    monkeypatch.setattr(sys, "goes_on", threading.Event(), raising=False)
    wait = f"import sys\nsys.entered.set()\nassert sys.goes_on.wait({SOON_S})\n"
    write("part_of_ours", f"{wait}raise {LACKS}")
    told = []

    def load():
        try:
            load_module("part_of_ours")
        except MediaError as error:
            told.append("libGL.so.1" in error.what)

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert sys.entered.wait(SOON_S)
    sys.goes_on.set()
    for thread in threads:
        thread.join(SOON_S)
    assert told == [True, True]
