"""What is told of a companion process that died."""

import pytest

from ipyavatar.client.transport import last_words

FATAL = "Fatal Python error: Failed to import encodings module"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], ""),
        (["", "  "], ""),
        (["one", "two", ""], "two"),
        (["Traceback", "  x", "ValueError: no", ""], "ValueError: no"),
        (["OSError: a", "During handling", "ValueError: b"], "ValueError: b"),
        (["sys.path = [", "]", FATAL, "Python runtime state: core initialized",
          "ModuleNotFoundError: No module named 'encodings'", "", "Current thread 0x1:",
          "  <no Python frame>"], FATAL),
    ],
)  # fmt: skip
def test_its_last_words_are_the_line_that_says_why(lines, told):
    """Python still tells its state after a fatal error, and ends with nothing of use."""
    assert last_words(lines) == told
