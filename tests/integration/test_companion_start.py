"""The companion process' start: which files it runs, which environment it has, how it can fail."""

import functools
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import textwrap
import threading
import time
import venv
from pathlib import Path

import pytest

import ipyavatar
from ipyavatar.client import host_client
from ipyavatar.client.host_client import HostClient
from ipyavatar.client.launch import companion_command
from ipyavatar.client.transport import ProcessTransport
from ipyavatar.errors import HostError
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.protocol.options import SessionOptions
from tests.support.fakes.host_listener import RecordingHostListener
from tests.support.processes import alive, program, script, until
from tests.support.twin_process import KEY

SOON_S = 60.0
HOME = Path(ipyavatar.__file__).parents[1]
INSTALLED = Path(sysconfig.get_paths()["purelib"])

SPEAKS = """
    with AvatarSession(host="process", quality="low") as avatar:
        print(avatar.speak("Hello.").wait(60).state, flush=True)
"""


def talk(code, *, cwd, python=sys.executable, **environment):
    """Run a kernel to its end; returns the lines it printed."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | environment
    done = subprocess.run(
        [python, "-c", textwrap.dedent(code)],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=SOON_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


# ---- which files it runs -------------------------------------------------------------------------

SHADOWS = """
    # Whatever can be imported has a file of that name, as a module or as a folder.
    import os, pathlib, sys

    def shadow(folder, marker, installed):
        names = {one.name.partition(".")[0] for one in pathlib.Path(installed).iterdir()}
        names |= sys.stdlib_module_names | {"ipyavatar", "sitecustomize", "usercustomize", "brotli"}
        code = f'''
    import posix
    fd = posix.open({str(marker)!r}, posix.O_WRONLY | posix.O_CREAT | posix.O_APPEND, 0o600)
    posix.write(fd, (__name__ + " " + str(posix.getpid()) + chr(10)).encode())
    posix.close(fd)
    '''.replace(chr(10) + "    ", chr(10))
        for number, name in enumerate(sorted(names)):
            if not name.isidentifier():
                continue
            place = pathlib.Path(folder, name + ".py")
            if number % 2:
                place = pathlib.Path(folder, name, "__init__.py")
                place.parent.mkdir(exist_ok=True)
            place.write_text(code)
        return len(names)
"""


@pytest.mark.parametrize("where", ["working directory", "PYTHONPATH"])
def test_no_file_of_the_users_is_run_because_of_its_name(where, tmp_path):
    """The standard library's, our dependencies', our own, sitecustomize: it holds the keys."""
    users, marker = tmp_path / "users", tmp_path / "marker"
    users.mkdir()
    code = f"""
    from ipyavatar import AvatarSession
    import ipyavatar.client.session
    {SHADOWS}
    assert shadow({str(users)!r}, {str(marker)!r}, {str(INSTALLED)!r}) > 300
    sys.path.append("")
    print(os.getpid())
    {SPEAKS}
    """
    path = str(HOME) if where == "working directory" else f"{HOME}{os.pathsep}{users}"
    cwd = users if where == "working directory" else tmp_path
    pid, said = talk(code, cwd=cwd, PYTHONPATH=path)
    assert said == "said"
    run = marker.read_text().splitlines() if marker.exists() else []
    assert [line for line in run if not line.endswith(f" {pid}")] == []


def test_the_shadows_would_be_run_where_they_are_looked_for(tmp_path):
    """Else the test above would prove nothing."""
    code = f"""
    {SHADOWS}
    shadow({str(tmp_path)!r}, {str(tmp_path / "marker")!r}, {str(INSTALLED)!r})
    """
    talk(code, cwd=tmp_path)
    subprocess.run([sys.executable, "-c", "import queue"], cwd=tmp_path, check=False, timeout=30)
    assert (tmp_path / "marker").read_text()


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """A Python with nothing installed, and a folder with all that `pip install --target` puts."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home / "venv", symlinks=True, with_pip=False)
    target = home / "target"
    target.mkdir()
    for one in INSTALLED.iterdir():
        if "ipyavatar" not in one.name and one.suffix != ".pth":
            (target / one.name).symlink_to(one)
    (target / "ipyavatar").symlink_to(HOME / "ipyavatar")
    (target / f"ipyavatar-{ipyavatar.__version__}.dist-info").mkdir()
    return home / "venv" / "bin" / "python", target


@pytest.mark.parametrize(
    "how", ["target", "target by PYTHONPATH", "target as working directory", "editable"]
)
def test_it_finds_what_the_kernel_finds(how, bare_python, tmp_path):
    """Wherever an installer put it; a Python of its own has nothing."""
    python, target = bare_python
    code, environment, cwd = f"from ipyavatar import AvatarSession{SPEAKS}", {}, tmp_path
    if how == "target":
        code = f"import sys; sys.path.insert(0, {str(target)!r})\n    {code}"
    elif how == "target by PYTHONPATH":
        environment["PYTHONPATH"] = str(target)
    elif how == "target as working directory":
        cwd = target
    else:
        python, _ = own_python(tmp_path, f"{HOME}\n{INSTALLED}\n")
    assert talk("    " + code, cwd=cwd, python=str(python), **environment) == ["said"]


def own_python(folder, pth):
    """A Python whose site-packages hold nothing but a .pth file."""
    venv.create(folder / "venv", symlinks=True, with_pip=False)
    python = folder / "venv" / "bin" / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "venv" / "lib" / version / "site-packages"
    (packages / "editable.pth").write_text(pth)
    return python, packages


@pytest.mark.parametrize("how", ["sys.path", "PYTHONPATH", "working directory"])
def test_it_runs_the_very_package_that_the_kernel_runs(how, tmp_path):
    """A checkout, where another one is installed; also where it is the working directory."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "ipyavatar").symlink_to(HOME / "ipyavatar")
    code = f"""
    import sys
    sys.path.insert(0, {str(checkout)!r})
    from ipyavatar import AvatarSession
    import json
    from ipyavatar.client.launch import companion_command
    print(json.loads(companion_command("python")[-1])["home"])
    {SPEAKS}
    """
    environment, cwd = {}, tmp_path
    if how == "PYTHONPATH":
        environment["PYTHONPATH"] = str(checkout)
    elif how == "working directory":
        cwd = checkout
    if how != "sys.path":
        code = code.replace(f"sys.path.insert(0, {str(checkout)!r})", "")
    assert talk(code, cwd=cwd, **environment) == [str(checkout), "said"]


def test_the_working_directory_may_have_been_deleted(tmp_path):
    """The companion does not live there."""
    (tmp_path / "gone").mkdir()
    code = f"""
    import os
    from ipyavatar import AvatarSession
    import ipyavatar.client.session
    os.rmdir(os.getcwd())
    {SPEAKS}
    """
    assert talk(code, cwd=tmp_path / "gone", PYTHONPATH=str(HOME)) == ["said"]


# ---- which environment it has --------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::ipyavatar.errors.InsecureAddress")
def test_what_is_set_before_a_session_counts_for_it(tmp_path, monkeypatch):
    """The state folder after the import; a proxy between two sessions of one host."""
    host_client.close_all()
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    options = {"api_key": KEY, "base_url": "http://service.invalid"}
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(SOON_S)
        try:
            with ipyavatar.AvatarSession("heygen", host="process", **options) as first:
                with pytest.raises(ipyavatar.errors.NoAnswer):
                    first.start().wait(SOON_S)
                pid = first.host_pid
            assert (tmp_path / "sessions.db").exists()
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
            with ipyavatar.AvatarSession("heygen", host="process", **options) as second:
                starting = second.start()
                connection, _ = proxy.accept()
                with connection:
                    assert b"http://service.invalid" in connection.recv(1000)
                    assert second.host_pid == pid
                    connection.sendall(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
                    with pytest.raises(ipyavatar.errors.AuthenticationError):
                        starting.wait(SOON_S)
        finally:
            host_client.close_all()


# ---- how it can fail -----------------------------------------------------------------------------


@pytest.fixture
def listener():
    return RecordingHostListener()


def changed_companion(code):
    """The command of a companion process with `code` run first; `host` is its main module."""
    command = companion_command(sys.executable, sys.path)
    code = "from ipyavatar.host import __main__ as host\n" + textwrap.dedent(code)
    start = 'importlib.import_module(where["module"]).main(*pipes)'
    assert start in command[3]
    command[3] = command[3].replace(start, code + "\nhost.main(*pipes)")
    return command


def client_of(listener, *command, ready_s=10.0):
    connect = functools.partial(ProcessTransport, command=command, ready_s=ready_s)
    client = HostClient("process", connect=connect)
    client.attach("s", listener)
    return client


@pytest.mark.parametrize(
    "shell", ["exec sleep 60", "sleep 60", "exec cat", "yes | tr -d '\\n' >&2"], ids=lambda s: s[:8]
)
def test_a_program_that_never_answers_is_an_error_that_names_the_way_out(shell, listener, tmp_path):
    """It is ended with all it has started, and not tried again."""
    client = client_of(listener, program(tmp_path, shell), ready_s=0.3)
    pid = client.pid
    until(lambda: listener.failures, 10, "it was given up")
    (failure,) = listener.failures
    assert isinstance(failure, HostError)
    assert 'host="thread"' in failure.fix
    if "cat" not in shell:  # that one echoes our own frames, which is no greeting, either
        assert "within 0.3 s" in failure.what
    until(lambda: not alive(pid), 10, "it ended")
    assert listener.calls == [("disconnect", 1), ("failure", 1)]
    client.close()


@pytest.mark.parametrize("executable", [None, "", "/nowhere/python", "/", "exits"])
def test_a_sys_executable_that_is_not_python_is_an_error(executable, tmp_path, monkeypatch):
    """At the call, or of every handle; the way out works."""
    host_client.close_all()
    if executable == "exits":
        executable = program(tmp_path, "echo 'no Python here' >&2; exit 3")
    monkeypatch.setattr(sys, "executable", executable)
    try:
        with pytest.raises(HostError) as raised:
            ipyavatar.AvatarSession(host="process").start().wait(SOON_S)
        assert 'host="thread"' in raised.value.fix
        with ipyavatar.AvatarSession(host="thread", quality="low") as session:
            session.start().wait(SOON_S)
    finally:
        host_client.close_all()


# ---- one that hangs ------------------------------------------------------------------------------

HANGS = """
    import time
    host.STAY_S, host.LAST_RESORT_S = 0.0, 1.0
    handle = host.Host.handle
    def hang(self, command):
        if type(command).__name__ == "ExpectPage":
            time.sleep(3600)
        handle(self, command)
    host.Host.handle = hang
"""


@pytest.mark.parametrize("how", ["it is stopped", "its loop hangs"])
def test_one_that_lives_and_does_not_answer_is_ended_and_replaced(how, listener):
    """Every handle would wait for ever; its sessions are taken over, as after a crash."""
    connect = functools.partial(
        ProcessTransport, command=changed_companion(HANGS), silent_s=3 * m.HEARTBEAT_EVERY_S
    )
    client = HostClient("process", connect=connect)
    client.attach("s", listener)
    old = client.pid
    client.send(m.OpenSession("s", SessionOptions(quality="low")))
    listener.next_fact(p.Status, status="live")
    if how == "it is stopped":
        os.kill(old, signal.SIGSTOP)
    else:
        client.send(m.ExpectPage("s", 1.0))
    assert listener.reconnected.wait(30)
    assert listener.calls == [("disconnect", 1), ("reconnect", 2)]
    assert "did not answer for 6 s" in listener.reasons[0]
    until(lambda: not alive(old), 10, "it was ended")
    client.send(m.OpenSession("s", SessionOptions(quality="low")))
    listener.next_fact(p.Status, status="live")
    client.close()


HELD_UP = """
    import functools
    from ipyavatar.client import host_client, transport
    connect = functools.partial(transport.ProcessTransport, silent_s=6.0)
    client = host_client.HostClient("process", connect=connect)
    from ipyavatar import AvatarSession
    session = AvatarSession(host=client, quality="low")
    session.start().wait(30)
    pid = client.pid
    print("live", flush=True)
    input()
    state = session.speak("Hello.").wait(30).state
    print(state, "by the same" if client.pid == pid else "by another", flush=True)
"""


def test_a_kernel_that_was_held_up_itself_holds_nothing_against_it(listener):
    """Stopped for longer than the companion may be silent: nobody has looked meanwhile."""
    kernel = script(HELD_UP)
    try:
        assert kernel.stdout.readline() == "live\n"
        kernel.send_signal(signal.SIGSTOP)
        time.sleep(4 * m.HEARTBEAT_EVERY_S)
        kernel.send_signal(signal.SIGCONT)
        kernel.stdin.write("go on\n")
        kernel.stdin.flush()
        assert kernel.stdout.readline() == "said by the same\n"
    finally:
        kernel.kill()
        kernel.wait(10)
        kernel.stdin.close()
        kernel.stdout.close()


def test_a_log_handler_that_raises_keeps_nobody_from_hearing_of_a_crash(listener):
    """A record of the loss is written first; users' handlers may do anything."""
    raised = []

    class Handler(logging.Handler):
        def emit(self, record):
            raised.append(record.getMessage())
            raise OSError("no space left on device")

    handler = Handler()
    client = HostClient("process")
    client.attach("s", listener)
    client.send(m.OpenSession("s", SessionOptions(quality="low")))
    listener.next_fact(p.Status, status="live")
    logging.getLogger("ipyavatar").addHandler(handler)
    try:
        os.kill(client.pid, signal.SIGKILL)
        assert listener.reconnected.wait(30)
    finally:
        logging.getLogger("ipyavatar").removeHandler(handler)
        client.close()
    assert "ended with code" in raised[0]


BUSY = """
    import ctypes, functools, time
    from ipyavatar.client import host_client, transport
    connect = functools.partial(transport.ProcessTransport, ready_s=5.0)
    clients = [host_client.HostClient("process", connect=connect) for _ in range(3)]
    pids = [client.pid for client in clients]
    ctypes.PyDLL(None).sleep(6)  # with Python's lock held
    from ipyavatar import AvatarSession
    sessions = [AvatarSession(host=client, quality="low") for client in clients]
    for handle in [session.start() for session in sessions]:
        handle.wait(30)
    print("by the same" if pids == [client.pid for client in clients] else "by others", flush=True)
"""


def test_a_kernel_that_is_busy_while_they_start_hears_their_greetings_afterwards():
    """They had greeted long ago; nobody has looked meanwhile."""
    kernel = script(BUSY)
    try:
        assert kernel.stdout.readline() == "by the same\n"
    finally:
        kernel.kill()
        kernel.wait(10)
        kernel.stdin.close()
        kernel.stdout.close()


def test_one_that_hangs_ends_soon_after_its_kernel(listener, caplog):
    """Its loop cannot hear of the end of the pipe; a thread of its own does. Nobody is warned."""
    # Longer than anybody waits for it.
    client = client_of(listener, *changed_companion(HANGS.replace("0.0, 1.0", "0.0, 4.0")))
    client.send(m.ExpectPage("s", 1.0))
    pid = client.pid
    with caplog.at_level("INFO", "ipyavatar.client.transport"):
        client.close()
        late = "takes longer than"
        until(lambda: late in caplog.text, 20, "it was noted")
    assert {r.levelname for r in caplog.records if late in r.getMessage()} == {"INFO"}
    until(lambda: not alive(pid), 20, "it ended")


# ---- what it writes -----------------------------------------------------------------------------


def test_what_libraries_print_is_no_red_line_and_what_we_say_is(caplog, listener):
    """Kept for the last words of a crash; endless lines are cut."""
    noise = """
        import logging
        serve = host._serve
        async def noisy(*arguments):
            print("a library prints")
            logging.getLogger("aiortc").error("a library is worried")
            sys.stderr.write("x" * 3_000_000)
            sys.stderr.flush()
            logging.getLogger("ipyavatar.paid").warning("we are worried")
            await serve(*arguments)
        host._serve = noisy
    """
    with caplog.at_level("INFO"):
        client = client_of(listener, *changed_companion(noise))
        client.send(m.OpenSession("s", SessionOptions(quality="low")))
        listener.next_fact(p.Status, status="live")
        client.close()
    ours = [(r.name, r.levelname, r.getMessage()) for r in caplog.records]
    assert ("ipyavatar.paid", "WARNING", "we are worried") in ours
    assert not [r for r in caplog.records if "library" in r.getMessage() or "xxx" in r.getMessage()]


def test_its_last_words_are_in_the_error(caplog, listener):
    """Of whatever it wrote; a line without an end is cut."""
    code = "import sys; sys.stderr.write('y' * 5_000_000 + '\\nout of luck\\n'); sys.exit(9)"
    with caplog.at_level("CRITICAL"):
        client = client_of(listener, sys.executable, "-c", code)
        until(lambda: listener.failures, 20, "it was given up")
        client.close()
    assert listener.failures[0].what.endswith("ended with code 9. Its last words: out of luck")


# ---- another platform ---------------------------------------------------------------------------


def test_it_runs_where_there_are_no_signals_and_no_forks():
    """As on Windows, simulated: kernel and companion lack what is POSIX."""
    lacking = textwrap.dedent("""
        import asyncio, os, signal
        def refuse(self, *arguments):
            raise NotImplementedError
        asyncio.SelectorEventLoop.add_signal_handler = refuse
        for name in ("fork", "register_at_fork", "killpg", "getpgid", "getsid", "setsid", "getuid"):
            delattr(os, name)
        for name in ("SIGHUP", "SIGKILL", "SIGQUIT"):
            delattr(signal, name)
    """)
    code = lacking + textwrap.dedent("""
        import functools, sys
        from ipyavatar.client import host_client, launch, transport
        usual = launch.companion_command(sys.executable, sys.path)
        usual[3] = LACKING + usual[3]
        connect = functools.partial(transport.ProcessTransport, command=usual)
        transport.popen_options = lambda: {}
        from ipyavatar import AvatarSession
        host = host_client.HostClient("process", connect=connect)
        with AvatarSession(host=host, quality="low") as avatar:
            print(avatar.speak("Hello.").wait(60).state, flush=True)
        host.close()
        print(host._transport._process.wait(10))
    """).replace("LACKING", repr(lacking))
    assert talk(code, cwd=HOME.parent, PYTHONPATH=str(HOME)) == ["said", "0"]


# ---- its end -------------------------------------------------------------------------------------


def test_a_kernel_killed_while_it_starts_leaves_nothing(tmp_path):
    """Whenever that is."""
    for pause_s in (0.0, 0.02, 0.1, 0.3):
        owner = script("""
            from ipyavatar.client.host_client import HostClient
            print(HostClient("process").pid, flush=True)
            import threading; threading.Event().wait()
        """)
        host = int(owner.stdout.readline())
        threading.Event().wait(pause_s)
        owner.kill()
        owner.wait(10)
        until(lambda host=host: not alive(host), 10, f"it ended, killed after {pause_s} s")
        owner.stdout.close()
        owner.stdin.close()


def test_a_worker_that_hangs_does_not_hold_up_its_end(listener):
    """A name server that does not answer, a voice that loads."""
    code = """
        import asyncio, threading
        serve = host._serve
        async def hanging(*arguments):
            asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
            await serve(*arguments)
        host._serve = hanging
    """
    client = client_of(listener, *changed_companion(code))
    client.send(m.OpenSession("s", SessionOptions(quality="low")))
    listener.next_fact(p.Status, status="live")
    pid = client.pid
    client.close()
    until(lambda: not alive(pid), 5, "it ended")


def test_the_command_shows_no_secret(monkeypatch):
    """Everybody on the machine may read it."""
    monkeypatch.setenv("HEYGEN_API_KEY", "seeded-argv-key")
    client = HostClient("process")
    try:
        command = Path(f"/proc/{client.pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{client.pid}/environ").read_bytes()
    finally:
        client.close()
    assert json.loads(command.split(b"\0")[-2])["home"] == str(HOME)
    assert b"seeded" not in command + environment
