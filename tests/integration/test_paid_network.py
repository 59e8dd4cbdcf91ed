"""What stands between us and a service reads as what it is: certificate, name, proxy, time."""

import asyncio
import contextlib
import socket
import ssl
import threading

import httpx
import pytest
import trustme

from ipyavatar.core.clock import MonotonicClock
from ipyavatar.core.retry import NEVER
from ipyavatar.core.secret import Secret
from ipyavatar.errors import MediaError, ServiceError
from ipyavatar.protocol.options import Credentials
from ipyavatar.providers.cloud.client_factory import ClientFactory
from ipyavatar.providers.cloud.whep_proxy import WhepProxy
from ipyavatar.providers.heygen.spec import SPEC
from tests.support.fakes.credentials import KEY

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n" + b'{"data":{"sessions":[]}}'


@contextlib.contextmanager
def server(answer, context=None):
    """Answers each connection on loopback; gives its port and what it was sent."""
    heard = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), line:
                talk = context.wrap_socket(line, server_side=True) if context else line
                with talk:
                    heard.append(talk.recv(65536))
                    talk.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def tls(authority, *names, **more):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **more).configure_cert(context)
    return context


def ask(url):
    """List the sessions there; gives the error, or None."""
    clients = ClientFactory(MonotonicClock(), retry=NEVER)
    try:
        asyncio.run(SPEC.list_sessions(Credentials("heygen", url, Secret(KEY)), clients))
    except ServiceError as error:
        return error
    return None


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def test_the_certificate_of_a_box_that_inspects_reads_as_that_and_the_fix_works(
    authority, tmp_path, monkeypatch
):
    with server(ANSWER, tls(authority, "localhost")) as (port, heard):
        error = ask(f"https://localhost:{port}")
        assert "certificate of localhost is not trusted" in error.what
        assert "SSL_CERT_FILE" in error.fix
        assert not error.maybe_done
        authority.cert_pem.write_to_path(tmp_path / "box.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "box.pem"))
        assert ask(f"https://localhost:{port}") is None
        assert KEY.encode() in b"".join(heard)


@pytest.mark.parametrize(
    ("names", "more", "reason", "fix"),
    [
        (("elsewhere.example",), {}, "mismatch", "base_url="),
        (("localhost",), {"not_after": "past"}, "expired", "clock"),
    ],
)
def test_what_else_is_wrong_with_a_certificate_is_said(
    authority, tmp_path, monkeypatch, names, more, reason, fix
):
    import datetime

    if more:
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        more = {"not_before": now - 2 * day, "not_after": now - day}
    authority.cert_pem.write_to_path(tmp_path / "box.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "box.pem"))
    with server(ANSWER, tls(authority, *names, **more)) as (port, heard):
        error = ask(f"https://localhost:{port}")
        assert "certificate" in error.what
        assert reason in error.what.lower()
        assert fix in error.fix
        assert KEY.encode() not in b"".join(heard)


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_a_name_a_port_and_a_server_without_tls_read_as_what_they_are():
    error = ask("https://no-such-name.invalid")
    assert "no-such-name.invalid cannot be resolved" in error.what
    port = closed_port()
    assert f"refuses connections at port {port}" in ask(f"http://127.0.0.1:{port}").what
    with server(ANSWER) as (port, _):
        assert "does not speak TLS" in ask(f"https://127.0.0.1:{port}").what


def test_a_server_that_takes_no_connection_reads_as_that(monkeypatch):
    async def slow(self, request):
        raise httpx.ConnectTimeout("slow", request=request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", slow)
    error = ask("http://127.0.0.1:9")
    assert "does not take a connection within 5 s" in error.what
    assert error.retryable


def test_a_proxy_that_refuses_is_named(monkeypatch):
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with server(refusal) as (port, heard):
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:proxy-password@127.0.0.1:{port}")
        error = ask("https://service.example")
        assert "The proxy refuses" in error.what
        assert "HTTPS_PROXY" in error.fix
        assert not error.maybe_done
        assert "proxy-password" not in f"{error}{error.__cause__!r}"
        assert b"CONNECT service.example:443" in heard[0]
        assert KEY.encode() not in heard[0]


def test_a_proxy_that_is_not_there_is_told_from_the_service(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")
    error = ask("https://service.example")
    assert "127.0.0.1 refuses connections" in error.what
    assert "HTTPS_PROXY" in error.fix
    monkeypatch.setenv("HTTPS_PROXY", "http://no-such-proxy.invalid:3128")
    error = ask("https://service.example")
    assert "no-such-proxy.invalid cannot be resolved" in error.what
    assert "HTTPS_PROXY" in error.fix


def test_a_proxy_is_used_and_what_stays_here_goes_past_it(monkeypatch):
    with server(ANSWER) as (port, through), server(ANSWER) as (direct, heard):
        monkeypatch.setenv("ALL_PROXY", f" http://127.0.0.1:{port} ")
        assert ask("http://service.example") is None
        assert b"GET http://service.example/" in through[0]
        for host in ("127.0.0.1", "localhost"):
            assert ask(f"http://{host}:{direct}") is None
        assert len(heard) == 2
        monkeypatch.setenv("NO_PROXY", "service.example, [::1]")
        ask("http://service.example.invalid")
        assert len(through) == 2


ODD = [
    ("ALL_PROXY", "socks5://127.0.0.1:1080"),
    ("HTTP_PROXY", "gopher://x"),
    ("HTTP_PROXY", "http://[::1"),
    ("HTTP_PROXY", "http://host:port"),
    ("HTTP_PROXY", "http://"),
    ("http_proxy", "://"),
    ("all_proxy", "http://a b c:99999999"),
]


@pytest.mark.parametrize(("name", "value"), ODD)
def test_an_odd_proxy_variable_is_one_clear_error_that_names_it(monkeypatch, name, value):
    """Of our own tree, not tried again, and nothing may have been sent."""
    monkeypatch.setenv(name, value)
    error = ask("http://service.example")
    assert type(error) is ServiceError
    assert name in error.what
    assert name in error.fix
    assert not error.maybe_done
    assert not error.retryable
    with pytest.raises(MediaError, match=name):
        asyncio.run(WhepProxy().offer(Secret("http://service.example/whep"), "p", "v=0"))


@pytest.mark.parametrize(
    "value", ["[::1]", "[::1]:80, ::1", " , ,", "*.example", "http://x/y", "²"]
)
def test_an_odd_no_proxy_variable_does_no_harm(monkeypatch, value):
    with server(ANSWER) as (port, through):
        monkeypatch.setenv("NO_PROXY", value)
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        assert ask("http://service.test") is None
        assert through


@pytest.mark.parametrize("value", ["/no/such/file.pem", "/", "\0"])
def test_certificates_that_cannot_be_read_are_named(monkeypatch, value, tmp_path):
    if "\0" in value:
        value = str(tmp_path / "rubbish.pem")
        (tmp_path / "rubbish.pem").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", value)
    error = ask("https://service.example")
    assert type(error) is ServiceError
    assert "SSL_CERT_FILE" in error.what


def test_the_key_follows_no_redirect():
    """Neither to another machine nor from https to http."""
    with server(ANSWER) as (other, heard):
        there = (
            f"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n"
        )
        with server(there.encode()) as (port, asked):
            error = ask(f"http://127.0.0.1:{port}")
            assert "sent us elsewhere" in error.what
            assert asked
        assert not heard
