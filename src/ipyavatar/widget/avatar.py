"""`Avatar`: the widget. Traits and verbs, nothing else; the host does the work."""

from __future__ import annotations

import itertools
import os
import time
import uuid
import warnings
import weakref
from collections import deque
from typing import Any

import msgspec
from IPython.core.getipython import get_ipython

from ..core import page as wire
from ..core.handle import Handle
from ..core.speech import Speech
from ..engine.voice.reading import unreadable
from ..errors import (
    AvatarError,
    HostError,
    SessionClosed,
    UnknownName,
)
from ..host import messages as m
from ..host.client import HostClient, HostKind, shared
from ..host.options import (
    SERVICE_KEYWORDS,
    check_mode,
    known,
    sayable,
    service_of,
    validated,
)
from ..providers.facts import SERVICES
from ..providers.join import Ticket
from ..session import events
from .cells import replace_in_cell
from .subshell import honour_subshells
from .traits import AvatarTraits

PAGE_SOON_S = 2.5
"""A speech asked for in a notebook before anything is shown waits this long for a page."""

PAGE_COMES_S = 10.0
"""A speech asked for after the widget was shown waits this long for the page to connect."""

OFFERS = 64
"""Offers remembered, so that the repetition of one is not answered again."""

EPOCH = f"{os.getpid()}-{time.time_ns()}"
"""Tells a page, with the host's process id, whether what is behind it is still the same."""

KEYWORDS = (
    "character",
    "voice",
    "quality",
    "muted",
    "volume",
    "captions_on",
    "badge",
    "width",
    "host",
    *SERVICE_KEYWORDS,
)


class UnreadableText(UserWarning):
    """Part of a text is in a script that the voice cannot read; it is left out."""


class Avatar(AvatarTraits):
    """A live, talking avatar in a notebook cell.

    The session opens when the avatar is first shown or first told to speak. Every verb returns at
    once with a handle that can be awaited, and waited for with `.wait()`.

    Args:
        provider: Who is behind it; `"embedded"` is ours and needs no key and no network.
            `"heygen"`, `"liveavatar"` and `"kaltura"` are paid services.
        character: Who is drawn: one of `ipyavatar.characters()`.
        voice: Who speaks: one of `ipyavatar.voices()`; None takes the one that fits the character.
        quality: Size of the picture: `"low"` (480p), `"medium"` (720p) or `"high"` (1080p).
        muted: Start without sound.
        volume: 0 to 1.
        captions_on: Show what is said under the face.
        badge: Show the small "AI" badge.
        width: Width of the widget in pixels; 0 fills the cell up to 720 pixels.
        host: Where sessions run: `"process"` (a companion process: goes on while a cell runs) or
            `"thread"` (this process).
        service: Of paid services only: `api_key=` and `base_url=` (else from the environment),
            `avatar_id=`, `voice_id=`, `idle_timeout_s=` (30 to 3599: after a crash the service
            ends the session by itself after so long), `max_idle_s=` (600) and `max_duration_s=`
            (3600) after which we end it, `credits_per_minute=` where the price is not known,
            LiveAvatar's `sandbox=` and `lite=` (True: our own voice speaks).

    Raises:
        UnknownName: There is no such provider, character, voice, quality or keyword.
        InvalidArgument: A value cannot work, or the key of a paid service is missing.
        HostError: The companion process could not be started.
    """

    _made = False

    def __init__(
        self,
        provider: str = "embedded",
        *,
        character: str = "ava",
        voice: str | None = None,
        quality: str = "medium",
        muted: bool = False,
        volume: float = 1.0,
        captions_on: bool = True,
        badge: bool = True,
        width: int = 0,
        host: HostKind = "process",
        **service: Any,
    ) -> None:
        self._options = _options(provider, character, voice, quality, service)
        known("host", host, ("process", "thread"))
        self._speeches: dict[str, Speech] = {}
        self._numbers = itertools.count(1)
        self._starting: Handle[None] | None = None
        self._stopping: Handle[None] | None = None
        self._ticket: Ticket | None = None
        self._keep_alives: dict[int, Handle[None]] = {}
        self._offers: deque[str] = deque(maxlen=OFFERS)
        self._host: HostClient = shared(host)
        super().__init__(
            muted=muted,
            volume=volume,
            captions_on=captions_on,
            badge=badge,
            width=width,
            quality=quality,
        )
        self._set(
            session_id=uuid.uuid4().hex[:12],
            provider=provider,
            character=SERVICES[provider].title if self._paid else character.title(),
        )
        self._host.attach(self.session_id, self)
        self.observe(self._pass_quality, "quality")
        self.on_msg(self._page_said)
        if self._paid:
            _avatars.add(self)
        honour_subshells(self)
        self._made = True
        replace_in_cell(self)

    def __repr__(self) -> str:
        service = self._options.service
        who = self._options.character if service is None else service.avatar_id or "default"
        return f"<Avatar {who!r} ({self.provider}): {self.status}>"

    # ---- verbs ------------------------------------------------------------------------------

    def start(self) -> Handle[None]:
        """Open the session; done when it is live. Showing and speaking do it by themselves."""
        with self._lock:
            if self._starting is None or self.status in {"ended", "failed"}:
                self._host.revive()
                self._starting = Handle()
                self._set(error={}, status="starting", status_text="Getting ready")
                self._open(PAGE_SOON_S if _in_notebook() else 0.0)
            return self._starting

    def speak(self, text: str, *, mode: str = "repeat", interrupt: bool = False) -> Speech:
        """Say `text` after everything that was asked for before.

        Args:
            text: What to say; numbers, dates and simple markup are read as people expect.
            mode: `"repeat"` says the words; `"talk"` has the service's language model answer.
            interrupt: Drop what is being said and queued, and say this at once.

        Raises:
            InvalidArgument: There is nothing to say in it, or it is too long.
            SessionClosed: The avatar was stopped.
        """
        clean = sayable(text)
        how = check_mode(mode, self._options)
        left_out = "" if self._paid else unreadable(clean)
        if left_out:
            shown = left_out if len(left_out) <= 40 else left_out[:39] + "…"
            warnings.warn(
                f"The voice reads English; this part is left out: {shown!r}.",
                UnreadableText,
                stacklevel=2,
            )
        with self._lock:
            if self._stopping is not None:
                raise SessionClosed("The avatar was stopped.", "Call start() to open it again.")
            self.start()
            speech = Speech(f"s{next(self._numbers)}", clean, self._interrupt_one)
            speech.mode = how
            self._speeches[speech.id] = speech
            self._host.send(m.SpeakText(self.session_id, speech.id, clean, interrupt, how))
        return speech

    def interrupt(self) -> None:
        """Silence, now; what is queued is dropped."""
        self._host.send(m.InterruptSpeech(self.session_id, ""))

    def keep_alive(self) -> Handle[None]:
        """Keep the session alive now; done when the service has confirmed it.

        It is kept alive by itself while it is in use; this counts as use.
        """
        with self._lock:
            number, handle = next(self._numbers), Handle[None]()
            self._keep_alives[number] = handle
            self._host.send(m.KeepAlive(self.session_id, number))
        return handle

    def stop(self) -> Handle[None]:
        """End the session; done when it has ended. Twice is harmless; `start()` opens it again."""
        with self._lock:
            if self._stopping is None:
                self._stopping = Handle()
                if self._starting is None:  # it was never opened
                    self._set(status="ended", status_text="Stopped")
                    self._stopping.finish(None)
                else:
                    self._host.send(m.StopSession(self.session_id))
            return self._stopping

    def close(self) -> None:
        """Stop, and take the widget out of every page."""
        if self._made:  # ipywidgets closes what was refused in the middle of being made, too
            self.stop()
        super().close()

    # ---- shown ------------------------------------------------------------------------------

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Called when a cell shows the avatar: a page is about to connect."""
        if self._stopping is None:
            self.start()
            self._host.send(m.ExpectAudience(self.session_id, PAGE_COMES_S))
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if isinstance(data, dict) and "text/plain" in data:
            # What a notebook shows that was saved and opened again without a kernel.
            data["text/plain"] = "An avatar was here. Run this cell to bring it back."
        return bundle

    # ---- the page says ----------------------------------------------------------------------

    def _page_said(self, _widget: object, content: object, _buffers: object) -> None:
        """A widget message. May come on any thread, so it only hands on."""
        try:
            message = wire.convert(content)
        except ValueError:
            return  # a page of another version, or not ours
        self._from_page(message)

    def _from_page(self, message: wire.FromPage) -> None:
        if isinstance(message, wire.Hello):
            self._greet()
        elif isinstance(message, wire.Offer):
            self._offered(message)
        elif isinstance(message, wire.Hangup):
            self._host.send(m.ClosePeer(self.session_id, message.peer))
        elif isinstance(message, wire.Say):
            self._say_for_page(message)
        elif isinstance(message, wire.Interrupt):
            self.interrupt()
        elif isinstance(message, wire.Start):
            self._start_for_page()
        elif isinstance(message, wire.Stop):
            self.stop()
        elif isinstance(message, wire.SetSound):
            self.muted, self.volume = message.muted, min(1.0, max(0.0, message.volume))
        elif isinstance(message, wire.Media):
            self._set(playback=message.playback)
            if message.what:
                self._set(error={"what": message.what, "fix": message.fix})
        elif isinstance(message, wire.Stats):
            self._set(stats={**self.stats, **_numbers(message)})

    def _offered(self, offer: wire.Offer) -> None:
        if self.status == "failed":
            # A page tries by itself, again and again; only the user may start what has failed.
            what, fix = self.error.get("what", ""), self.error.get("fix", "")
            self._tell(wire.Refused(offer.page, offer.peer, what, fix))
            return
        with self._lock:  # two shells may bring the same offer at the same time
            if offer.peer in self._offers:
                return  # a page sends its offer until it is answered, see connection.ts
            self._offers.append(offer.peer)
        if self._stopping is not None:
            self._tell(
                wire.Refused(offer.page, offer.peer, "The avatar is stopped.", "Press play.")
            )
            return
        self.start()
        self._host.send(m.OfferPeer(self.session_id, offer.page, offer.peer, offer.sdp))

    def _start_for_page(self) -> None:
        try:
            self.start()
        except AvatarError as error:
            self._set(error={"what": error.what, "fix": error.fix})

    def _say_for_page(self, say: wire.Say) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UnreadableText)  # nobody would see it here
                self.speak(say.text, interrupt=say.interrupt)
        except AvatarError as error:
            self._set(error={"what": error.what, "fix": error.fix})

    # ---- the host says (on a thread of its link) --------------------------------------------

    def host_said(self, event: m.Event) -> None:
        """An event of this session."""
        if isinstance(event, events.StatusChanged):
            self._take_status(event)
        elif isinstance(event, events.SpeechChanged):
            self._take_speech(event)
        elif isinstance(event, events.CaptionShown):
            self._set(caption=event.text)
        elif isinstance(event, events.PeerAnswered):
            self._tell(wire.Answer(event.page, event.peer, event.sdp))
        elif isinstance(event, events.PeerRefused):
            self._tell(wire.Refused(event.page, event.peer, event.what, event.fix))
        elif isinstance(event, events.PageSaid):
            self._from_page(wire.parse(event.json))
        elif isinstance(event, events.StatsMeasured):
            self._set(stats={**self.stats, **event.stats})
        else:
            self._take_service(event)

    def _take_service(self, event: m.Event) -> None:
        """What only sessions of paid services tell."""
        if isinstance(event, events.TicketGranted):
            self._ticket = event.ticket
        elif isinstance(event, events.UsageCounted):
            self._set(usage={"seconds": round(event.seconds, 1), "credits": event.credits})
        elif isinstance(event, events.Noticed):
            self._notice(event.text)
        elif isinstance(event, events.KeptAlive):
            handle = self._keep_alives.pop(event.request, None)
            if handle is not None and event.failure is not None:
                handle.fail(event.failure.error())
            elif handle is not None:
                handle.finish(None)

    def host_lost(self, what: str) -> None:
        """The host died: what it was saying is lost; what it had not begun is asked for again."""
        with self._lock:
            for speech in self._open_speeches():
                if speech.state == "speaking":
                    speech.change("failed", time.monotonic(), what, [])
                    self._note(speech)
            asked, self._keep_alives = self._keep_alives, {}
        for handle in asked.values():
            handle.fail(HostError(what, "A new companion process is being started; try again."))
        if self._starting is not None:
            text = "The companion process ended; starting another"
            self._set(status="reconnecting", status_text=text, speaking=False, caption="")
            # A page listens to its data channel alone, which is dead and does not know it yet.
            self._tell(wire.Status("reconnecting", text))

    def host_back(self) -> None:
        """A new host is there: open the session again, and ask again for what was queued."""
        with self._lock:
            if self._stopping is not None and self._ticket is None:
                self._stopping.finish(None)
                self._set(status="ended", status_text="Stopped")
                return
            if self._stopping is not None:
                # Its session may still be open at the service: the new host finishes the stop.
                self._host.send(m.OpenSession(self.session_id, self._options, 0.0, self._ticket))
                self._host.send(m.StopSession(self.session_id))
                return
            if self._starting is None:
                self._set(status="idle", status_text="")
                return
            self._open(PAGE_COMES_S if _in_notebook() else 0.0)
            for speech in self._open_speeches():
                self._host.send(
                    m.SpeakText(self.session_id, speech.id, speech.text, False, speech.mode)
                )
        self._greet()  # with another epoch: pages connect again at once

    def host_gave_up(self, error: HostError) -> None:
        """There will be no new host: say so, and fail what was asked for."""
        with self._lock:
            for speech in self._open_speeches():
                speech.change("failed", time.monotonic(), error.what, [])
            for handle in (self._starting, self._stopping, *self._keep_alives.values()):
                if handle is not None:
                    handle.fail(error)
        self._set(
            status="failed",
            status_text=error.what,
            error={"what": error.what, "fix": "Restart the kernel."},
        )

    def _take_status(self, event: events.StatusChanged) -> None:
        error = {"what": event.what, "fix": event.fix} if event.what else {}
        self._set(status=event.status, status_text=event.text, error=error)
        with self._lock:
            if event.status in {"ended", "failed"}:
                self._ticket = None  # its tokens are of no more use
            if event.status == "live" and self._starting is not None:
                self._starting.finish(None)
            elif event.status == "failed" and self._starting is not None:
                told = AvatarError(event.what, event.fix)
                self._starting.fail(told if event.failure is None else event.failure.error())
            elif event.status == "ended" and self._stopping is not None:
                self._stopping.finish(None)
                if self._starting is not None:
                    self._starting.fail(SessionClosed("The avatar was stopped."))

    def _take_speech(self, event: events.SpeechChanged) -> None:
        with self._lock:
            speech = self._speeches.get(event.speech)
            if speech is None:  # asked for in the page
                speech = Speech(event.speech, event.text, self._interrupt_one)
                self._speeches[event.speech] = speech
            speech.change(event.state, event.at_s, event.reason, event.words)
            if speech.done:
                del self._speeches[event.speech]
        self._note(speech)
        changes: dict[str, object] = {"speaking": event.state == "speaking"}
        if event.state == "queued":
            changes = {}
        elif event.state == "speaking" and speech.latency_ms is not None:
            changes["stats"] = {**self.stats, "speech_latency_ms": round(speech.latency_ms, 1)}
        self._set(**changes)

    # ---- inside -----------------------------------------------------------------------------

    def _open(self, audience_s: float) -> None:
        self._stopping = None
        ticket = self._ticket
        self._host.send(m.OpenSession(self.session_id, self._options, audience_s, ticket))

    @property
    def _paid(self) -> bool:
        return self._options.service is not None

    def _interrupt_one(self, speech_id: str) -> None:
        self._host.send(m.InterruptSpeech(self.session_id, speech_id))

    def _open_speeches(self) -> list[Speech]:
        return [speech for speech in self._speeches.values() if not speech.done]

    def _pass_quality(self, change: dict[str, Any]) -> None:
        self._host.send(m.ChangeQuality(self.session_id, change["new"]))

    def _greet(self) -> None:
        self._tell(wire.Welcome(wire.PROTOCOL, f"{EPOCH}-{self._host.pid}"))


_avatars: weakref.WeakSet[Avatar] = weakref.WeakSet()
"""Those with a paid service behind them."""


def open_avatars() -> list[Avatar]:
    """This process's avatars whose paid session is open, or may be."""
    return [avatar for avatar in _avatars if avatar.status not in ("idle", "ended", "failed")]


def used_keys() -> list[m.Key]:
    """The keys this process's avatars use."""
    services = [avatar._options.service for avatar in _avatars]
    return [service.account for service in services if service is not None]


def _options(
    provider: str, character: str, voice: str | None, quality: str, service: dict[str, Any]
) -> m.Options:
    """What a session is made of, checked at the call.

    Raises:
        UnknownName: There is no such provider, character, voice, quality or keyword.
        InvalidArgument: A value cannot work, or a key is missing.
    """
    options = validated(provider, character, voice, quality)
    paid = provider in SERVICES
    taken = KEYWORDS if paid else KEYWORDS[: -len(SERVICE_KEYWORDS)]
    for keyword in service:
        if keyword not in taken and not (paid and keyword == "disable_idle_timeout"):
            raise UnknownName.of("keyword", keyword, taken)
    if not paid:
        return options
    return msgspec.structs.replace(options, service=service_of(provider, quality, service))


def _numbers(stats: wire.Stats) -> dict[str, object]:
    """The page's numbers under their trait names, without what it could not measure."""
    names = stats.__struct_fields__
    values = {name: getattr(stats, name) for name in names if name != "page"}
    return {name: value for name, value in values.items() if value not in (None, "")}


def _in_notebook() -> bool:
    shell = get_ipython()
    return getattr(shell, "kernel", None) is not None
