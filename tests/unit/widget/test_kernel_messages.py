"""A kernel whose messages wait for its cell: widgets' are let in, the rest keeps its place."""

import json
from collections import deque
from types import SimpleNamespace

import pytest

from ipyavatar.widget.kernel_messages import (
    AT_ONCE_MOST,
    KernelMessages,
    find_queue,
    hear_while_waiting,
)


class Frame:
    """A part of a message, as zmq gives it."""

    def __init__(self, value):
        self.bytes = json.dumps(value).encode()


class Session:
    """Its messages are `[signature, header]`, after the client's name; each is read once."""

    def __init__(self):
        self.read = []

    def feed_identities(self, parts, copy):
        return parts[:1], parts[1:]

    def unpack(self, data):
        return json.loads(data)

    def deserialize(self, signed, content, copy):
        header = json.loads(signed[1].bytes)
        assert header["id"] not in self.read  # a signature counts once
        self.read.append(header["id"])
        return {"header": header}


class Kernel:
    """What both ipykernels have, as far as it is used."""

    def __init__(self, *kinds, raises=()):
        arrived = deque(
            [Frame("client"), Frame("signature"), Frame({"msg_type": kind, "id": number})]
            for number, kind in enumerate(kinds)
        )
        socket = SimpleNamespace(
            poll=lambda timeout: len(arrived), recv_multipart=lambda copy: arrived.popleft()
        )
        self.stream = SimpleNamespace(socket=socket, flush=lambda: None)
        self.session = Session()
        self.queued, self.handled, self.told, self.woken = [], [], [], []
        self.raises = raises
        self.io_loop = SimpleNamespace(add_callback=self.woken.append)
        self.shell_handlers = dict.fromkeys(("comm_open", "comm_msg", "comm_close"), self.handle)

    def handle(self, stream, idents, message):
        if message["header"]["id"] in self.raises:
            raise RuntimeError("A user's callback.")
        self.handled.append(message["header"]["id"])

    def _publish_status(self, status, channel, parent):
        self.told.append((status, parent["header"]["id"]))


class Kernel6(Kernel):
    """It reads from the network by itself."""

    def __init__(self, *kinds, raises=()):
        super().__init__(*kinds, raises=raises)
        self.shell_stream = self.stream
        self.dispatch_shell = object()

    def schedule_dispatch(self, dispatch, parts):
        assert dispatch is self.dispatch_shell
        self.queued.append(json.loads(parts[2].bytes)["id"])


class Kernel7(Kernel):
    """A thread reads from the network, and gives it what is for no subshell."""

    def __init__(self, *kinds, raises=()):
        super().__init__(*kinds, raises=raises)
        self.stream._recv_callback = self.receive
        self.io_loop.add_callback = self.call_soon
        pairs = {None: SimpleNamespace(to_stream=self.stream)}
        manager = SimpleNamespace(get_shell_channel_to_subshell_pair=pairs.get)
        self.shell_channel_thread = SimpleNamespace(manager=manager)

    def receive(self, parts):
        self.queued.append(json.loads(parts[2].bytes)["id"])

    def call_soon(self, callback, *arguments):
        if arguments:
            callback(*arguments)
        else:
            self.woken.append(callback)


@pytest.fixture(params=[Kernel6, Kernel7])
def make_kernel(request):
    return request.param


def messages(kernel):
    return KernelMessages(kernel, find_queue(kernel))


def test_widgets_are_heard_and_cells_keep_their_order(make_kernel):
    kernel = make_kernel(
        "execute_request", "comm_msg", "complete_request", "comm_open", "comm_close"
    )
    assert messages(kernel).let_in() == 5
    assert kernel.handled == [1, 3, 4]
    assert kernel.queued == [0, 2]
    assert kernel.told[:2] == [("busy", 1), ("idle", 1)]  # so that the page sends the next
    assert kernel.session.read == [1, 3, 4]
    assert len(kernel.woken) == 1


def test_one_that_fails_ends_nothing_and_the_page_is_told_that_it_is_over(make_kernel, caplog):
    kernel = make_kernel("comm_msg", "nonsense", "comm_msg", raises=[0])
    assert messages(kernel).let_in() == 3
    assert kernel.handled == [2]
    assert ("idle", 0) in kernel.told
    assert "could not be handled" in caplog.text


def test_where_nothing_has_come_nothing_is_done(make_kernel):
    kernel = make_kernel()
    assert messages(kernel).let_in() == 0
    assert kernel.woken == []


def test_whoever_waits_gets_a_turn_in_a_flood(make_kernel):
    kernel = make_kernel(*["comm_msg"] * (AT_ONCE_MOST + 5))
    assert messages(kernel).let_in() == AT_ONCE_MOST
    assert messages(kernel).let_in() == 5


def test_other_kernels_are_left_alone():
    """A release of ipykernel 7 that we do not know; one that is none; none at all."""
    newer = Kernel7()
    newer.shell_channel_thread = object()
    silent = Kernel7()
    silent.stream._recv_callback = None
    for kernel in (newer, silent, Kernel(), SimpleNamespace(), None):
        assert hear_while_waiting(kernel) is False
