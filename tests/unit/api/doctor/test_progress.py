"""Where it is told what is being checked."""

import io

from ipyavatar.api.doctor.progress import TerminalProgress


def test_a_terminal_that_has_gone_ends_no_check():
    """Nobody reads it, and the report is for somebody else."""
    stream = io.StringIO()
    progress = TerminalProgress(stream)
    progress.show("One")
    assert stream.getvalue() == "One\n"
    stream.close()
    progress.show("Two")
    progress.close()
