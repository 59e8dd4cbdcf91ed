"""One Kaltura session: the service tells nothing while it speaks, so queue and clock are ours."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Container
from urllib.parse import urlsplit

from ...core.clock import Clock
from ...core.loopback import is_loopback
from ...core.scripts import estimate_seconds
from ...core.secret import Secret
from ...core.speech import SpokenWord, Utterance
from ...core.text import split_text
from ...engine.pcm import to_int16
from ...engine.voice.base import VoiceChunk
from ...errors import ServiceUnavailable, SessionGone, SpeechFailed
from ...media.local_voice import LocalVoice
from ...media.sound_chunks import whole
from ...protocol.grants import SessionGrant, StreamGrant
from ...protocol.options import IceServer
from ..cloud.driver import (
    RoomChannel,
    SpeechListener,
    follow_captions,
)
from ..cloud.service_events import ServiceEvent
from ..spoken_text import describe_unreadable, require_readable
from .client import KalturaClient, KalturaSession, KalturaStream
from .options import KalturaOptions
from .profile import PROFILE

FIRST_CALL_S, CALL_S, MOST_CALL_S = 1.0, 4.0, 10.0
"""Seconds of the user's sound in one call: at least in the first, in later ones, and at most."""

LOCAL_VOICE_NOTICE = "Kaltura's own voice does not answer; our voice speaks instead."


class KalturaDriver:
    """Drives one session: one turn at a time, so that an interrupt leaves nothing queued there."""

    profile = PROFILE

    def __init__(
        self, client: KalturaClient, options: KalturaOptions, clock: Clock, voice: LocalVoice
    ) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        self._voice = voice
        self._session: KalturaSession | None = None
        self._stream: StreamGrant | None = None
        self._with_local_voice = False
        self._turns = 0

    def set_room(self, room: RoomChannel) -> None:
        """There is no room: a viewer gets picture and sound, and nothing else."""

    def on_event(self, event: ServiceEvent) -> None:
        """Never called: its WHEP stream has no data channel, and its calls answer at once.

        What is being said is known from the lengths of what we had said.
        """

    async def create(self, on_id: Callable[[str], None]) -> None:
        """`create`, then `init-client` for where the picture is."""
        options = self._options
        self._session = await self._client.create(
            avatar_id=options.avatar_id or "", voice_id=options.voice_id
        )
        on_id(self._session.session_id)
        stream = await self._client.init_client(self._session)
        self._stream = _stream_grant(stream, options.relay)

    def adopt(self, grant: SessionGrant) -> None:
        """Only the session's own token drives it."""
        if grant.token is not None:
            self._session = KalturaSession(session_id=grant.session_id, token=grant.token)
        self._stream = grant.stream

    def grant(self) -> SessionGrant:
        """Id, token and stream; empty before it is open: a page may report at any time."""
        session = self._session
        if session is None:
            return SessionGrant(PROFILE.name, "", stream=self._stream)
        return SessionGrant(
            PROFILE.name, session.session_id, token=session.token, stream=self._stream
        )

    async def say(self, utterance: Utterance, listener: SpeechListener) -> list[SpokenWord]:
        """Turn by turn; through `say-audio` from the first 503 of `say-text` on."""
        if utterance.mode == "talk":
            raise SpeechFailed(
                'Kaltura\'s sessions have no language model, so they cannot speak(mode="talk").',
                "Give it the words to say.",
            )
        if utterance.is_sound:
            sound = _long_chunks(self._voice.play(utterance))
            return (await self._say_audio(sound, listener))[0]
        pieces = list(split_text(utterance.text, PROFILE.text_limit))
        while pieces and not self._with_local_voice:
            if await self._say_text(pieces[0], listener):
                pieces.pop(0)
        return await self._say_with_local_voice(" ".join(pieces), listener) if pieces else []

    async def interrupt(self) -> None:
        """Cut the turn off."""
        await self._client.interrupt(self._opened())

    async def keep_alive(self, timeout_s: float) -> None:
        """Keep it open."""
        await self._client.keep_alive(self._opened(), timeout_s=timeout_s)

    async def stop(self) -> bool:
        """End it."""
        return await self._client.end(self._opened())

    async def stop_lost(self, known: Container[str], asked_at: float) -> bool:
        """There is no list to look into: it can only run out by itself."""
        del known, asked_at
        return False

    async def close(self) -> None:
        """Close the connections."""
        await self._client.http.close()

    async def _say_text(self, piece: str, listener: SpeechListener) -> bool:
        try:
            await self._client.say_text(self._opened(), piece, turn_id=self._turn())
        except ServiceUnavailable as error:
            if error.status != 503:
                raise
            self._with_local_voice = True
            listener.on_notice("voice", LOCAL_VOICE_NOTICE)
            return False
        listener.on_first_sound()
        await follow_captions(self._clock, listener, piece, estimate_seconds(piece))
        return True

    async def _say_with_local_voice(self, text: str, listener: SpeechListener) -> list[SpokenWord]:
        english = self._voice.reads_english
        if english and (left_out := describe_unreadable(text)):
            listener.on_notice("voice", left_out)
        said, seconds = await self._say_audio(self._voice.stream(text), listener)
        if not seconds and english:
            require_readable(text)
        return said

    async def _say_audio(
        self, chunks: AsyncIterator[VoiceChunk], listener: SpeechListener
    ) -> tuple[list[SpokenWord], float]:
        """Call by call; the words, and how long it took."""
        said: list[SpokenWord] = []
        at = 0.0
        async for chunk in chunks:
            await self._client.say_audio(
                self._opened(), wav(chunk), turn_id=self._turn(), duration_s=chunk.duration
            )
            listener.on_first_sound()
            words = [(word.text, word.start, word.end) for word in chunk.words]
            listener.on_caption(chunk.text, words)
            said += [(word, start + at, end + at) for word, start, end in words]
            at += chunk.duration
            await self._clock.sleep_until(self._clock.now() + chunk.duration)
        return said, at

    def _turn(self) -> str:
        self._turns += 1
        return f"turn-{self._turns}"

    def _opened(self) -> KalturaSession:
        if self._session is None:
            raise SessionGone(
                "The Kaltura session's token is not known here.",
                "Start a new one.",
                service=PROFILE.name,
                call="session",
            )
        return self._session


async def _long_chunks(chunks: AsyncIterator[VoiceChunk]) -> AsyncGenerator[VoiceChunk, None]:
    """`chunks` in longer ones: each is a call, and between two of them there is a gap."""
    held: list[VoiceChunk] = []
    least_s = FIRST_CALL_S
    async for chunk in chunks:
        if held and chunk.text and sum(one.duration for one in held) >= least_s:
            yield whole(held)
            held, least_s = [], CALL_S
        held.append(chunk)
        if sum(one.duration for one in held) >= MOST_CALL_S:
            yield whole(held)
            held, least_s = [], CALL_S
    if held:
        yield whole(held)


def wav(chunk: VoiceChunk) -> bytes:
    """`chunk` as a WAV file: 16 bit, mono."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(chunk.sample_rate)
        out.writeframes(to_int16(chunk.audio).astype("<i2", copy=False).tobytes())
    return file.getvalue()


def _stream_grant(stream: KalturaStream, relay: bool | None) -> StreamGrant:
    """Where the picture is, and through which relays it comes.

    Without a relay no path to it is found; what is on this machine has none in front of it.
    `relay` is what the user says; None goes by the address.
    """
    turn = stream.turn
    here = is_loopback(urlsplit(stream.whep_url).hostname)
    if turn is None or (here and not relay):
        return StreamGrant("whep", Secret(stream.whep_url))
    return StreamGrant(
        "whep",
        Secret(stream.whep_url),
        ice_servers=(
            IceServer(turn.ice_urls, Secret(turn.username), turn.credential or Secret("")),
        )
        if turn.ice_urls
        else (),
        relay_only=relay is not False and bool(turn.ice_urls),
    )
