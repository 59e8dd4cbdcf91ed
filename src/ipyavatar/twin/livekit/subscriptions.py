"""What one client is sent of the tracks in its room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aiortc import RTCPeerConnection, RTCRtpTransceiver

from ...media.senders import add_track
from .ids import sid
from .publications import Feed, Publication


@dataclass(eq=False)
class Subscription:
    """A published track on its way to one client, or on no way as long as it is not wanted.

    It has a section of the connection while it is on its way, and never an old one again: LiveKit's
    clients with two connections do not notice a track that comes back in the section it had.
    """

    publication: Publication
    wanted: bool
    feed: Feed | None = None
    transceiver: RTCRtpTransceiver | None = None

    def attach(self, pc: RTCPeerConnection) -> None:
        """Give it a section of `pc`."""
        feed = self.feed = self.publication.open()
        sender = add_track(pc, feed.track, feed.codecs, feed.encoder)
        # Clients learn whose track it is from these ids; aiortc has no public way to set them.
        sender._stream_id = f"{self.publication.publisher}|{self.publication.info.sid}"
        sender._track_id = self.publication.info.sid
        self.transceiver = next(t for t in pc.getTransceivers() if t.sender is sender)
        self.publication.on_subscribed()

    def detach(self) -> None:
        """Let its section be empty in the next description; harmless without one."""
        if self.feed is not None:
            self.feed.close()
        if self.transceiver is not None:
            self.transceiver.direction = "inactive"
            # Clients take no description with the same ids in two sections.
            self.transceiver.sender._stream_id = self.transceiver.sender._track_id = sid("none")
        self.feed = self.transceiver = None


class Subscriptions:
    """The subscriptions of one client.

    Args:
        auto: Whether it subscribes to whatever is published.
        allowed: Whether it may subscribe at all.
    """

    def __init__(self, *, auto: bool, allowed: bool) -> None:
        self._auto = auto
        self._allowed = allowed
        self._by_sid: dict[str, Subscription] = {}
        self._over: list[Subscription] = []

    def __iter__(self) -> Iterator[Subscription]:
        return iter((*self._by_sid.values(), *self._over))

    def add(self, publication: Publication) -> None:
        """A track has been published."""
        wanted = self._auto and self._allowed
        self._by_sid[publication.info.sid] = Subscription(publication, wanted)

    def remove(self, publication: Publication) -> None:
        """It is published no more."""
        subscription = self._by_sid.pop(publication.info.sid, None)
        if subscription is not None:
            subscription.wanted = False
            self._over.append(subscription)

    def update(self, track_sid: str, wanted: bool) -> bool:
        """The client subscribes or unsubscribes; False when there is no such track for it."""
        subscription = self._by_sid.get(track_sid)
        if subscription is None or not self._allowed:
            return False
        subscription.wanted = wanted
        return True

    def without_section(self, kind: str) -> list[Subscription]:
        """Those of this kind that are wanted and have no section yet, oldest first."""
        return [
            s
            for s in self._by_sid.values()
            if s.wanted and s.transceiver is None and s.publication.kind == kind
        ]

    def is_applied(self) -> bool:
        """Whether what is wanted has a section, and nothing else."""
        return all(s.wanted == (s.transceiver is not None) for s in self)

    def detach_unwanted(self) -> None:
        """Let sections be empty, in the next description, that nobody wants."""
        for subscription in self:
            if not subscription.wanted:
                subscription.detach()
        self._over.clear()

    def track_sids(self) -> dict[str, str]:
        """Track sids by the ids of their sections."""
        return {
            s.transceiver.mid: s.publication.info.sid
            for s in self._by_sid.values()
            if s.transceiver is not None and s.transceiver.mid
        }

    def close(self) -> None:
        """End all of it."""
        for subscription in self:
            subscription.detach()
        self._by_sid.clear()
        self._over.clear()
