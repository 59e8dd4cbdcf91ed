import ipyavatar
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
