"""The companion process: it is there when needed, and never longer."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from ipyavatar.client import host_client as client_module
from ipyavatar.client.host_client import HostClient
from ipyavatar.client.launch import companion_command
from ipyavatar.core.speech import Utterance
from ipyavatar.errors import HostError, SpeechFailed
from ipyavatar.protocol import host as m
from ipyavatar.protocol import host_codec
from ipyavatar.protocol import page as p
from ipyavatar.protocol.framing import read_frame
from ipyavatar.protocol.options import SessionOptions
from tests.support.fakes.host_listener import RecordingHostListener
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.processes import alive, program, script, until

GONE_S = 6.0
"""LAST_RESORT_S of the host and some air; the usual is well under a second."""

OWNER = """
    import os, sys, threading
    from ipyavatar import Avatar
    avatar = Avatar(quality="low")
    speech = avatar.speak("I talk for a good long while, so that there is something to cut off.")
    print(avatar.session.host_pid, flush=True)
    {rest}
"""


@pytest.fixture(params=["process", "thread"])
def client(request):
    """A host of either kind; the same tests for both."""
    client = HostClient(request.param)
    yield client
    client.close()


@pytest.fixture
def process_client():
    client = HostClient("process")
    yield client
    client.close()


def opened(client, session="s"):
    listener = RecordingHostListener()
    client.attach(session, listener)
    client.send(m.OpenSession(session, SessionOptions(quality="low", voice="june"), 0.0))
    listener.next_fact(p.Status, status="live")
    return listener


def test_both_hosts_say_what_they_are_asked(client):
    """Open, speak, said, stop: the same messages from a process and from a thread."""
    listener = opened(client)
    client.send(m.Speak("s", Utterance("s1", "Hello there.", asked_at=time.monotonic())))
    assert listener.next_fact(p.SpeechUpdate, state="speaking").latency_ms > 0
    said = listener.next_fact(p.SpeechUpdate, state="said")
    assert [word for word, _, _ in said.words] == ["Hello", "there."]
    client.send(m.StopSession("s"))
    listener.next_fact(p.Status, status="ended")


def test_commands_for_an_unknown_session_are_answered(client):
    """Nothing waits for ever: a speech fails, an offer is refused."""
    listener = RecordingHostListener()
    client.attach("nobody", listener)
    client.send(m.Speak("nobody", Utterance("s1", "Hello.", asked_at=time.monotonic())))
    assert listener.next_fact(p.SpeechUpdate).state == "failed"
    client.send(m.FromPage("nobody", p.Offer("page", "peer", "v=0")))
    assert listener.next_answer(p.Refused).peer == "peer"


def test_an_offer_of_garbage_is_refused_with_a_fix(client):
    """The session goes on."""
    listener = opened(client)
    client.send(m.FromPage("s", p.Offer("page", "peer", "this is no SDP")))
    refused = listener.next_answer(p.Refused)
    assert refused.what
    assert refused.fix
    client.send(m.Speak("s", Utterance("s1", "Still here.", asked_at=time.monotonic())))
    listener.next_fact(p.SpeechUpdate, state="said")


def test_close_ends_the_process(process_client):
    """Politely, and for certain."""
    pid = process_client.pid
    opened(process_client)
    process_client.close()
    until(lambda: not alive(pid), GONE_S, "the host ended")


@pytest.mark.parametrize(
    ("how", "rest"),
    [
        ("kill -9", "threading.Event().wait()"),
        ("kill -9 while speaking", "speech.wait(); threading.Event().wait()"),
        ("normal end", "sys.exit(0)"),
        ("an exception", "raise SystemExit('boom')"),
        ("os._exit", "os._exit(3)"),
    ],
)
def test_no_host_outlives_its_kernel(how, rest):
    """However the kernel ends."""
    owner = script(OWNER.format(rest=rest))
    host = int(owner.stdout.readline())
    children = psutil.Process(host).children(recursive=True)
    if how.startswith("kill"):
        owner.send_signal(signal.SIGKILL)
    owner.wait(30)
    took = until(lambda: not alive(host), GONE_S, f"the host ended after {how}")
    print(f"{how}: host gone after {took:.2f} s")
    assert not any(alive(child.pid) for child in children)
    owner.stdout.close()
    owner.stdin.close()


def test_the_host_leaves_the_kernels_process_group_alone():
    """Else it would hold up Jupyter's shutdown and take the Ctrl-C meant for a cell."""
    client = HostClient("process")
    try:
        assert os.getpgid(client.pid) != os.getpgid(0)
        assert os.getsid(client.pid) == client.pid
    finally:
        client.close()


def test_a_host_that_dies_is_replaced(process_client):
    """The listener hlistener of the loss and of the new one, which works."""
    listener = opened(process_client)
    old = process_client.pid
    os.kill(old, signal.SIGKILL)
    assert listener.reconnected.wait(30)
    assert listener.calls == [("disconnect", 1), ("reconnect", 2)]
    assert "ended with code" in listener.reasons[0]
    assert process_client.pid != old
    opened(process_client)


def test_a_host_that_keeps_dying_is_given_up(process_client):
    """After some in a minute there is an error that says so, not an endless loop."""
    listener = RecordingHostListener()
    process_client.attach("s", listener)
    while not listener.failures:
        pid = process_client.pid
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: listener.failures or process_client.pid != pid, 30, "another one")
    (failure,) = listener.failures
    assert isinstance(failure, HostError)
    assert "died 4 times in a minute" in failure.what
    assert listener.calls.count(("failure", 4)) == 1


def test_an_avatar_whose_host_was_given_up_says_so_and_can_be_started_again(monkeypatch, tmp_path):
    """A page's offer is refused with what and fix, nothing hangs; `start()` tries a new host."""
    client_module.close_all()
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", program(tmp_path, "exit 7"))
        avatar = RecordingAvatar(quality="low")
        try:
            speech = avatar.speak("Nobody will say this.")
            with pytest.raises(SpeechFailed, match="code 7"):
                speech.wait(30)
            until(lambda: avatar.status == "failed", 10, "it failed")
            avatar.page_says(type="offer", page="p", peer="p.1", sdp="v=0")
            assert avatar.answer("refused", "p.1")["fix"]
        finally:
            broken.undo()
    try:
        avatar.start().wait(30)
        assert avatar.speak("I am back.").wait(30).state == "said"
    finally:
        avatar.close()
        client_module.close_all()


def raw_host():
    return subprocess.Popen(
        companion_command(sys.executable, sys.path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_frame_that_is_no_command_ends_nothing_else():
    """It is logged; the end of the pipe is the end of the host."""
    host = raw_host()
    assert isinstance(host_codec.decode_event(read_frame(host.stdout)), m.HostHello)
    _, errors = host.communicate(b"\x03\x00\x00\x00\xc1\xc1\xc1", timeout=30)
    assert host.returncode == 0
    assert b"could not be read" in errors
    assert b"pipe broke" not in errors


@pytest.mark.parametrize("garbage", [b"\xff" * 64, b"GET / HTTP"])
def test_garbage_on_its_pipe_ends_the_host(garbage):
    """A pipe that is out of step cannot be trusted with sessions: stop them, and go."""
    host = raw_host()
    assert isinstance(host_codec.decode_event(read_frame(host.stdout)), m.HostHello)
    _, errors = host.communicate(garbage, timeout=30)
    assert host.returncode == 0
    if garbage != b"GET / HTTP":
        assert b"pipe broke" in errors


def test_sigterm_ends_the_host():
    """The same as the end of its stdin."""
    host = raw_host()
    host_codec.decode_event(read_frame(host.stdout))
    host.terminate()
    host.communicate(timeout=30)
    assert host.returncode == 0


def test_one_host_serves_all_avatars_of_a_kernel():
    """It is shared, and a new one is made after it was closed."""
    first = client_module.shared_host("process")
    assert client_module.shared_host("process") is first
    first.close()
    second = client_module.shared_host("process")
    try:
        assert second is not first
    finally:
        second.close()
