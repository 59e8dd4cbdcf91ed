"""`%%speak` and `%%present`, in a shell."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from ipyavatar.errors import InvalidArgument
from ipyavatar.widget import magics


@pytest.fixture(scope="module")
def shell():
    shell = InteractiveShell()
    for _ in range(2):
        magics.register(shell)
    return shell


@pytest.mark.parametrize("name", ["speak", "present"])
def test_their_help_is_their_own(shell, name):
    assert shell.find_cell_magic(name).__doc__ == getattr(magics, name).__doc__


@pytest.mark.parametrize("line", ["class", "two names", "7", "nobody", "number"])
def test_what_names_no_avatar_is_refused(shell, line):
    shell.user_ns["number"] = 7
    with pytest.raises(InvalidArgument) as refused:
        shell.run_cell_magic("speak", line, "Hello.")
    assert refused.value.fix
    assert line != "class" or "no name" in str(refused.value)
