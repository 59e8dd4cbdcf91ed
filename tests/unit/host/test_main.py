"""The companion process' own: signals on any platform, and log records that reach the user."""

import asyncio
import logging
import signal
import subprocess
import sys

import pytest

from ipyavatar.host.__main__ import RECORD_LENGTH, RecordSender, handle_signals
from ipyavatar.protocol import host as m


def test_it_starts_without_the_libraries_of_media():
    """They take as long to import as all the rest; a service's session may need none of them."""
    code = "import sys, ipyavatar.host.__main__; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "ipyavatar.session.microphones" in loaded
    assert not {"av", "aiortc", "cv2", "onnxruntime", "hibari", "httpx", "websockets"} & loaded


@pytest.fixture
def signals():
    """As they were, afterwards."""
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {kind: signal.getsignal(kind) for kind in kinds}
    yield
    for kind, handler in before.items():
        signal.signal(kind, handler)


@pytest.mark.usefixtures("signals")
def test_a_signal_that_this_system_does_not_know_is_no_failure(monkeypatch):
    """Loops for Windows that take handlers know no hangup."""
    monkeypatch.delattr(signal, "SIGHUP", raising=False)
    loop = asyncio.SelectorEventLoop()
    handle_signals(loop, lambda: None)
    assert loop.remove_signal_handler(signal.SIGTERM)
    loop.close()


class WindowsLoop(asyncio.SelectorEventLoop):
    """A loop that takes no signal handlers."""

    def add_signal_handler(self, *_):
        raise NotImplementedError


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("kind", [asyncio.SelectorEventLoop, WindowsLoop])
def test_a_wish_to_end_it_is_heard_on_any_platform_and_ctrl_c_is_not(kind):
    """Ctrl-C is meant for a cell."""
    loop, heard = kind(), []

    async def main():
        handle_signals(loop, lambda: heard.append("terminate"))
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        while not heard:
            await asyncio.sleep(0.01)

    try:
        loop.run_until_complete(asyncio.wait_for(main(), 10))
    finally:
        if kind is not WindowsLoop:
            loop.remove_signal_handler(signal.SIGTERM)
        loop.close()
    assert heard == ["terminate"]


@pytest.fixture
def records():
    """What is sent of the records of our logger."""
    sent = []
    sender = RecordSender(sent.append)
    logger = logging.getLogger("ipyavatar")
    logger.addHandler(sender)
    yield sent
    logger.removeHandler(sender)


def test_our_own_records_are_sent_with_level_and_trace(records):
    """From warnings on."""
    log = logging.getLogger("ipyavatar.somewhere")
    log.warning("It is tried again in %d s", 5)
    try:
        raise ValueError("why")
    except ValueError:
        log.exception("It failed")
    log.info("not this")
    warned, failed = records
    expected = m.Logged("ipyavatar.somewhere", logging.WARNING, "It is tried again in 5 s")
    assert warned == expected
    assert failed.level == logging.ERROR
    assert failed.text.startswith("It failed\nTraceback")
    assert failed.text.endswith("ValueError: why")


def test_a_library_s_records_are_not(records):
    """They stay in the companion process."""
    logging.getLogger("aiortc.rtcpeerconnection").error("A red line")
    assert not records


def test_a_long_record_is_cut(records):
    """A message has a limit."""
    logging.getLogger("ipyavatar").warning("x" * 10 * RECORD_LENGTH)
    assert len(records[0].text) == RECORD_LENGTH
