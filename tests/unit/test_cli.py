import pytest

from ipyavatar.cli import main


def test_foreign_alone_is_refused(capsys):
    """It would have no effect: the message names what it goes with."""
    with pytest.raises(SystemExit):
        main(["sessions", "--foreign"])
    assert "--stop-all" in capsys.readouterr().err
