"""A line between a page and a host that can be cut: WebRTC's packets pass it while it is whole."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading

from playwright.sync_api import Page

LEAD = r"""() => {{
  const connections = RTCPeerConnection.prototype;
  const set = connections.setRemoteDescription;
  window.__hosts = [];
  window.__freeConnections = () => {{ connections.setRemoteDescription = set; }};
  connections.setRemoteDescription = function ({{ type, sdp }}) {{
    const [, address, port] = sdp.match(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+)/im) ?? [];
    window.__hosts.push([address, Number(port)]);
    const led = sdp.replace(/^(a=candidate:\S+ 1 udp \d+ \S+) \d+/gim, "$1 {port}");
    return set.call(this, {{ type, sdp: led }});
  }};
}}
"""
"""Leads a page's packets to the line. The host only answers: the offer holds no addresses."""


class UdpLine:
    """Passes the packets of one peer connection, until `cut()`; `close()` ends it."""

    def __init__(self) -> None:
        self._near, self._far = self._socket(), self._socket()
        self._page: tuple[str, int] | None = None
        self._host: tuple[str, int] | None = None
        self._whole = True
        self.dropped = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="a UDP line", daemon=True)
        self._thread.start()

    def lead(self, page: Page) -> None:
        """Have the connections that this page makes from now on come by it."""
        page.evaluate(LEAD.format(port=self._near.getsockname()[1]))

    def find_host(self, page: Page) -> None:
        """Lead to the host of the connection that the page makes now."""
        page.wait_for_function("window.__hosts.length > 0")
        address, port = page.evaluate("window.__hosts.at(-1)")
        self._host = (address, port)

    def cut(self) -> None:
        """Nothing passes any more."""
        self._whole = False

    def close(self, page: Page) -> None:
        page.evaluate("window.__freeConnections()")
        self._closing.set()
        self._thread.join()
        self._near.close()
        self._far.close()

    def _socket(self) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("", 0))
        made.setblocking(False)
        return made

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for one in (self._near, self._far):
                selector.register(one, selectors.EVENT_READ)
            while not self._closing.is_set():
                for key, _ in selector.select(0.1):
                    with contextlib.suppress(OSError):
                        self._pass(key.fileobj)

    def _pass(self, came: object) -> None:
        if came is self._near:
            data, self._page = self._near.recvfrom(65_536)
            out, to = self._far, self._host
        else:
            data, _ = self._far.recvfrom(65_536)
            out, to = self._near, self._page
        if self._whole and to is not None:
            out.sendto(data, to)
        else:
            self.dropped += 1
