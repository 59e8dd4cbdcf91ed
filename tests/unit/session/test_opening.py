"""Why a session could not be opened, as an error that says what to do."""

import errno
import os

import pytest

from ipyavatar.session.opening import FIXES, opening_failure


@pytest.mark.parametrize("number", FIXES, ids=errno.errorcode.get)
def test_what_the_system_has_no_more_of_is_told_with_what_to_do(number, caplog):
    """It is nothing that nobody foresaw: no traceback is logged."""
    failure = opening_failure(OSError(number, os.strerror(number), "/a/file"))
    assert os.strerror(number) in failure.what
    assert failure.fix == FIXES[number]
    assert not caplog.records


def test_what_nobody_foresaw_is_logged_with_its_traceback(caplog):
    """It is one of ours all the same."""
    failure = opening_failure(OSError(errno.EIO, "odd"))
    assert "odd" in failure.what
    assert "in a way nobody foresaw" in caplog.text
