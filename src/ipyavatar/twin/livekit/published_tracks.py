"""The tracks that one client publishes: its microphone for all, its camera for nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from av.audio.frame import AudioFrame
from livekit.protocol import models as m
from livekit.protocol import rtc as r

from .ids import sid
from .publications import Microphone, Publication

MAX_TRACKS = 64
MAX_NAME = 256


class Section(NamedTuple):
    """A section of a description in which the client sends."""

    kind: str
    track_id: str


@dataclass(eq=False)
class _PublishedTrack:
    """One of them; it has a section as long as the client sends it."""

    cid: str
    info: m.TrackInfo
    microphone: Microphone = field(default_factory=Microphone)
    mid: str | None = None
    publication: Publication | None = None
    subscribed: bool = False


class PublishedTracks:
    """What a client says it publishes, and what of it comes.

    Args:
        publisher: The client's sid.
        publish: Called with what others may subscribe to.
        unpublish: Called when they may no longer.
        on_subscribed: Called with the sid of a track the first time that somebody gets it.
    """

    def __init__(
        self,
        publisher: str,
        *,
        publish: Callable[[Publication], None],
        unpublish: Callable[[Publication], None],
        on_subscribed: Callable[[str], None],
    ) -> None:
        self._publisher = publisher
        self._publish = publish
        self._unpublish = unpublish
        self._on_subscribed = on_subscribed
        self._tracks: list[_PublishedTrack] = []

    def infos(self, *, public: bool) -> list[m.TrackInfo]:
        """All of them, or those that others may subscribe to."""
        return [t.info for t in self._tracks if t.publication is not None or not public]

    def add(self, request: r.AddTrackRequest) -> m.TrackInfo:
        """The client is about to publish a track.

        Raises:
            ValueError: It has too many.
        """
        if len(self._tracks) >= MAX_TRACKS:
            raise ValueError("too many tracks")
        info = m.TrackInfo(
            sid=sid("TR"),
            type=request.type,
            name=request.name[:MAX_NAME],
            muted=request.muted,
            width=request.width,
            height=request.height,
            source=request.source,
            mime_type="audio/opus" if request.type == m.AUDIO else "video/VP8",
            stream=request.stream[:MAX_NAME],
        )
        self._tracks.append(_PublishedTrack(request.cid, info))
        return info

    def mute(self, track_sid: str, muted: bool) -> bool:
        """The client mutes one; returns whether it has it."""
        for track in self._tracks:
            if track.info.sid == track_sid:
                track.info.muted = muted
                return True
        return False

    def sync(self, sections: Mapping[str, Section]) -> None:
        """The client sends in these sections, by their ids, and in no others."""
        for track in list(self._tracks):
            if track.mid is not None and not self._is_old(sections.get(track.mid)):
                self._end(track)
        for mid, section in sections.items():
            if not any(track.mid == mid for track in self._tracks):
                self._begin(mid, section)

    def _is_old(self, section: Section | None) -> bool:
        """Whether the client still sends there, and not a track that it has just announced."""
        known = {t.cid for t in self._tracks if t.mid is None}
        return section is not None and section.track_id not in known

    def _begin(self, mid: str, section: Section) -> None:
        kind = m.AUDIO if section.kind == "audio" else m.VIDEO
        new = [t for t in self._tracks if t.mid is None and t.info.type == kind]
        named = [t for t in new if t.cid == section.track_id]
        for track in (named or new)[:1]:
            track.mid = mid
            if kind == m.AUDIO:  # pictures of clients are for nobody here
                track.publication = Publication(
                    self._publisher, track.info, track.microphone.open, partial(self._tell, track)
                )
                self._publish(track.publication)

    def _tell(self, track: _PublishedTrack) -> None:
        if not track.subscribed:
            track.subscribed = True
            self._on_subscribed(track.info.sid)

    def _end(self, track: _PublishedTrack) -> None:
        self._tracks.remove(track)
        publication, track.publication = track.publication, None
        if publication is not None:
            self._unpublish(publication)
        track.microphone.close()

    def put(self, mid: str, frame: AudioFrame) -> None:
        """The client says this in the section `mid`."""
        for track in self._tracks:
            if track.mid == mid and not track.info.muted:
                track.microphone.put(frame)

    def close(self) -> None:
        """The client leaves."""
        for track in list(self._tracks):
            self._end(track)
