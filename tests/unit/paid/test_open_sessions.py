"""Whose an open session is: the ledger joined with what this process and the services know."""

from ipyavatar.paid.ledger import Ledger
from ipyavatar.paid.open_sessions import KnownSession, merge_sessions
from ipyavatar.paid.process_identity import ProcessIdentity
from ipyavatar.providers.cloud.models import ListedSession
from tests.support.fakes.credentials import credentials_of

ME = ProcessIdentity("here", 1, "began")
COMPANION = ProcessIdentity("here", 2, "began")
OWN = KnownSession("heygen", "s", "open", 5.0, 1.0, None, "this process")
LISTED = [
    (credentials_of("heygen"), [ListedSession("heygen", one, "active") for one in ("s", "t")]),
]


def test_a_session_in_the_companion_of_this_process_is_its_own(tmp_path):
    ledger = Ledger(tmp_path / "sessions.db", watch_every_s=None)
    for kernel in (ME, COMPANION):
        ledger.opened(ledger.opening("heygen", "https://x", owner=COMPANION, kernel=kernel), "s")
    found = merge_sessions(ledger.open_rows(), (), now=9.0, me=ME, gone=lambda _: False)
    assert {one.where for one in found} == {"this process", "process 2"}
    ledger.close()


def test_what_is_open_in_this_process_is_its_own_although_the_ledger_lacks_it():
    found = merge_sessions((), LISTED, now=9.0, me=ME, own=[OWN])
    assert [(one.session_id, one.where) for one in found] == [
        ("s", "this process"),
        ("t", "not opened from here"),
    ]


def test_what_the_ledger_has_is_not_listed_twice(tmp_path):
    ledger = Ledger(tmp_path / "sessions.db", watch_every_s=None)
    ledger.opened(ledger.opening("heygen", "https://x"), "s")
    found = merge_sessions(ledger.open_rows(), (), now=9.0, me=ME, own=[OWN])
    assert [one.row is None for one in found] == [False]
    ledger.close()
