"""By which ways pages have the stream: WebRTC and messages are tried beside each other."""

from __future__ import annotations

from ..protocol import page as p
from ..protocol.frames import Subscribe


class PageWays:
    """The peers of each page; it leaves with the last of them."""

    def __init__(self) -> None:
        self._peers: dict[str, set[str]] = {}

    def note(self, message: p.FromPage) -> bool:
        """A page says this; whether it leaves by it."""
        match message:
            case p.Offer(page, peer) | p.Join(page, peer) | p.AcceptOffer(page, peer):
                self._peers.setdefault(page, set()).add(peer)
            case Subscribe(page, peer):
                self._peers.setdefault(page, set()).add(peer)
            case p.StreamOver(page, peer):
                self.end(page, peer)
            case p.Hangup(page, peer):
                self.end(page, peer)
                return page not in self._peers
        return False

    def end(self, page: str, peer: str) -> None:
        """It has this one no more."""
        peers = self._peers.get(page, set())
        peers.discard(peer)
        if not peers:
            self.forget(page)

    def forget(self, page: str) -> None:
        """It has none any more."""
        self._peers.pop(page, None)
