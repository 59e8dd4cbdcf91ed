"""`%%speak` and `%%present`, for a shell."""

import pytest

from ipyavatar.errors import InvalidArgument
from ipyavatar.widget import magics


class Shell:
    def __init__(self, **variables):
        self.user_ns = variables
        self.magics = {}

    def register_magic_function(self, function, kind, name):
        assert kind == "cell"
        self.magics[name] = function


def test_their_help_is_their_own():
    shell = Shell()
    magics.register(shell)
    assert {name: one.__doc__ for name, one in shell.magics.items()} == {
        "speak": magics.speak.__doc__,
        "present": magics.present.__doc__,
    }


@pytest.mark.parametrize("line", ["class", "two names", "7", "nobody", "number"])
def test_what_names_no_avatar_is_refused(line):
    with pytest.raises(InvalidArgument) as refused:
        magics.speak(Shell(number=7), line, "Hello.")
    assert refused.value.fix
    assert line != "class" or "no name" in str(refused.value)
