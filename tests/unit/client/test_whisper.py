"""A Whisper model's folder, with another package in the place of faster-whisper."""

import sys
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import pytest

from ipyavatar.client.whisper import NEEDED, WhisperFolder
from ipyavatar.errors import InvalidArgument, MissingPart


@pytest.fixture
def folder(tmp_path):
    for name in NEEDED:
        (tmp_path / name).touch()
    return tmp_path


class Model:
    """As faster-whisper's."""

    made: ClassVar[list] = []

    def __init__(self, path, **how):
        self.made.append((path, how))

    def transcribe(self, samples, **how):
        self.asked = (samples, how)
        texts = [" Hello", " there. ", how["language"] or "?"]
        return (SimpleNamespace(text=text) for text in texts), None


@pytest.fixture
def package(monkeypatch):
    module = ModuleType("faster_whisper")
    module.WhisperModel = Model
    monkeypatch.setitem(sys.modules, "faster_whisper", module)
    Model.made = []
    return Model


def test_it_is_loaded_once_with_the_first_sound(folder, package):
    """And downloads nothing."""
    recognizer = WhisperFolder(folder)
    assert package.made == []
    assert recognizer([0.0]) == "Hello there. ?"
    assert recognizer([0.0], language="de") == "Hello there. de"
    ((path, how),) = package.made
    assert path == str(folder)
    assert how["local_files_only"] is True


def test_without_the_package_it_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(MissingPart, match=r"ipyavatar\[listen\]"):
        WhisperFolder(folder)


def test_a_folder_that_lacks_a_part_is_refused(folder):
    (folder / "model.bin").unlink()
    with pytest.raises(InvalidArgument, match=r"model\.bin is missing"):
        WhisperFolder(folder)
