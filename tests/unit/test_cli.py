import io
import runpy
import sys

import pytest

import ipyavatar
from ipyavatar.api import doctor
from ipyavatar.api.doctor.registry import Check
from ipyavatar.api.doctor.report import Finding
from ipyavatar.cli import main


def test_foreign_alone_is_refused(capsys):
    """It would have no effect: the message names what it goes with."""
    with pytest.raises(SystemExit):
        main(["sessions", "--foreign"])
    assert "--stop-all" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_table_is_printed_whatever_characters_the_terminal_has(monkeypatch, encoding):
    """Its marks still tell what works; a character that is missing is one that is there."""
    found = (
        Check("G", "One", lambda context: Finding("ok", "It is 日本."), 20.0),
        Check("G", "Two", lambda context: Finding("failed", "It is not.", "Do this."), 20.0),
    )
    monkeypatch.setattr(doctor, "all_checks", lambda: found)
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding=encoding))
    assert main(["doctor"]) == 1
    sys.stdout.flush()
    good, bad, fix = ("✓", "✗", "→") if encoding == "utf-8" else ("+", "x", ">")
    text = printed.getvalue().decode(encoding)
    assert f"{good} One" in text
    assert f"{bad} Two" in text
    assert f"{fix} Do this." in text


def test_the_module_is_the_command(capsys, monkeypatch):
    """`python -m ipyavatar --version`."""
    monkeypatch.setattr(sys, "argv", ["ipyavatar", "--version"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("ipyavatar", run_name="__main__")
    assert left.value.code == 0
    assert capsys.readouterr().out == f"ipyavatar {ipyavatar.__version__}\n"
