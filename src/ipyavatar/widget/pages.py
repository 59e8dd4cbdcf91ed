"""What pages tell an avatar. Their messages come on any thread, so they are only handed on."""

from __future__ import annotations

import itertools
import time
import warnings
from collections import deque
from typing import TYPE_CHECKING, Any

from ..client.auto_quality import QualityState, step
from ..core.quality import QUALITIES
from ..errors import AvatarError, MissingPart
from ..protocol import host as m
from ..protocol import page as wire
from .hearing import HearingAvatar
from .livekit_bundle import livekit_player

if TYPE_CHECKING:
    from ..core.handle import Handle
    from ..core.speech import Speech

OFFERS = 64
"""Offers remembered, so that the repetition of one is not answered again."""


class UnreadableText(UserWarning):
    """Part of a text is in a script that the voice cannot read; it is left out."""


class PagedAvatar(HearingAvatar):
    """The traits and the host's half, and what pages want of it."""

    def __init__(self, **values: Any) -> None:
        self._offers: deque[tuple[str, str]] = deque(maxlen=OFFERS)
        self._samples = itertools.count(1)
        self._line = QualityState()
        self._picture_error = {}
        super().__init__(**values)

    if TYPE_CHECKING:  # the verbs are `Avatar`'s

        def start(self) -> Handle[None]:
            """See `Avatar`."""

        def stop(self) -> Handle[None]:
            """See `Avatar`."""

        def interrupt(self) -> None:
            """See `Avatar`."""

        def speak(self, text: str, *, mode: str = ..., interrupt: bool = ...) -> Speech:
            """See `Avatar`."""

    def _page_said(self, _widget: object, content: object, _buffers: object) -> None:
        """A widget message."""
        try:
            message = wire.convert(content)
        except ValueError:
            return  # a page of another version, or not ours
        self._from_page(message)

    def _from_page(self, message: wire.FromPage) -> None:
        if isinstance(message, wire.Hello):
            self._greet()
        elif isinstance(message, wire.Offer | wire.Join):
            self._asked(message)
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
        elif isinstance(message, wire.Stats):
            self._measured(message)
        else:
            self._reported(message)

    # ---- the stream -------------------------------------------------------------------------

    def _asked(self, asked: wire.Offer | wire.Join) -> None:
        """A page wants the picture."""
        if self.status == "failed":
            # A page tries by itself, again and again; only the user may start what has failed.
            self._refuse(asked, self.error.get("what", ""), self.error.get("fix", ""))
            return
        # A page that joined may make an offer of the same peer: the address is not open to it.
        request = (type(asked).__name__, asked.peer)
        with self._lock:  # two shells may bring the same one at the same time
            if request in self._offers:
                return  # a page asks until it is answered, see connection.ts
            self._offers.append(request)
        if self._stopping is not None:
            self._refuse(asked, "The avatar is stopped.", "Press play.")
            return
        if isinstance(asked, wire.Offer):
            self.start()
            self._host.send(m.OfferPeer(self.session_id, asked.page, asked.peer, asked.sdp))
            return
        try:
            self._send_player(asked)
        except MissingPart as error:
            self._refuse(asked, error.what, error.fix)
            return
        self.start()
        self._host.send(m.JoinStream(self.session_id, asked.page, asked.peer))

    def _send_player(self, join: wire.Join) -> None:
        """The code, where the page lacks it and will need it; it travels while the session opens.

        Raises:
            MissingPart: It is not built.
        """
        if join.player and self._spec.stream == "livekit":
            self.send(wire.builtins(wire.Player()), [livekit_player()])

    def _refuse(self, asked: wire.Offer | wire.Join, what: str, fix: str) -> None:
        self._tell(wire.Refused(asked.page, asked.peer, what, fix))

    def _reported(self, report: wire.RoomData | wire.StreamOver | wire.Media) -> None:
        if self._paid:
            self._host.send(m.PageTold(self.session_id, report))
        if isinstance(report, wire.Media):
            self._show_playback(report)

    def _show_playback(self, media: wire.Media) -> None:
        error = self.error
        if media.what:
            error = self._picture_error = {"what": media.what, "fix": media.fix}
        elif media.playback == "playing":  # it came back
            error = {} if error == self._picture_error else error
            self._picture_error = {}
        self._set(playback=media.playback, error=error)

    # ---- numbers ----------------------------------------------------------------------------

    def _measured(self, stats: wire.Stats) -> None:
        # A page takes the change of the trait for the sign that we hear it, so it has to change.
        self._count({**_numbers(stats), "sample": next(self._samples)})
        if not self._chooses:
            return
        with self._lock:
            before, self._line = self._line, step(self._line, stats, time.monotonic())
            fits = self._line.quality
        if fits != before.quality:
            self._use_quality(fits)

    def _pass_quality(self, change: dict[str, Any]) -> None:
        """The user asks for another quality."""
        if change["new"] in QUALITIES:
            self._use_quality(change["new"])
        else:  # chosen from here on, from the size that is there
            self._line = QualityState(self._options.quality)

    # ---- verbs ------------------------------------------------------------------------------

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


def _numbers(stats: wire.Stats) -> dict[str, object]:
    """The page's numbers under their trait names, without what it could not measure."""
    names = stats.__struct_fields__
    values = {name: getattr(stats, name) for name in names if name != "page"}
    return {name: value for name, value in values.items() if value not in (None, "")}
