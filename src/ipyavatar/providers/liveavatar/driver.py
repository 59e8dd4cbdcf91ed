"""One LiveAvatar session.

In LITE we bring the voice, through the session's websocket. FULL is told what to say in its room,
where it also tells how far it is; whoever of us is in there passes both on.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Container

from ...core.clock import Clock
from ...core.secret import Secret
from ...core.speech import Mode, SpokenWord, Utterance
from ...core.text import split_text
from ...errors import SessionGone, SpeechFailed
from ...protocol.grants import SessionGrant, StreamGrant
from ..cloud import service_events
from ..cloud.driver import LocalVoice, NoRoom, RoomChannel, SpeechListener
from ..cloud.options import ServiceOptions
from ..cloud.service_events import ServiceEvent
from ..cloud.spec import LIVEAVATAR
from ..cloud.speech_tracker import SpeechTracker, plan_speech
from .client import LiveAvatarClient, check_started
from .lite_socket import LiteSocket, connect_lite
from .lite_speech import LiteSpeech


class LiveAvatarDriver:
    """Drives one session.

    Args:
        client: The account's.
        options: What was asked for; `lite` decides who speaks.
        clock: Time.
        voice: Ours, for LITE.
        new_id: Makes ids of speeches and commands.
    """

    facts = LIVEAVATAR

    def __init__(
        self,
        client: LiveAvatarClient,
        options: ServiceOptions,
        clock: Clock,
        voice: LocalVoice,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        self._voice = voice
        self._id = ""
        self._line: Secret | None = None
        self._join: StreamGrant | None = None
        self._socket: LiteSocket | None = None
        self._speech: LiteSpeech | None = None
        self._new_id = new_id
        self._room: RoomChannel = NoRoom()
        self._spoken: SpeechTracker | None = None
        self._told_last = True

    def enter(self, room: RoomChannel) -> None:
        """The way into its room."""
        self._room = room

    def heard(self, event: ServiceEvent) -> None:
        """The service told this in the room; in LITE, it tells us all on the websocket."""
        if self._spoken is not None:
            self._spoken.hear(event)

    async def create(self, on_id: Callable[[str], None]) -> None:
        """A token, which costs nothing; then `start`, by which time the id is known."""
        options = self._options
        token = await self._client.create_token(
            mode="LITE" if options.lite else "FULL",
            avatar_id=options.avatar_id,
            voice_id=None if options.lite else options.voice_id,
            quality=options.quality,
            sandbox=options.sandbox,
            max_duration_s=options.max_duration_s,
        )
        self._id = token.session_id
        on_id(self._id)
        started = await self._client.start(token)
        check_started(started, "LITE" if options.lite else "FULL")
        self._line = started.ws_url
        if started.livekit_url is not None:
            self._join = StreamGrant(
                "livekit", Secret(started.livekit_url), started.livekit_client_token
            )
        if options.lite:
            await self._connected()

    def adopt(self, ticket: SessionGrant) -> None:
        """The account's key drives any session; the websocket is connected at the first need."""
        self._id, self._line, self._join = ticket.session_id, ticket.line, ticket.join

    def ticket(self) -> SessionGrant:
        """Id, websocket and room."""
        return SessionGrant("liveavatar", self._id, line=self._line, join=self._join)

    async def say(self, utterance: Utterance, tell: SpeechListener) -> list[SpokenWord]:
        """Its voice or, in LITE, ours, chunk by chunk; over when the service says so."""
        if not self._options.lite:
            for piece in split_text(utterance.text, LIVEAVATAR.text_limit):
                await self._say_in_room(piece, utterance.mode, tell)
            return []
        if utterance.mode == "talk":
            raise SpeechFailed(
                'LiveAvatar LITE has no language model, so it cannot speak(mode="talk").',
                "Give it the words to say.",
            )
        socket = await self._connected()
        speech = self._speech = LiteSpeech(self._new_id(), self._clock, tell)
        try:
            return await speech.perform(socket, self._voice.stream(utterance.text))
        finally:
            self._speech = None

    async def interrupt(self) -> None:
        """Cut the speech off."""
        if not self._options.lite:
            await self._room.send(
                service_events.COMMAND_TOPIC, service_events.interrupt(self._new_id())
            )
        elif self._socket is not None:
            await self._socket.interrupt()

    async def keep_alive(self, timeout_s: float) -> None:
        """Reset the idle time."""
        await self._client.keep_alive(self._id, timeout_s=timeout_s)

    async def stop(self) -> bool:
        """End it."""
        return await self._client.stop(self._id)

    async def stop_lost(self, known: Container[str], asked_at: float) -> bool:
        """Nothing to do: what has no id was never started."""
        del known, asked_at
        return True

    async def close(self) -> None:
        """Close websocket and connections."""
        if self._socket is not None:
            await self._socket.close()
        await self._client.wire.close()

    async def _say_in_room(self, piece: str, mode: Mode, tell: SpeechListener) -> None:
        order = service_events.speak_response if mode == "talk" else service_events.speak_text
        speech = self._new_id()
        spoken = self._spoken = SpeechTracker(LIVEAVATAR, self._clock, tell)
        try:
            await self._room.send(service_events.COMMAND_TOPIC, order(piece, speech))
            # Somebody took the order into the room, so what is told there should get here.
            patient = self._room.hears and self._told_last
            plan = plan_speech(piece, mode, speech, None, hears=True, patient=patient)
            self._told_last = await spoken.follow(plan)
        finally:
            self._spoken = None

    async def _connected(self) -> LiteSocket:
        """The websocket; connected anew when the last one was lost."""
        if self._socket is not None and not self._socket.gone.done():
            return self._socket
        if self._socket is not None:
            await self._socket.close()
            self._socket = None
        if self._line is None:
            raise SessionGone(
                "The LiveAvatar session has no websocket.",
                "Start a new one.",
                service="liveavatar",
                call="websocket",
            )
        self._socket = await connect_lite(self._line, self._heard)
        return self._socket

    def _heard(self, event: ServiceEvent) -> None:
        if self._speech is not None:
            self._speech.heard(event)
