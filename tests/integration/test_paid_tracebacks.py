"""`%xmode Verbose` prints the variables of every frame: no key and no environment is there."""

import os
import subprocess
import sys
import textwrap

import pytest

from tests.support.twin_process import KEY, twin_process

MARK = "a-password-of-somebody-else"
"""Stands in an environment variable that is none of our business."""

SHELL = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("xmode", "Verbose")
shell.run_line_magic("colors", "nocolor")
for cell in sys.stdin.read().split("# ----\\n"):
    done = shell.run_cell(cell)
    print("FAILED" if done.error_in_exec or done.error_before_exec else "FINE", flush=True)
"""

FIRST = """
from ipyavatar import Avatar, AvatarSession, sessions, stop_all, usage, avatars, voices
def key():
    return open("key.txt").read()
"""

MISTAKES = [
    'Avatar("heygen", api_key=key(), idle_timeout_s=5)',
    'Avatar("heygen", api_key=key(), no_such=1)',
    'Avatar("heygen", api_key=key(), quality="huge")',
    'Avatar("heygen", api_key=key(), volume=5)',
    'Avatar("heygen", api_key=key(), host="nowhere")',
    'Avatar("heygen", api_key=key(), muted="yes")',
    'Avatar("heygen", api_key=key(), base_url="ftp://x")',
    'Avatar("heygen", api_key=key() + "\\u2019")',
    'Avatar("heygen", api_key=[key()])',
    'Avatar("heygen", api_key=key().encode())',
    'Avatar("nobody", api_key=key())',
    'Avatar("kaltura", api_key=key())',
    'Avatar("liveavatar", api_key=key(), lite=False, voice="ava")',
    'Avatar("heygen")',
    'Avatar(responder="https://user:" + key() + "@example.com/v1")',
    'Avatar(responder=["https://example.com/v1?key=" + key()])',
    'Avatar(recognizer="https://example.com/v1?key=" + key()).listen(push_to_talk=5)',
    'AvatarSession(recognizer="https://user:" + key() + "@example.com/v1")',
    'AvatarSession().listen("https://user:" + key() + "@example.com/v1")',
    'Avatar("heygen", api_key=key(), fallback=key())',
    'Avatar("heygen", api_key=key(), fallback={"api_key": key()})',
    "Avatar(api_key=key())",
    "Avatar(voice=key())",
    "Avatar(**{key(): 1})",
    'AvatarSession().speak("Hello.", mode=key())',
    'Avatar(ice_servers=[{"urls": "turn:a", "credential": key()}])',
    'Avatar(ice_servers=["turn:me:" + key() + "@a"])',
    'AvatarSession(ice_servers={"urls": "turn:a", "username": key(), "credential": key()})',
    'Avatar("heygen", api_key=key(), ice_servers=[{"credential": key()}])',
    'Avatar(ice_server=[{"credential": key()}])',
    'AvatarSession("heygen", api_key=key(), idle_timeout_s=5)',
    'AvatarSession("heygen", api_key=key(), no_such=1)',
    'AvatarSession("heygen", api_key=key(), max_idle_s=-1)',
    'AvatarSession("heygen", api_key=key(), max_duration_s=float("inf"))',
    'AvatarSession("heygen", api_key=key(), disable_idle_timeout=True)',
    'AvatarSession("heygen", api_key=key(), credits_per_minute="much")',
    'AvatarSession("heygen", api_key=key(), base_url="http://127.0.0.1:9").start().wait(60)',
    'AvatarSession("heygen", api_key=key(), base_url=URL).start().wait(-1)',
    'AvatarSession("heygen", api_key="wrong" + key(), base_url=URL).start().wait(60)',
    "sessions(environ=5)",
    "stop_all(environ=[key()])",
    "stop_all(foreign=1, nothing=2)",
    "usage(days=0)",
    'avatars("heygen", api_key="wrong" + key(), base_url=URL)',
    'avatars("heygen", api_key=[key()])',
    'voices("nobody", api_key=key())',
]


def run(cells, folder, **environ):
    """What IPython prints for each of the cells."""
    (folder / "key.txt").write_text(KEY)
    done = subprocess.run(
        [sys.executable, "-c", SHELL],
        input="# ----\n".join(textwrap.dedent(cell) + "\n" for cell in cells),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=200,
        env={
            **os.environ,
            "IPYTHONDIR": str(folder),
            "IPYAVATAR_STATE_DIR": str(folder / "state"),
            "OTHERS_PASSWORD": MARK,
            **environ,
        },
    )
    assert done.stdout.count("FINE") + done.stdout.count("FAILED") == len(cells), done.stderr
    return done.stdout + done.stderr


def test_no_mistake_shows_a_key_or_the_environment(tmp_path):
    with twin_process() as twin:
        text = run([FIRST, f"URL = {twin.url!r}", *MISTAKES], tmp_path)
    assert text.count("FAILED") == len(MISTAKES)
    assert text.count("Traceback") == len(MISTAKES)
    for secret in (KEY, MARK):
        at = text.find(secret)
        assert at < 0, text[max(0, at - 1500) : at + 200]


@pytest.mark.parametrize("broken", ["HTTP_PROXY", "SSL_CERT_FILE"])
def test_nor_do_odd_settings_of_the_network(tmp_path, broken):
    cells = [
        'from ipyavatar import AvatarSession, avatars; URL = "https://service.invalid"',
        'AvatarSession("heygen", base_url=URL).start().wait(60)',
        'avatars("heygen", base_url=URL)',
        'avatars("heygen", base_url="http://service.invalid")',
    ]
    environ = {"HEYGEN_API_KEY": KEY, broken: "http://[::1"}
    text = run(cells, tmp_path, PYTHONWARNINGS="ignore", **environ)
    assert text.count("FAILED") == 3
    for secret in (KEY, MARK):
        at = text.find(secret)
        assert at < 0, text[max(0, at - 1500) : at + 200]


def test_nor_does_a_companion_that_cannot_be_started(tmp_path):
    cells = [
        """
        from ipyavatar.client import transport
        from ipyavatar import Avatar
        import subprocess
        class Popen:
            def __init__(self, *arguments, **options):
                raise OSError("no more processes")
        subprocess.Popen = Popen
        """,
        'Avatar("heygen", host="process")',
    ]
    text = run(cells, tmp_path, HEYGEN_API_KEY=KEY)
    assert text.count("FAILED") == 1
    assert "no more processes" in text
    for secret in (KEY, MARK):
        at = text.find(secret)
        assert at < 0, text[max(0, at - 1500) : at + 200]


def test_a_crash_of_the_companion_leaves_no_core_file_with_keys(tmp_path, monkeypatch):
    """Its limit is 0; and where a program takes the dumps, nothing of the memory goes there."""
    from pathlib import Path

    from tests.support.paid_kernels import PaidKernel

    if not Path("/proc/self/limits").exists():
        pytest.skip("needs /proc")
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    with PaidKernel("embedded") as kernel:
        proc = Path(f"/proc/{kernel.companion}")
        kernel.do("start")
        kernel.hear("live")
        limits = (proc / "limits").read_text()
        assert "Max core file size        0                    0" in limits
        assert int((proc / "coredump_filter").read_text(), 16) == 0
