"""`Avatar`: the widget. Traits and verbs, nothing else; the host does the work."""

from __future__ import annotations

import itertools
import uuid
import warnings
import weakref
from typing import Any

import msgspec

from ..client.host_client import HostClient, HostKind, shared_host
from ..core.handle import Handle
from ..core.speech import Speech
from ..engine.voice.text_normalization import find_unreadable
from ..errors import SessionClosed, UnknownName
from ..protocol import host as m
from ..protocol.grants import SessionGrant
from ..providers.cloud.spec import SERVICES
from ..providers.options import (
    SERVICE_KEYWORDS,
    check_mode,
    clean_text,
    require_known,
    validate_options,
    validate_service,
)
from .cell_rerun import replace_in_cell
from .hearing import PAGE_COMES_S, in_notebook
from .pages import PagedAvatar, UnreadableText
from .subshell import honour_subshells

PAGE_SOON_S = 2.5
"""A speech asked for in a notebook before anything is shown waits this long for a page."""

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


class Avatar(PagedAvatar):
    """A live, talking avatar in a notebook cell.

    The session opens when the avatar is first shown or first told to speak. Every verb returns at
    once with a handle that can be awaited, and waited for with `.wait()`.

    Args:
        provider: Who is behind it; `"embedded"` is ours and needs no key and no network.
            `"heygen"`, `"liveavatar"` and `"kaltura"` are paid services.
        character: Who is drawn: one of `ipyavatar.characters()`.
        voice: Who speaks: one of `ipyavatar.voices()`; None takes the one that fits the character.
        quality: Size of the picture: `"low"` (480p), `"medium"` (720p), `"high"` (1080p), or
            `"auto"`: what the line to the page carries. A paid service cannot change the size of
            an open session; it has another one when it is opened next.
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
            LiveAvatar's `sandbox=` and `lite=` (True: our own voice speaks), Kaltura's `relay=`
            (False: its stream may come without its relay server; True: it must come through it,
            even from this machine).

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
        require_known("host", host, ("process", "thread"))
        self._speeches: dict[str, Speech] = {}
        self._numbers = itertools.count(1)
        self._starting: Handle[None] | None = None
        self._stopping: Handle[None] | None = None
        self._ticket: SessionGrant | None = None
        self._keep_alives: dict[int, Handle[None]] = {}
        self._host: HostClient = shared_host(host)
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
        how = check_mode(mode, self._options)
        left_out = "" if self._paid else find_unreadable(clean)
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


def used_keys() -> list[m.Credentials]:
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
    options = validate_options(provider, character, voice, quality)
    paid = provider in SERVICES
    taken = KEYWORDS if paid else KEYWORDS[: -len(SERVICE_KEYWORDS)]
    for keyword in service:
        if keyword not in taken and not (paid and keyword == "disable_idle_timeout"):
            raise UnknownName.of("keyword", keyword, taken)
    if not paid:
        return options
    return msgspec.structs.replace(options, service=validate_service(provider, quality, service))
