"""What the module's functions and the command line say of what has no effect, or is missing."""

import pytest

import ipyavatar
from ipyavatar import Avatar
from ipyavatar.cli import main
from ipyavatar.errors import InvalidArgument, NotOffered
from ipyavatar.paid.ledger import Ledger


def test_usage_says_that_the_ledger_cannot_be_read(tmp_path):
    """Else it looks as if nothing had been used."""
    (tmp_path / "sessions.db").mkdir()
    ledger = Ledger(tmp_path / "sessions.db", watch_every_s=None)
    report = ipyavatar.usage(ledger=ledger)
    assert report.problems
    assert report.problems[0] in repr(report)
    assert "<p>" in report._repr_html_()
    ledger.close()


def test_foreign_alone_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["sessions", "--foreign"])
    assert "--stop-all" in capsys.readouterr().err


@pytest.mark.parametrize("call", [ipyavatar.voices, ipyavatar.contexts])
def test_what_a_service_has_not_needs_no_key_to_be_told(call, monkeypatch):
    monkeypatch.delenv("HEYGEN_API_KEY", raising=False)
    with pytest.raises(NotOffered):
        call("heygen")


@pytest.mark.parametrize("name", ["character", "provider"])
def test_what_an_avatar_is_made_of_cannot_be_set_later(name):
    avatar = Avatar(host="thread")
    with pytest.raises(InvalidArgument, match=f"Make another avatar, with {name}="):
        setattr(avatar, name, "leo")
    avatar.close()
