"""How processes of ours are started: where they look for modules, and where they do not."""

import json
import os
import subprocess
import sys

import pytest

from ipyavatar.core.python_process import (
    install_folders,
    popen_options,
    python_command,
    python_environment,
)


@pytest.fixture
def folders(tmp_path):
    """`users` holds files, `layer` and `target` what an installer wrote, `here` is where we are."""
    for name in ("users", "layer", "target", "here"):
        (tmp_path / name).mkdir()
    (tmp_path / "users" / "numpy.py").touch()
    (tmp_path / "users" / "thing.egg-info").mkdir()
    (tmp_path / "layer" / "numpy-2.0.dist-info").mkdir()
    (tmp_path / "target" / "ipyavatar-0.1.0.dist-info").mkdir()
    return tmp_path


def test_only_what_an_installer_wrote_is_looked_at(folders):
    """In the kernel's order; a folder of the user's is none, wherever it stands on the path."""
    users, layer, target = (str(folders / name) for name in ("users", "layer", "target"))
    path = [
        users,
        "",
        ".",
        layer,
        str(folders / "gone"),
        target,
        layer,
        7,
        None,
        "/x.zip",
        "\0",
        "/x\0",
    ]
    assert install_folders(path, str(folders / "here")) == ([layer, target], [])


@pytest.mark.parametrize("entry", ["", ".", "absolute", "../here"])
def test_the_working_directory_is_looked_at_only_where_we_were_installed_into_it(folders, entry):
    """`pip install --target .`; and then last."""
    here = folders / "here"
    path = [str(here) if entry == "absolute" else entry, str(folders / "layer")]
    (here / "numpy-2.0.dist-info").mkdir()
    assert install_folders(path, str(here)) == ([str(folders / "layer")], [])
    (here / "ipyavatar-0.1.0.dist-info").mkdir()
    assert install_folders(path, str(here)) == ([str(folders / "layer")], [str(here)])


def test_a_relative_folder_is_meant_from_the_working_directory(folders):
    """The companion has another one; and where ours is gone, such a folder is, too."""
    assert install_folders(["../layer"], str(folders / "here")) == ([str(folders / "layer")], [])
    assert install_folders(["../layer", ""], "") == ([], [])


def test_the_working_directory_may_have_been_deleted(folders, monkeypatch):
    """There is a command all the same."""
    monkeypatch.chdir(folders / "here")
    (folders / "here").rmdir()
    layer = str(folders / "layer")
    command = python_command("ipyavatar.x", "python", ["", "relative", layer])
    assert json.loads(command[-1])["before"] == [layer]
    assert python_environment({"SSL_CERT_FILE": "ca.pem"}) == {"SSL_CERT_FILE": "ca.pem"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PYTHONHASHSEED", "abc"),
        ("PYTHONMALLOC", "none of them"),
        ("PYTHONIOENCODING", "no-such-codec"),
        ("PYTHONTRACEMALLOC", "many"),
        ("PYTHON_GIL", "0"),
        ("PYTHON_CPU_COUNT", "x"),
        ("PYTHONUTF8", "7"),
        ("PYTHONHOME", os.path.join(os.sep, "of", "another", "python")),
        ("PYTHONPLATLIBDIR", "nolib"),
    ],
)
def test_what_would_keep_python_from_starting_is_not_passed_on(name, value):
    """A cell sets it for a program that it runs; ours is started later."""
    assert python_environment({name: value, "OTHER": value}) == {"OTHER": value}


def test_what_this_python_goes_by_is_passed_on():
    """It found its own modules by that."""
    own = {"PYTHONHOME": sys.base_prefix, "PYTHONPLATLIBDIR": sys.platlibdir, "PYTHONUTF8": "1"}
    assert python_environment(own) == own


def test_on_windows_no_console_flashes_and_ctrl_c_stays_in_the_cell():
    """By flags of its own: there are no sessions."""
    assert popen_options("win32") == {"creationflags": 0x0800_0000 | 0x0000_0200}
    assert popen_options("linux") == popen_options("darwin") == {"start_new_session": True}
    if os.name == "nt":
        assert popen_options()["creationflags"] & subprocess.CREATE_NO_WINDOW
