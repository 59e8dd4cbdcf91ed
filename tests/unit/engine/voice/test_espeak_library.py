"""Where eSpeak NG's library comes from, and what is said where it is not there."""

import ctypes.util
import sys

import pytest

from ipyavatar.engine.voice import espeak_library
from ipyavatar.errors import MissingPart


@pytest.fixture
def nothing_loaded():
    """As in a process in which nobody has asked for it."""
    return espeak_library.load_espeak.__wrapped__


def test_where_it_is_not_installed_the_message_says_how_to(monkeypatch, nothing_loaded):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    with pytest.raises(MissingPart, match=r"ipyavatar\[espeak\].*GPL"):
        nothing_loaded()


def test_a_library_of_something_else_is_told(monkeypatch, nothing_loaded):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: "libm.so.6")
    with pytest.raises(MissingPart, match="cannot be loaded"):
        nothing_loaded()
