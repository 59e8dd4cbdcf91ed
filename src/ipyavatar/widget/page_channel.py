"""The pages of one avatar: what they say, and what they are told, by widget message."""

from __future__ import annotations

import itertools
import os
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Protocol

from ..client import phases
from ..client.phases import Phase
from ..client.session import AvatarSession
from ..core.own_process import OwnLock
from ..core.uninterrupted import locked
from ..errors import AvatarError
from ..protocol import page as p
from ..protocol import page_codec
from ..protocol.frames import Acknowledge, Frames, Missed, Subscribe
from ..protocol.listening import Microphone, MicrophoneSound, MicrophoneTaken
from ..protocol.page_media import MediaOver, MediaPiece
from ..protocol.page_order import PageOrder
from ..protocol.saving import NeedTranscript, SavedTranscript
from .bundles import bundle

REMEMBERED = 64
"""Requests remembered with their answers: a repeated one is not passed on, but answered again."""

EPOCH = f"{os.getpid()}-{time.time_ns()}"
"""Tells a page, with the host's process id, whether what is behind it is still the same."""


Request = tuple[type[p.Offer] | type[p.Join], str]
"""What a page wants, and its peer."""


class PageOwner(Protocol):
    """The widget, as far as its pages concern it."""

    def send(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        """Send this by widget message."""

    def set_traits(self, **values: object) -> None:
        """Change traits."""

    def hear(self, *, leaving: bool) -> None:
        """A page has said something: that it hangs up, where it is `leaving`."""

    def show_playback(self, media: p.Media) -> None:
        """A page says what became of playing."""

    def show_problem(self, error: AvatarError) -> None:
        """What a page asked for could not be done."""


class PageChannel:
    """Carries out what pages say. Their messages come on any thread."""

    def __init__(self, session: AvatarSession, owner: PageOwner) -> None:
        self._session = session
        self._owner = owner
        self._lock = OwnLock()
        self._numbers = itertools.count(1)
        self._requests: OrderedDict[Request, p.ToPage | None] = OrderedDict()
        self._samples = itertools.count(1)
        self._order = PageOrder()
        self.heard = False  # whether a page has said anything

    def on_widget_message(self, _widget: object, content: object, buffers: object) -> None:
        """A widget message, as it came."""
        try:
            message = page_codec.convert(content)
        except ValueError:
            return  # a page of another version, or not ours
        self.heard = True
        if isinstance(message, p.Stats):
            self._session.forward(message)  # tells the host how the page's clock stands to ours
        elif isinstance(message, MicrophoneSound):
            self.send(MicrophoneTaken(message.page, message.number))
            self._session.forward(message, page_codec.bytes_of(message, buffers))
        elif isinstance(message, MediaPiece):
            self._session.forward(message, page_codec.bytes_of(message, buffers))
        self.on_message(message)

    def on_message(self, message: p.FromPage) -> None:
        """A page said this, by widget message or over its data channel."""
        # What becomes of playing a page says also as it goes, after it has hung up.
        if not isinstance(message, p.Media):
            self._owner.hear(leaving=isinstance(message, p.Hangup))
        if not self._is_news(message):
            return
        try:
            self._handle(message)
        except AvatarError as error:
            self._owner.show_problem(error)

    @locked
    def send(self, message: p.ToPage, buffers: Sequence[bytes] = ()) -> None:
        """Send this to every page, numbered: a server may drop it, and pages see that so.

        Frames have numbers of their own.
        """
        content = page_codec.builtins(message)
        if not isinstance(message, Frames):
            self._note_answer(message)
            content["seq"] = next(self._numbers)
        self._owner.send(content, list(buffers))

    def on_new_host(self) -> None:
        """Another host is behind it: what the old one answered is of no use."""
        self._forget_requests()
        self.greet()

    def greet(self) -> None:
        """Tell the pages who is behind them, and where the session is."""
        epoch = f"{EPOCH}-{self._session.host_pid}"
        self.send(p.Welcome(p.PROTOCOL, epoch))
        for fact in self._session.facts():
            self.send(fact)

    def _handle(self, message: p.FromPage) -> None:
        session = self._session
        match message:
            case p.Hello():
                self.greet()
                session.forward(message)
            case p.Offer() | p.Join() | Subscribe():
                self._connect(message)
            case p.NeedBundle() | NeedTranscript():
                self._give(message)
            case p.Say():
                session.say_for_page(message)
            case p.Start(resume=True) if not self._may_resume():
                pass
            case p.Start() | p.Stop() | p.Interrupt():
                session.press(message)
            case p.SetSound():
                volume = min(1.0, max(0.0, message.volume))
                sound = {"muted": message.muted, "volume": volume, "_sound_page": message.page}
                self._owner.set_traits(**sound)
            case p.Stats():
                # The page takes the change for the sign that we hear it, so it has to change.
                sample = next(self._samples)
                session.take_page_stats(message, {**_numbers(message), "sample": sample})
            case p.Media():
                session.forward(message)
                self._owner.show_playback(message)
            case p.AcceptOffer() | p.Candidate() | p.Hangup() | p.RoomData():
                session.forward(message)
            case p.StreamOver() | p.Synced() | p.Active() | Acknowledge() | Microphone():
                session.forward(message)
            case MediaOver() | Missed():
                session.forward(message)

    def _give(self, wanted: p.NeedBundle | NeedTranscript) -> None:
        """What a page needs, and Python has."""
        if isinstance(wanted, p.NeedBundle):
            self.send(p.Bundle(wanted.name), [bundle(wanted.name)])
            return
        said = self._session.transcript
        text = said.to_text()
        if wanted.kind == "vtt":  # without a caption it is no file
            text = said.to_vtt() if said.to_srt() else ""
        self.send(SavedTranscript(wanted.page, wanted.kind, text))

    def _may_resume(self) -> bool:
        """Whether a look opens it: the page may not have heard that the user has stopped it."""
        return self._session.phase is Phase.ENDED and not self._session.options.paid

    def _connect(self, request: p.Offer | p.Join | Subscribe) -> None:
        """A page wants the stream: it gets it, is asked to wait, or is told why not."""
        refused = self._refusal()
        if refused is None:
            try:
                self._pass_on(request)
            except AvatarError as error:
                refused = error.what, error.fix
        if refused is not None:
            what, fix = refused
            self.send(p.Refused(request.page, request.peer, what, fix))

    def _pass_on(self, request: p.Offer | p.Join | Subscribe) -> None:
        """Have the host answer it. It opens nothing but what has never been opened.

        Raises:
            MissingPart: The page cannot get the code that plays it; nothing was opened.
            HostError: There is no host to open it.
        """
        session = self._session
        if isinstance(request, p.Join):
            bundle("livekit" if session.options.needs_livekit else "service")
        if session.phase is Phase.NEW:
            session.start()
        if session.phase not in phases.OPEN:
            return  # the page asks again until it is answered
        if isinstance(request, Subscribe):
            session.forward(request)  # asked again, the frames that answered it got lost
            return
        # A page that joined may make an offer of the same peer: the address is not open to it.
        asked_before, answer = self._note_request((type(request), request.peer))
        if not asked_before:
            session.forward(request)
        elif answer is not None:
            self.send(answer)  # it got lost

    @locked
    def _is_news(self, message: p.FromPage) -> bool:
        return self._order.is_news(message)

    @locked
    def _forget_requests(self) -> None:
        self._requests.clear()

    @locked
    def _note_request(self, key: Request) -> tuple[bool, p.ToPage | None]:
        """Whether it was asked before (two shells may bring the same one), and the answer."""
        asked_before = key in self._requests
        answer = self._requests.get(key)
        self._requests[key] = answer
        if len(self._requests) > REMEMBERED:
            self._requests.popitem(last=False)
        return asked_before, answer

    def _note_answer(self, message: p.ToPage) -> None:
        if isinstance(message, p.Answer | p.StreamGranted | p.Refused):
            for kind in (p.Offer, p.Join):
                key = (kind, message.peer)
                if key in self._requests and self._requests[key] is None:
                    self._requests[key] = message

    def _refusal(self) -> tuple[str, str] | None:
        """What happened and what to do, where a page cannot have the stream."""
        match self._session.phase:
            case Phase.FAILED:
                error = self._session.error
                return ("The avatar has failed.", "") if error is None else (error.what, error.fix)
            case Phase.STOPPING | Phase.STOPPED | Phase.CLOSING | Phase.CLOSED:
                return "The avatar is stopped.", "Press play."
            case Phase.ENDED:
                return self._session.status_text or "The session has ended.", "Press play."
        return None


def _numbers(stats: p.Stats) -> dict[str, object]:
    """The page's numbers under their trait names, without what it could not measure."""
    names = (name for name in stats.__struct_fields__ if name not in ("page", "at_ms"))
    values = {name: getattr(stats, name) for name in names}
    return {name: value for name, value in values.items() if value not in (None, "")}
