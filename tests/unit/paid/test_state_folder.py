"""Where the ledger is kept, also by a user without a home folder."""

from pathlib import Path

import platformdirs
import pytest

from ipyavatar.paid import state_folder as module
from ipyavatar.paid.ledger import default_path
from ipyavatar.paid.state_folder import state_folder


def test_the_place_is_the_users_state_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    assert default_path() == tmp_path / "sessions.db"
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", "~/state")
    assert state_folder() == Path.home() / "state"
    monkeypatch.delenv("IPYAVATAR_STATE_DIR")
    assert default_path().name == "sessions.db"
    assert state_folder().name == "ipyavatar"


@pytest.fixture(params=["raises", "names a folder ~"])
def homeless(request, monkeypatch, tmp_path):
    """The folder for temporary files of a user whose home nobody knows."""

    def user_state_path(*_, **__):
        if request.param == "raises":
            raise RuntimeError("could not determine the home directory")
        return Path("~/.local/state/ipyavatar")

    monkeypatch.delenv("IPYAVATAR_STATE_DIR", raising=False)
    monkeypatch.setattr(platformdirs, "user_state_path", user_state_path)
    monkeypatch.setattr(module.tempfile, "gettempdir", lambda: str(tmp_path))
    return tmp_path


def test_without_a_home_it_is_a_folder_of_ones_own_among_temporary_files(homeless):
    folder = state_folder()
    assert folder.parent == homeless
    assert folder.stat().st_mode & 0o077 == 0
    assert state_folder() == folder


@pytest.mark.parametrize("harm", ["open to all", "a link", "a file"])
def test_a_folder_that_others_can_reach_is_none(homeless, harm):
    """Then the ledger warns that it cannot be written."""
    folder = state_folder()
    if harm == "open to all":
        folder.chmod(0o777)
    else:
        folder.rmdir()
        (homeless / "elsewhere").mkdir(mode=0o700)
        if harm == "a link":
            folder.symlink_to(homeless / "elsewhere")
        else:
            folder.touch(0o600)
    with pytest.raises(NotADirectoryError):
        state_folder().mkdir(parents=True, exist_ok=True)
