"""The microphones of a session's pages: who is heard, when, and that the avatar then is silent.

Nothing of this waits for the kernel: a busy cell does not keep somebody from interrupting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..core.clock import Clock
from ..core.log import get_logger
from ..core.tasks import TaskSet
from ..engine.pcm import to_int16
from ..errors import AvatarError
from ..media.echo_guard import HEARD, EchoGuard
from ..media.microphone import MicrophoneStream
from ..media.sinks import MediaSource
from ..media.voice_activity import SileroModel, VoiceActivityModel
from ..protocol import page as p
from ..protocol.host import NoticeKind, SessionEvent
from ..protocol.listening import (
    Listen,
    ListeningMode,
    ListeningUpdate,
    Microphone,
    MicrophoneSound,
    SoundHeard,
)
from ..providers.base import Provider
from .endpointer import RATE, Endpointer, SpokenSound
from .microphone_level import MicrophoneLevel

log = get_logger(__name__)

Sound = NDArray[np.float32]

SILENT_S = 2.0
"""A microphone that sends nothing for so long: what was being said has ended."""

GONE_S = 60.0
"""One that sends nothing for so long is off."""

MOST = 4
"""Microphones that are heard at a time; with more the oldest is given up."""

MOST_DROPPED = 32
"""Pages that are told that they are not heard any more; of more the oldest is forgotten."""

KEPT_S = 10.0
"""Sound that is kept while what judges it is being loaded; it is the first word that counts."""


class MicrophoneOwner(Protocol):
    """The session, as its microphones know it."""

    id: str

    @property
    def provider(self) -> Provider | None:
        """The open provider; None while there is none."""

    def announce(self, fact: p.Announcement) -> None:
        """Tell pages and kernel."""

    def tick(self) -> float:
        """The time of a fact: later than that of every fact before it."""

    def interrupt(self, speech: str = "") -> None:
        """Cut off all that is said and queued."""

    def touch(self) -> None:
        """The user did something."""

    def on_notice(self, kind: NoticeKind, text: str) -> None:
        """Tell the user something."""


class _Microphone:
    """One that is on."""

    def __init__(self, on_samples: Callable[[Sound], None]) -> None:
        self.stream = MicrophoneStream(on_samples)
        self.level = MicrophoneLevel()
        self.model: VoiceActivityModel | None = None  # None while it is being loaded
        self.loading = False
        self.kept: list[Sound] = []  # what has come meanwhile
        self.endpointer: Endpointer | None = None
        self.heard_at = 0.0

    def keep(self, samples: Sound) -> None:
        """Keep it until there is a model."""
        if sum(map(len, self.kept)) + len(samples) <= KEPT_S * RATE:
            self.kept.append(samples)


class Microphones:
    """Used on the session's loop; `close()` ends what it has started.

    Args:
        owner: The session.
        emit: Tells the kernel.
        clock: Monotonic seconds.
        load_model: Loads what judges one stream; called on a thread.
    """

    def __init__(
        self,
        owner: MicrophoneOwner,
        emit: Callable[[SessionEvent], None],
        clock: Clock,
        load_model: Callable[[], VoiceActivityModel] = SileroModel,
    ) -> None:
        self._owner = owner
        self._emit = emit
        self._clock = clock
        self._load_model = load_model
        self._command = Listen(owner.id, "off")
        self._open: dict[str, _Microphone] = {}
        self._late: set[_Microphone] = set()  # off, and not yet judged: that is being loaded
        self._dropped: dict[str, None] = {}  # given up here, the newest last
        self._free: list[VoiceActivityModel] = []
        self._loading = asyncio.Lock()
        self._guard: EchoGuard | None = None
        self._source: MediaSource | None = None
        self._told: ListeningUpdate | None = None
        self._tasks = TaskSet("a session's microphones")
        self._watching: asyncio.Task[None] | None = None

    @property
    def fact(self) -> ListeningUpdate | None:
        """What a page is told that knows nothing yet."""
        return self._told

    def listen(self, command: Listen) -> None:
        """Listen in this way from now on, or not any more."""
        for microphone in list(self._open.values()):
            self._end(microphone)
            microphone.kept.clear()
        self._command = command
        for name, microphone in self._open.items():
            self._begin(name, microphone)
        self._follow_provider()
        self._tell()

    def handle(self, message: Microphone | MicrophoneSound, buffers: Sequence[bytes] = ()) -> None:
        """A page says something of its microphone, or sends its sound.

        Raises:
            InvalidArgument: It is no sound of a microphone.
        """
        match message:
            case Microphone(page, "on"):
                self._turn_on(page)
            case Microphone(page):
                self._dropped.pop(page, None)
                self.leave(page)
                if message.state == "failed":
                    what = message.what or "The microphone of a page has failed."
                    self._owner.on_notice("microphone", f"{what} {message.fix}".strip())
            case MicrophoneSound(page, number, rate):
                microphone = self._open.get(page)
                if microphone is not None and self._mode != "off":
                    for sound in buffers[:1]:
                        microphone.stream.push(bytes(sound), rate, number)

    def hear(self, page: str, samples: Sound) -> None:
        """Sound of the microphone of `page`, at 16 kHz; nothing, where that is not on."""
        microphone = self._open.get(page)
        if microphone is None or self._mode == "off":
            return
        samples = np.nan_to_num(np.asarray(samples, np.float32), posinf=1.0, neginf=-1.0)
        samples = np.clip(samples, -1.0, 1.0)
        trouble = microphone.level.find_trouble(samples)
        if trouble:
            self._owner.on_notice("microphone", trouble)
        microphone.heard_at = self._clock.now()
        self._follow_provider()
        endpointer = microphone.endpointer
        if self._command.half_duplex and self._avatar_sounds:
            if endpointer is not None:
                endpointer.end()
        elif endpointer is None:
            self._keep(microphone, samples)
        else:
            endpointer.push(samples)
            if endpointer.voiced and endpointer.speaking and self._avatar_sounds:
                self._owner.interrupt()  # it has begun while somebody was speaking

    def leave(self, page: str) -> None:
        """The microphone of `page` is off, or its page is gone: what was being said ends here."""
        if self._turn_off(page):
            self._follow_provider()
            self._tell()

    def stop(self) -> None:
        """The session ends: nobody listens any more."""
        self.listen(Listen(self._owner.id, "off"))
        for microphone in self._open.values():
            self._release(microphone)
        self._open.clear()
        self._late.clear()
        self._dropped.clear()

    async def close(self) -> None:
        """End what was started, and wait."""
        await self._tasks.close()

    # ---- inside -----------------------------------------------------------------------------

    @property
    def _mode(self) -> ListeningMode:
        return self._command.mode

    @property
    def _avatar_sounds(self) -> bool:
        return self._guard is not None and self._guard.sounding

    def _turn_on(self, page: str) -> None:
        self._dropped.pop(page, None)
        self._turn_off(page)  # nobody is told that it is off: it is on, anew
        while len(self._open) >= MOST:
            self._drop(next(iter(self._open)))
        self._open[page] = microphone = _Microphone(lambda samples: self.hear(page, samples))
        microphone.heard_at = self._clock.now()
        if self._watching is None or self._watching.done():
            self._watching = self._tasks.start(self._watch(), "watch")
        self._begin(page, microphone)
        self._follow_provider()
        self._tell()

    def _turn_off(self, page: str) -> bool:
        """End what is being said into it; False where it is off already."""
        microphone = self._open.get(page)
        if microphone is None:
            return False
        self._end(microphone)
        del self._open[page]
        if microphone.loading and microphone.kept:
            self._late.add(microphone)
        self._release(microphone)
        return True

    def _drop(self, page: str) -> None:
        """Give up a microphone that its page takes for heard, until it says again that it is on."""
        self._dropped[page] = None
        for oldest in list(self._dropped)[:-MOST_DROPPED]:
            del self._dropped[oldest]
        self.leave(page)

    def _begin(self, page: str, microphone: _Microphone) -> None:
        if self._mode == "off":
            return
        if microphone.model is None and self._free:
            microphone.model = self._free.pop()
        if microphone.model is None:
            microphone.loading = True
            self._tasks.start(self._load(page, microphone, self._command))
            return
        held = self._mode == "push_to_talk"
        microphone.endpointer = Endpointer(
            microphone.model,
            self._is_echo,
            lambda: self._on_begin(page),
            lambda spoken: self._on_end(page, spoken),
            held=held,
            history=HEARD,
        )
        if held:
            microphone.endpointer.begin()
        kept, microphone.kept = microphone.kept, []
        for samples in kept:
            microphone.endpointer.push(samples)

    async def _watch(self) -> None:
        """End what is being said where the sound stops: its page is gone, or its line is cut."""
        while self._open:
            await self._clock.sleep_until(self._clock.now() + SILENT_S / 4)
            for page, microphone in list(self._open.items()):
                silent_s = self._clock.now() - microphone.heard_at
                if silent_s > GONE_S:
                    self._drop(page)
                elif silent_s > SILENT_S and microphone.endpointer is not None:
                    microphone.endpointer.end()

    async def _load(self, page: str, microphone: _Microphone, command: Listen) -> None:
        """Load a model, and begin to listen, as `command` says.

        Only then it is told that one is off which was on meanwhile: all that it heard is known.
        """
        await self._load_for(page, microphone, command)
        microphone.loading = False
        if microphone in self._late:
            self._late.remove(microphone)
            self._tell()

    async def _load_for(self, page: str, microphone: _Microphone, command: Listen) -> None:
        """Where none is free; one at a time: a key pressed again and again loads one."""
        async with self._loading:
            if not self._is_awaited(page, microphone, command):
                return
            try:
                if not self._free:
                    self._free.append(await asyncio.to_thread(self._load_model))
            except Exception as error:
                log.exception("Voice activity detection could not be loaded")
                self._owner.on_notice("microphone", f"Nothing can be heard: {error!r}")
                return
            if self._is_awaited(page, microphone, command):
                self._begin(page, microphone)
            if self._open.get(page) is not microphone:  # what was said has ended meanwhile
                self._end(microphone)
                self._release(microphone)

    def _is_awaited(self, page: str, microphone: _Microphone, command: Listen) -> bool:
        """Whether a model is of use for it: it is on, or has heard something while it was."""
        wanted = self._open.get(page) is microphone or bool(microphone.kept)
        return wanted and self._command is command and microphone.model is None

    def _release(self, microphone: _Microphone) -> None:
        """Keep its model for the next one: to load it takes longer than a word."""
        model, microphone.model = microphone.model, None
        if model is not None and len(self._free) < MOST:
            model.reset()
            self._free.append(model)

    def _keep(self, microphone: _Microphone, samples: Sound) -> None:
        # Later nobody can tell what is an echo: what is played is known for so long only.
        echoes = self._guard is not None and self._guard.audible
        if self._mode == "push_to_talk" or not echoes:
            microphone.keep(samples)

    def _end(self, microphone: _Microphone) -> None:
        endpointer, microphone.endpointer = microphone.endpointer, None
        if endpointer is not None:
            endpointer.end()

    def _is_echo(self, heard: Sound, voice: bool) -> bool:
        return self._guard is not None and self._guard.is_echo(heard, voice=voice)

    def _on_begin(self, page: str) -> None:
        self._owner.touch()
        if not (self._command.half_duplex and self._avatar_sounds):
            self._owner.interrupt()
        self._tell(page)

    def _on_end(self, page: str, spoken: SpokenSound) -> None:
        ended_at = self._clock.now() - spoken.after_s
        began_at = ended_at - len(spoken.samples) / RATE + spoken.after_s
        sound = to_int16(spoken.samples).tobytes()
        request = self._command.request
        self._emit(SoundHeard(self._owner.id, page, sound, began_at, ended_at, spoken.cut, request))
        if not spoken.cut:
            self._tell()

    def _tell(self, page: str = "") -> None:
        """Tell what is so; with `page` somebody speaks there."""
        if self._mode == "off" and (self._told is None or self._told.mode == "off"):
            return  # that is known
        count = len(self._open) + len(self._late)
        at = self._owner.tick()
        dropped = tuple(self._dropped)
        request = self._command.request
        self._told = ListeningUpdate(self._mode, bool(page), at, page, count, dropped, request)
        self._owner.announce(self._told)

    def _follow_provider(self) -> None:
        """Know what the avatar plays, while a microphone is on."""
        source = self._find_source() if self._open and self._mode != "off" else None
        if source is self._source:
            return
        if self._source is not None and self._guard is not None:
            self._source.remove_sink(self._guard)
        self._source, self._guard = source, None
        if source is not None:
            self._guard = EchoGuard()
            source.add_sink(self._guard)

    def _find_source(self) -> MediaSource | None:
        provider = self._owner.provider
        try:
            return None if provider is None else provider.media()
        except AvatarError:
            return None  # what it plays goes straight to a page
