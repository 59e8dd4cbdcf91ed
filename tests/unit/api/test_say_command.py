"""`ipyavatar say`: where its text comes from, and what it says on errors."""

import io

from ipyavatar.api.say_command import main


def run(capsys, *arguments, stdin=""):
    code = main(arguments, io.StringIO(stdin))
    return code, capsys.readouterr().err


def test_errors_are_one_line_and_an_exit_code(capsys, tmp_path):
    """Without a traceback."""
    assert run(capsys, "Hello.", "-o", "a.avi")[0] == 2
    code, said = run(capsys, "-o", str(tmp_path / "a.wav"), stdin="  ")
    assert code == 2
    assert said == "There is nothing to say. Give some text.\n"


def test_the_voice_of_nobody(capsys):
    """It is the name that is wrong, and not the voice."""
    said = run(capsys, "Hello.", "--voice", "bob=june", "-o", "a.wav")[1]
    assert "There is no character 'bob'" in said


def test_a_text_and_a_file(capsys, tmp_path):
    """One of them; and a file that cannot be read is named."""
    assert "a text and a file" in run(capsys, "Hello.", "-f", "x", "-o", "a.wav")[1]
    missing = str(tmp_path / "none.txt")
    assert f"{missing} cannot be read: No such file" in run(capsys, "-f", missing, "-o", "a.wav")[1]
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    latin = str(tmp_path / "latin.txt")
    assert "UTF-8" in run(capsys, "-f", latin, "-o", "a.wav")[1]


def test_standard_input_that_is_closed(capsys, monkeypatch):
    """Python has None for it."""
    monkeypatch.setattr("sys.stdin", None)
    assert main(["-o", "a.wav"]) == 2
    assert "standard input cannot be read: it is closed" in capsys.readouterr().err
