"""The host in a thread of this process."""

import pytest

from ipyavatar.client.thread_transport import ThreadTransport
from ipyavatar.errors import HostError


def test_a_program_without_sockets_is_told_what_to_do():
    """As pytest-socket has it: no loop can be made."""

    def refuse():
        raise RuntimeError("sockets are off")

    with pytest.raises(HostError, match=r"sockets are off.*host=\"process\"") as caught:
        ThreadTransport(lambda event: None, lambda what, fix="", final=False: None, refuse)
    assert isinstance(caught.value.__cause__, RuntimeError)
