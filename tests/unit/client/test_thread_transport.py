"""The host in a thread of this process."""

import pytest

from ipyavatar.client.thread_transport import ThreadTransport, refuse_green_threads
from ipyavatar.errors import HostError


def test_a_program_without_sockets_is_told_what_to_do():
    """As pytest-socket has it: no loop can be made."""

    def refuse():
        raise RuntimeError("sockets are off")

    with pytest.raises(HostError, match=r"sockets are off.*host=\"process\"") as caught:
        ThreadTransport(lambda event: None, lambda what, fix="", final=False: None, refuse)
    assert isinstance(caught.value.__cause__, RuntimeError)


class Green:
    """A thread as gevent makes it: it runs in the one that waits for it."""

    def __init__(self, target, daemon):
        self.join = target

    def start(self):
        pass


def test_threads_that_take_turns_in_one_are_refused():
    """The host's loop would be in the way of all others."""
    with pytest.raises(HostError, match='host="process"'):
        refuse_green_threads(Green)
    refuse_green_threads()
