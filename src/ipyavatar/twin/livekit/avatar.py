"""An avatar as a participant of a LiveKit room: who it is, its tracks, and what it tells."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from functools import partial

import msgspec
import numpy as np
from livekit.protocol import models as m
from numpy.typing import NDArray

from ..media.session_media import MediaEvent, SessionMedia
from ..media.vad import VoiceActivityDetector
from ..session import TwinPhase, WrongPhase
from .data_messages import DataMessage, DataMessages
from .grants import RoomGrant
from .ids import KINDS, sid
from .publications import AvatarFeed, Publication

AVATAR = "heygen"
"""Its identity where no token says another; LiveAvatar's SDK plays the tracks of no other."""


class RoomAvatar:
    """The avatar of one session, in whatever room it is.

    Attributes:
        publications: Its tracks.
        on_joined: Called when it can be seen, and speaks.
        on_packet: Called with each data packet it sends.
        on_speaking: Called when it begins or ends to speak.
        vad: Detects when the user speaks.
        on_user_activity: Called when the user begins or ends to speak (for the chat websocket).
    """

    def __init__(
        self, media: SessionMedia, data_messages: DataMessages, now: Callable[[], float]
    ) -> None:
        self.media = media
        self.session = media.session
        self.sid = sid("PA")
        self._grant = self.session.room_grant or RoomGrant(AVATAR, name=AVATAR)
        self.identity = self._grant.identity
        self._data_messages = data_messages
        self._now = now
        self._created = int(time.time())
        self._agent_sid = sid("PA")
        self._sequence = 0
        self._has_joined = self.joined
        self.publications = [
            Publication(
                self.sid, info, partial(AvatarFeed, media.pump, kind, media.appearance.codec)
            )
            for kind, info in (("audio", self._audio_info()), ("video", self._video_info()))
        ]
        self.on_joined: Callable[[], None] = lambda: None
        self.on_packet: Callable[[m.DataPacket], None] = lambda _: None
        self.on_speaking: Callable[[bool], None] = lambda _: None
        self.on_user_activity: set[Callable[[bool], None]] = set()
        self.vad = VoiceActivityDetector(self._on_user_activity)
        media.on_event = self._on_media_event
        media.on_phase = self._on_phase

    # ---- who it is ----------------------------------------------------------------------------

    @property
    def joined(self) -> bool:
        """Whether it has joined: then it can be seen, and speaks."""
        return self.session.phase is TwinPhase.CONNECTED

    def _audio_info(self) -> m.TrackInfo:
        return m.TrackInfo(
            sid=sid("TR"),
            type=m.AUDIO,
            name="audio",
            source=m.MICROPHONE,
            mime_type="audio/opus",
            stream="camera",
        )

    def _video_info(self) -> m.TrackInfo:
        width, height = self.media.appearance.size
        return m.TrackInfo(
            sid=sid("TR"),
            type=m.VIDEO,
            name="video",
            source=m.CAMERA,
            mime_type=self.media.appearance.codec,
            width=width,
            height=height,
            stream="camera",
            layers=[m.VideoLayer(quality=m.HIGH, width=width, height=height)],
        )

    def info(self) -> m.ParticipantInfo:
        """The avatar, for clients."""
        return m.ParticipantInfo(
            sid=self.sid,
            identity=self.identity,
            name=self._grant.name,
            metadata=self._grant.metadata,
            attributes=self._grant.attributes,
            kind=KINDS.get(self._grant.kind, m.ParticipantInfo.STANDARD),
            state=m.ParticipantInfo.ACTIVE,
            joined_at=self._created,
            version=1,
            is_publisher=True,
            tracks=[publication.info for publication in self.publications],
        )

    def infos(self) -> list[m.ParticipantInfo]:
        """The avatar and, where clients wait for one, its agent."""
        agent = self._data_messages.agent_identity
        if agent is None:
            return [self.info()]
        return [
            self.info(),
            m.ParticipantInfo(
                sid=self._agent_sid,
                identity=agent,
                state=m.ParticipantInfo.ACTIVE,
                kind=m.ParticipantInfo.AGENT,
                joined_at=self._created,
                version=1,
            ),
        ]

    def is_known_as(self, identity: str) -> bool:
        """Whether it, or its agent, is of that identity."""
        return identity in (self.identity, self._data_messages.agent_identity)

    # ---- its session ----------------------------------------------------------------------------

    def on_client_joined(self) -> None:
        """A client is in its room."""
        self.session.join(self._now())

    def end_session(self) -> None:
        """It was put out of the room."""
        with contextlib.suppress(WrongPhase):
            self.session.stop(self._now(), "gone")

    # ---- what it tells ------------------------------------------------------------------------

    def _on_phase(self) -> None:
        if self.joined and not self._has_joined:
            self._has_joined = True
            self.on_joined()

    def _on_media_event(self, event: MediaEvent) -> None:
        for message in self._data_messages.encode_event(event):
            self._send(message)
        if event.kind in ("started", "ended"):
            self.on_speaking(event.kind == "started")

    def _on_user_activity(self, speaking: bool) -> None:
        for message in self._data_messages.encode_user_activity(speaking):
            self._send(message)
        for listener in tuple(self.on_user_activity):
            listener(speaking)

    def hear(self, samples: NDArray[np.int16], rate: int) -> None:
        """What a client says."""
        if self._data_messages.listens:
            self.vad.feed(samples, rate)

    def hear_no_more(self) -> None:
        """A client has switched its microphone off."""
        self.vad.end()

    def handle_data(self, data: bytes, topic: str) -> None:
        """Carry out a client's data message."""
        for message in self._data_messages.handle_command(data, topic):
            self._send(message)
        if not self._data_messages.listens:
            self.vad.end()

    def _send(self, data_message: DataMessage) -> None:
        message, topic = data_message
        self._sequence += 1
        self.on_packet(
            m.DataPacket(
                kind=m.DataPacket.RELIABLE,
                participant_identity=self.identity,
                participant_sid=self.sid,
                sequence=self._sequence,
                user=m.UserPacket(
                    participant_sid=self.sid,
                    participant_identity=self.identity,
                    payload=msgspec.json.encode(message),
                    topic=topic or None,
                ),
            )
        )
