"""Nobody else reads or writes where a process of ours is talked to."""

import os

from ipyavatar.core.own_pipes import open_pipes
from ipyavatar.core.python_process import BOOTSTRAP


def test_they_are_moved_before_anything_of_the_environment_runs():
    """`site.main()` runs `sitecustomize` and what `.pth` files say."""
    assert BOOTSTRAP.index("os.dup(1)") < BOOTSTRAP.index("site.main()")


def test_those_that_were_moved_are_taken_as_they_are(tmp_path):
    """Whoever moved them says where they are."""
    (tmp_path / "in").write_bytes(b"x")
    with (tmp_path / "in").open("rb") as here, (tmp_path / "out").open("wb") as there:
        source, out = open_pipes(os.dup(here.fileno()), os.dup(there.fileno()))
        with source, out:
            out.write(source.read() + b"y")
    assert (tmp_path / "out").read_bytes() == b"xy"
