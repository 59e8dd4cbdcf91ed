"""One HeyGen streaming session.

The service gives it a room, or offers one peer connection. With a room it is started at once; an
offer is answered by a page, and that starts it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container

from ...core.clock import Clock
from ...core.scripts import estimate_seconds
from ...core.secret import Secret
from ...core.speech import Mode, SpokenWord, Utterance
from ...core.text import split_text
from ...errors import AvatarError, SpeechFailed
from ...protocol.grants import SessionGrant, StreamGrant
from ...protocol.page import Candidate
from ..cloud.driver import NoRoom, RoomChannel, SpeechListener
from ..cloud.models import told_seconds
from ..cloud.service_events import ServiceEvent
from ..cloud.speech_tracker import ANSWER_LENGTH_S, SpeechTracker, plan_speech
from ..spec import DEFAULT_QUALITY
from .answers import HeyGenSession
from .client import HeyGenClient
from .options import HeyGenOptions
from .profile import PROFILE
from .unstarted import stop_unstarted

NOT_SHOWN = (
    "HeyGen's session begins when a page answers its offer of a connection, and none has done so."
)
NOT_SHOWN_FIX = 'Show the avatar in a page, or use transport="livekit".'

END_UNKNOWN = (
    "Where an answer of HeyGen ends is told in its room alone, and none of us is there: "
    f"{ANSWER_LENGTH_S:.0f} s are waited for each. "
)


class HeyGenDriver:
    """Drives one session; the pieces of a long text are handed over one by one."""

    profile = PROFILE

    def __init__(
        self,
        client: HeyGenClient,
        options: HeyGenOptions,
        clock: Clock,
        *,
        quality: str = DEFAULT_QUALITY,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        self._quality = quality
        self._wall = wall
        self._id = ""
        self._stream: StreamGrant | None = None
        self._limit_s: float | None = None
        self._reader_token: Secret | None = None
        self._room: RoomChannel = NoRoom()
        self._tracker: SpeechTracker | None = None
        self._last_was_told = True
        self._told_unheard = False
        self._started = False

    def set_room(self, room: RoomChannel) -> None:
        """The way into its room."""
        self._room = room

    def on_event(self, event: ServiceEvent) -> None:
        """The service told this in the room; kept when it is about a task we do not know yet."""
        if self._tracker is not None:
            self._tracker.on_event(event)

    async def create(self, on_id: Callable[[str], None]) -> None:
        """`new`, then `start`, which an offer leaves to the page that answers it."""
        options = self._options

        def on_new(session_id: str) -> None:
            self._id = session_id
            on_id(session_id)

        session = await self._client.new(
            avatar_id=options.avatar_id,
            voice_id=options.voice_id,
            quality=self._quality,
            idle_timeout_s=options.idle_timeout_s,
            transport=options.transport,
            video_encoding=options.video_encoding,
            on_id=on_new,
        )
        self._limit_s = told_seconds(session.session_duration_limit)
        self._stream = _stream_of(session, options.transport)
        self._reader_token = session.livekit_agent_token
        if self._stream.kind == "livekit":
            await self._client.start(self._id)
            self._started = True

    def adopt(self, grant: SessionGrant) -> None:
        """The account's key drives any session. An offer is taken to have been answered."""
        self._started = True
        self._id, self._stream, self._limit_s = grant.session_id, grant.stream, grant.limit_s
        self._reader_token = grant.reader_token

    def grant(self) -> SessionGrant:
        """Id and room."""
        return SessionGrant(
            PROFILE.name,
            self._id,
            stream=self._stream,
            reader_token=self._reader_token,
            limit_s=self._limit_s,
        )

    @property
    def offer_answered(self) -> bool:
        """Whether the one offer of this session was answered."""
        return self._started

    async def accept_offer(self, sdp: str) -> None:
        """`start`, with a page's answer."""
        await self._client.start(self._id, sdp)
        self._started = True

    async def add_candidate(self, candidate: Candidate) -> None:
        """`ice`, as browsers write it."""
        init = {
            "candidate": candidate.candidate,
            "sdpMid": candidate.sdp_mid,
            "sdpMLineIndex": candidate.sdp_m_line_index,
        }
        await self._client.ice(self._id, init)

    async def say(self, utterance: Utterance, listener: SpeechListener) -> list[SpokenWord]:
        """Task by task: the answer tells how long each one takes, the room how far it is."""
        if not self._started:
            raise SpeechFailed(NOT_SHOWN, NOT_SHOWN_FIX)
        for piece in split_text(utterance.text, PROFILE.text_limit):
            tracker = self._tracker = SpeechTracker(PROFILE, self._clock, listener)
            try:
                deaf = await self._find_deafness() if utterance.mode == "talk" else None
                was_told = await self._say_piece(piece, utterance.mode, tracker)
                if deaf is not None and not was_told and not self._told_unheard:
                    self._told_unheard = True
                    listener.on_notice("service", f"{END_UNKNOWN}{deaf}")
            finally:
                self._tracker = None
        return []

    async def interrupt(self) -> None:
        """Cut the speech off."""
        await self._client.interrupt(self._id)

    async def listen(self, on: bool, *, push_to_talk: bool) -> None:
        """It hears whatever comes into its room; held by a button, sound comes only then."""
        del push_to_talk
        call = self._client.start_listening if on else self._client.stop_listening
        await call(self._id)

    async def keep_alive(self, timeout_s: float) -> None:
        """Reset the idle time."""
        await self._client.keep_alive(self._id, timeout_s=timeout_s)

    async def stop(self) -> bool:
        """End it."""
        return await self._client.stop(self._id)

    async def stop_lost(self, known: Container[str], asked_at: float) -> bool:
        """Look into the account's list for a session that was made and never started."""
        _, left = await stop_unstarted(
            self._client.list_sessions,
            self._client.stop,
            known=known,
            asked_at=asked_at,
            now=self._wall,
            sleep=self._sleep,
            ahead_s=lambda: self._client.http.ahead_s,
        )
        return not left

    async def close(self) -> None:
        """Close the connections."""
        await self._client.http.close()

    async def _find_deafness(self) -> AvatarError | None:
        """Have one of us in the room, where an answer's end is told; else why none can be."""
        try:
            await self._room.hear()
        except AvatarError as error:
            return error
        return None

    async def _say_piece(self, piece: str, mode: Mode, tracker: SpeechTracker) -> bool:
        """Whether anything was told of it."""
        began = self._clock.now()
        task = await self._client.task(self._id, piece, task_type=mode, task_mode="async")
        took = self._clock.now() - began
        seconds = task.duration_s
        if took > (estimate_seconds(piece) if seconds is None else seconds) / 2:
            # The answer was held back until the end, as it is for synchronous tasks.
            seconds = 0.0
        hears = self._room.hears
        was_told = await tracker.follow(
            plan_speech(
                piece, mode, task.task_id, seconds, hears=hears, expects_events=self._last_was_told
            )
        )
        if hears:
            # A kernel that is busy keeps all back: it is waited for once, not at each speech.
            self._last_was_told = was_told
        return was_told

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep_until(self._clock.now() + seconds)


def _stream_of(session: HeyGenSession, wanted: str) -> StreamGrant:
    """What of that which the service has given is played: what was wanted, if it is there."""
    if session.sdp and session.offers and (wanted == "webrtc" or not session.has_room):
        return StreamGrant("webrtc", offer=session.sdp.sdp, ice_servers=session.servers)
    return StreamGrant("livekit", Secret(session.url or ""), session.access_token or Secret(""))
