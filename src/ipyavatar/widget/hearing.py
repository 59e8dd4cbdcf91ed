"""What the host tells an avatar: its half of `Avatar` that listens. Called on the link's thread."""

from __future__ import annotations

import os
import time

import msgspec
from IPython.core.getipython import get_ipython

from ..client.host_client import HostClient
from ..core.handle import Handle
from ..core.quality import AUTO
from ..core.speech import Speech
from ..errors import AvatarError, HostError, SessionClosed
from ..protocol import events
from ..protocol import host as m
from ..protocol import page as wire
from ..protocol.grants import SessionGrant, StreamGrant
from ..protocol.options import SessionOptions
from ..providers.registry import spec_of
from ..providers.spec import ProviderSpec
from .traits import AvatarTraits

PAGE_COMES_S = 10.0
"""A speech asked for after the widget was shown waits this long for the page to connect."""

EPOCH = f"{os.getpid()}-{time.time_ns()}"
"""Tells a page, with the host's process id, whether what is behind it is still the same."""


class HearingAvatar(AvatarTraits):
    """The traits, kept up with what the host says."""

    _host: HostClient
    _options: SessionOptions
    _speeches: dict[str, Speech]
    _starting: Handle[None] | None
    _stopping: Handle[None] | None
    _session_grant: SessionGrant | None
    _keep_alives: dict[int, Handle[None]]
    _picture_error: dict[str, str]  # what a page last said of a picture that does not play

    # ---- the host says ----------------------------------------------------------------------

    def host_said(self, event: m.Event) -> None:
        """An event of this session."""
        if isinstance(event, events.StatusChanged):
            self._take_status(event)
        elif isinstance(event, events.SpeechChanged):
            self._take_speech(event)
        elif isinstance(event, events.CaptionShown):
            self._set(caption=event.text)
            self._tell_watchers(
                wire.Caption(event.speech, event.text, time.monotonic(), event.words)
            )
        elif isinstance(event, events.PeerAnswered):
            self._tell(wire.Answer(event.page, event.peer, event.sdp))
        elif isinstance(event, events.PeerRefused):
            self._tell(wire.Refused(event.page, event.peer, event.what, event.fix))
        elif isinstance(event, events.PageSaid):
            self._from_page(event.message)
        elif isinstance(event, events.StatsMeasured):
            self._count(event.stats)
        else:
            self._take_service(event)

    def _take_service(self, event: m.Event) -> None:
        """What only sessions of paid services tell."""
        if isinstance(event, events.SessionGranted):
            self._session_grant = event.grant
        elif isinstance(event, events.StreamGranted):
            self._grant(event.page, event.peer, event.grant)
        elif isinstance(event, events.RoomCommand):
            self._tell(wire.Command(event.page, event.topic, event.payload))
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
            self._tell(wire.Status("reconnecting", text, time.monotonic()))

    def host_back(self) -> None:
        """A new host is there: open the session again, and ask again for what was queued."""
        with self._lock:
            if self._stopping is not None and self._session_grant is None:
                self._stopping.finish(None)
                self._set(status="ended", status_text="Stopped")
                return
            if self._stopping is not None:
                # Its session may still be open at the service: the new host finishes the stop.
                self._host.send(
                    m.OpenSession(self.session_id, self._options, 0.0, self._session_grant)
                )
                self._host.send(m.StopSession(self.session_id))
                return
            if self._starting is None:
                self._set(status="idle", status_text="")
                return
            self._open(PAGE_COMES_S if in_notebook() else 0.0)
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
        if event.status in {"starting", "live", "reconnecting"}:
            error = error or self._picture_error  # a session that is well shows no picture by that
        self._set(status=event.status, status_text=event.text, error=error)
        self._tell_watchers(wire.Status(event.status, event.text, time.monotonic()))
        with self._lock:
            if event.status in {"ended", "failed"}:
                self._session_grant = None  # its tokens are of no more use
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
        if event.state != "queued":
            self._set(speaking=event.state == "speaking")
        if event.state == "speaking" and speech.latency_ms is not None:
            self._count({"speech_latency_ms": round(speech.latency_ms, 1)})
        self._tell_watchers(
            wire.SpeechUpdate(
                event.speech,
                event.state,
                event.text,
                event.at_s,
                reason=event.reason,
                latency_ms=event.latency_ms,
            )
        )

    # ---- a service's stream -----------------------------------------------------------------

    def _grant(self, page: str, peer: str, grant: StreamGrant) -> None:
        """Give the stream to the page that asked. The one place where its token goes out."""
        token, credential = grant.token, grant.relay_credential
        if grant.kind == "livekit":
            secret = "" if token is None else token.reveal()
            self._tell(wire.Room(page, peer, grant.url.reveal(), secret))
            return
        self._tell(
            wire.Whep(
                page,
                peer,
                grant.url.reveal(),
                ice_urls=list(grant.relay_urls),
                ice_username=grant.relay_username,
                ice_credential="" if credential is None else credential.reveal(),
                relay_only=grant.relay_only,
            )
        )

    def _tell_watchers(self, message: wire.ToPage) -> None:
        """With a service there is no data channel from the host to the pages."""
        if self._paid:
            self._tell(message)

    # ---- quality ----------------------------------------------------------------------------

    def _use_quality(self, quality: str) -> None:
        """Another picture size from now on, or where that cannot be, from the next opening on."""
        with self._lock:
            self._options = msgspec.structs.replace(self._options, quality=quality)
        self._host.send(m.ChangeQuality(self.session_id, quality))
        if not self._paid:
            self._count({"quality": quality})

    # ---- inside -----------------------------------------------------------------------------

    def _open(self, audience_s: float) -> None:
        self._stopping = None
        grant = self._session_grant
        self._host.send(m.OpenSession(self.session_id, self._options, audience_s, grant))
        if grant is None and self._spec.sizes:
            self._count({"quality": self._options.quality})

    @property
    def _paid(self) -> bool:
        return self._options.service is not None

    @property
    def _spec(self) -> ProviderSpec:
        return spec_of(self._options.provider)

    @property
    def _chooses(self) -> bool:
        """Whether the picture size is ours to choose."""
        return self.quality == AUTO

    def _interrupt_one(self, speech_id: str) -> None:
        self._host.send(m.InterruptSpeech(self.session_id, speech_id))

    def _open_speeches(self) -> list[Speech]:
        return [speech for speech in self._speeches.values() if not speech.done]

    def _greet(self) -> None:
        self._tell(wire.Welcome(wire.PROTOCOL, f"{EPOCH}-{self._host.pid}"))

    def _from_page(self, message: wire.FromPage) -> None:
        """A page said this."""
        raise NotImplementedError


def in_notebook() -> bool:
    """Whether a kernel runs us: then a page may come."""
    shell = get_ipython()
    return getattr(shell, "kernel", None) is not None
