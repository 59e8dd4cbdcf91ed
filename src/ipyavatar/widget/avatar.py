"""`Avatar`: the widget. Traits and verbs, nothing else; the host does the work."""

from __future__ import annotations

import itertools
import uuid
import warnings
import weakref
from typing import TYPE_CHECKING, Any

from ..client.host_client import HostClient, HostKind, shared_host
from ..core.handle import Handle
from ..core.speech import Speech
from ..core.text import clean_text
from ..core.validate import require_known
from ..engine.voice.text_normalization import find_unreadable
from ..errors import SessionClosed
from ..protocol import host as m
from ..protocol.grants import SessionGrant
from ..protocol.options import Credentials
from ..providers.options import hide_key, validate_options
from .cell_rerun import replace_in_cell
from .hearing import PAGE_COMES_S, in_notebook
from .pages import PagedAvatar, UnreadableText
from .subshell import honour_subshells

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..providers.registry import SessionKeywords

PAGE_SOON_S = 2.5
"""A speech asked for in a notebook before anything is shown waits this long for a page."""

WIDGET_KEYWORDS = ("muted", "volume", "captions_on", "badge", "width", "host")


class Avatar(PagedAvatar):
    """A live, talking avatar in a notebook cell.

    The session opens when the avatar is first shown or first told to speak. Every verb returns at
    once with a handle that can be awaited, and waited for with `.wait()`.

    Args:
        provider: Who is behind it; `"embedded"` is ours and needs no key and no network.
            `"heygen"`, `"liveavatar"` and `"kaltura"` are paid services.
        muted: Start without sound.
        volume: 0 to 1.
        captions_on: Show what is said under the face.
        badge: Show the small "AI" badge.
        width: Width of the widget in pixels; 0 fills the cell up to 720 pixels.
        host: Where sessions run: `"process"` (a companion process: goes on while a cell runs) or
            `"thread"` (this process).
        options: Of the embedded avatar: `character=` (who is drawn, one of
            `ipyavatar.characters()`), `voice=` (who speaks, one of `ipyavatar.voices()`; else the
            one that fits the character) and `quality=`: `"low"` (480p), `"medium"` (720p),
            `"high"` (1080p), or `"auto"`: what the line to the page carries. Of paid services:
            `api_key=` and `base_url=` (else from the environment), `avatar_id=`, `voice_id=`,
            `quality=` (not Kaltura; an open session keeps its size), `max_idle_s=` (600) and
            `max_duration_s=` (3600) after which we end it, `credits_per_minute=` where the price
            is not known; HeyGen's `idle_timeout_s=` (30 to 3599: after a crash the service ends
            the session by itself after so long), LiveAvatar's `sandbox=` and `lite=` (True: our
            own voice speaks, chosen by `voice=`), Kaltura's `voice=` (where its own does not
            answer) and `relay=` (False: its stream may come without its relay server; True: it
            must come through it, even from this machine). One that can have no effect is refused.

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
        muted: bool = False,
        volume: float = 1.0,
        captions_on: bool = True,
        badge: bool = True,
        width: int = 0,
        host: HostKind = "process",
        **options: Unpack[SessionKeywords],
    ) -> None:
        given = options = hide_key(options)  # type: ignore[assignment]
        self._options = validate_options(provider, given, others=WIDGET_KEYWORDS)
        require_known("host", host, ("process", "thread"))
        self._speeches: dict[str, Speech] = {}
        self._numbers = itertools.count(1)
        self._starting: Handle[None] | None = None
        self._stopping: Handle[None] | None = None
        self._session_grant: SessionGrant | None = None
        self._keep_alives: dict[int, Handle[None]] = {}
        self._host: HostClient = shared_host(host)
        super().__init__(
            muted=muted,
            volume=volume,
            captions_on=captions_on,
            badge=badge,
            width=width,
            quality=given.get("quality", self._options.quality),
        )
        self._set(
            session_id=uuid.uuid4().hex[:12],
            provider=provider,
            character=self._spec.title if self._paid else self._options.character.title(),
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
                self._open(PAGE_SOON_S if in_notebook() else 0.0)
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
        clean = clean_text(text)
        how = self._spec.check_mode(mode, self._options)
        left_out = find_unreadable(clean) if self._spec.speaks_here(self._options) else ""
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


_avatars: weakref.WeakSet[Avatar] = weakref.WeakSet()
"""Those with a paid service behind them."""


def open_avatars() -> list[Avatar]:
    """This process's avatars whose paid session is open, or may be."""
    return [avatar for avatar in _avatars if avatar.status not in ("idle", "ended", "failed")]


def used_credentials() -> list[Credentials]:
    """The keys this process's avatars use."""
    services = [avatar._options.service for avatar in _avatars]
    return [service.credentials for service in services if service is not None]
