"""One LiveAvatar session.

In LITE we bring the voice, through the session's websocket. FULL is told what to say in its room,
where it also tells how far it is; whoever of us is in there passes both on.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import deque
from collections.abc import Callable, Container

from ...core.clock import Clock
from ...core.log import get_logger
from ...core.secret import Secret
from ...core.speech import Mode, SpokenWord, Utterance
from ...core.text import split_text
from ...errors import NotOffered, SessionGone, SpeechFailed
from ...media.local_voice import LocalVoice, chunks_of
from ...protocol.grants import SessionGrant, StreamGrant
from ...protocol.options import MAX_DURATION_S
from ..cloud import service_events
from ..cloud.driver import NoRoom, RoomChannel, SpeechListener
from ..cloud.models import told_seconds
from ..cloud.service_events import ServiceEvent
from ..cloud.speech_tracker import SpeechTracker, plan_speech
from ..spec import DEFAULT_QUALITY
from .client import LiveAvatarClient, check_started
from .lite_socket import LiteSocket, connect_lite
from .lite_speech import LiteSpeech
from .options import LiveAvatarOptions
from .profile import PROFILE
from .push_to_talk import Confirmation

log = get_logger(__name__)

EARLIER = 64
"""Ids of speeches and interrupts kept, to know their late events from those of the next speech."""


class LiveAvatarDriver:
    """Drives one session.

    Args:
        client: The account's.
        options: What was asked for; `lite` decides who speaks.
        clock: Time.
        voice: Ours, for LITE.
        quality: Size of the picture.
        new_id: Makes ids of speeches and commands.
    """

    profile = PROFILE

    def __init__(
        self,
        client: LiveAvatarClient,
        options: LiveAvatarOptions,
        clock: Clock,
        voice: LocalVoice,
        *,
        quality: str = DEFAULT_QUALITY,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        self._voice = voice
        self._id = ""
        self._socket_url: Secret | None = None
        self._stream: StreamGrant | None = None
        self._limit_s: float | None = None
        self._reader_token: Secret | None = None
        self._socket: LiteSocket | None = None
        self._speech: LiteSpeech | None = None
        self._earlier: deque[str] = deque(maxlen=EARLIER)
        self._quality = quality
        self._new_id = new_id
        self._room: RoomChannel = NoRoom()
        self._tracker: SpeechTracker | None = None
        self._last_was_told = True
        self._lite_tells = False
        self._confirmation: Confirmation | None = None

    def set_room(self, room: RoomChannel) -> None:
        """The way into its room."""
        self._room = room

    def on_event(self, event: ServiceEvent) -> None:
        """The service told this in the room; in LITE, it tells us all on the websocket."""
        if self._tracker is not None:
            self._tracker.on_event(event)
        if self._confirmation is not None:
            self._confirmation.on_event(event)

    async def create(self, on_id: Callable[[str], None]) -> None:
        """A token, which costs nothing; then `start`, by which time the id is known."""
        options = self._options
        token = await self._client.create_token(
            mode="LITE" if options.lite else "FULL",
            avatar_id=options.avatar_id,
            voice_id=None if options.lite else options.voice_id,
            quality=self._quality,
            sandbox=options.sandbox,
            # The lease keeps to it in any case; above the tier's limit it would be refused.
            max_duration_s=None
            if options.max_duration_s == MAX_DURATION_S
            else options.max_duration_s,
            context_id=options.context_id,
            language=options.language,
            push_to_talk=options.push_to_talk,
            video_encoding=options.video_encoding,
        )
        self._id = token.session_id
        on_id(self._id)
        started = await self._client.start(token)
        check_started(started, "LITE" if options.lite else "FULL")
        self._socket_url = started.ws_url
        self._limit_s = told_seconds(started.max_session_duration)
        if started.livekit_url is not None:
            self._stream = StreamGrant(
                "livekit",
                Secret(started.livekit_url),
                started.livekit_client_token or Secret(""),
            )
        if options.lite:
            # In FULL the agent is the service's own: we would put it out.
            self._reader_token = started.livekit_agent_token
            await self._connected()

    def adopt(self, grant: SessionGrant) -> None:
        """The account's key drives any session; the websocket is connected at the first need."""
        self._id, self._socket_url, self._stream = grant.session_id, grant.socket_url, grant.stream
        self._limit_s, self._reader_token = grant.limit_s, grant.reader_token

    def grant(self) -> SessionGrant:
        """Id, websocket and room."""
        return SessionGrant(
            PROFILE.name,
            self._id,
            socket_url=self._socket_url,
            stream=self._stream,
            reader_token=self._reader_token,
            limit_s=self._limit_s,
        )

    async def say(self, utterance: Utterance, listener: SpeechListener) -> list[SpokenWord]:
        """Its voice or, in LITE, ours, chunk by chunk; over when the service says so."""
        if not self._options.lite:
            for piece in split_text(utterance.text, PROFILE.text_limit):
                await self._say_in_room(piece, utterance.mode, listener)
            return []
        if utterance.mode == "talk":
            raise SpeechFailed(
                'LiveAvatar LITE has no language model, so it cannot speak(mode="talk").',
                "Give it the words to say.",
            )
        socket = await self._connected()
        speech = LiteSpeech(
            self._new_id(), self._clock, listener, self._earlier, expects_events=self._lite_tells
        )
        self._speech = speech
        try:
            words = await speech.perform(socket, chunks_of(self._voice, utterance))
            self._lite_tells = speech.told
            return words
        finally:
            self._earlier.append(speech.event_id)
            self._speech = None

    async def interrupt(self) -> None:
        """Cut the speech off."""
        if not self._options.lite:
            await self._room.send(
                service_events.COMMAND_TOPIC, service_events.interrupt(self._new_id())
            )
        elif self._socket is not None:
            # What names this, late, is not about the speech that comes next.
            self._earlier.append(self._new_id())
            await self._socket.interrupt(self._earlier[-1])

    async def listen(self, on: bool, *, push_to_talk: bool) -> None:
        """FULL hears whatever comes into its room; a held button is to be told, and confirmed."""
        if self._options.lite:
            what, fix = "LiveAvatar LITE has no recognition.", "Use lite=False with a context_id=."
            raise NotOffered(what, fix, service=PROFILE.name, call="listen")
        order = service_events.listening(self._new_id(), on=on, push_to_talk=push_to_talk)
        confirmation = self._confirmation = Confirmation(self._clock, on=on)
        await self._room.send(service_events.COMMAND_TOPIC, order)
        if push_to_talk:
            await confirmation.wait()

    async def keep_alive(self, timeout_s: float) -> None:
        """Reset the idle time; in LITE by the websocket, too, which its sessions go by."""
        if self._socket is not None:
            with contextlib.suppress(SessionGone):  # the call is what tells
                await self._socket.keep_alive()
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
        await self._client.http.close()

    async def _say_in_room(self, piece: str, mode: Mode, listener: SpeechListener) -> None:
        order = service_events.speak_response if mode == "talk" else service_events.speak_text
        speech = self._new_id()
        tracker = self._tracker = SpeechTracker(PROFILE, self._clock, listener)
        try:
            await self._room.send(service_events.COMMAND_TOPIC, order(piece, speech))
            # Somebody took the order into the room, so what is told there should get here.
            expects_events = self._room.hears and self._last_was_told
            plan = plan_speech(piece, mode, speech, None, hears=True, expects_events=expects_events)
            self._last_was_told = await tracker.follow(plan)
        finally:
            self._tracker = None

    async def _connected(self) -> LiteSocket:
        """The websocket; connected anew when the last one was lost."""
        if self._socket is not None and not self._socket.gone.done():
            return self._socket
        if self._socket is not None:
            await self._socket.close()
            self._socket = None
        if self._socket_url is None:
            raise SessionGone(
                "The LiveAvatar session has no websocket.",
                "Start a new one.",
                service=PROFILE.name,
                call="websocket",
            )
        self._socket = await connect_lite(
            self._socket_url, self._on_socket_event, secrets=self._secrets()
        )
        return self._socket

    def _secrets(self) -> tuple[Secret, ...]:
        key = self._options.credentials.key
        return (*self.grant().secrets(), *(() if key is None else (key,)))

    def _on_socket_event(self, event: ServiceEvent) -> None:
        if self._speech is not None:
            self._speech.on_event(event)
        elif event.kind in ("error", "warning"):
            log.warning("LiveAvatar says: %s", event.text or event.name)
