"""What is so in a session: read by everybody, changed by `AvatarSession` alone."""

from __future__ import annotations

from ..core.live_object import LiveObject
from ..core.own_process import OwnLock
from ..errors import AvatarError
from ..protocol import page as p
from ..protocol.grants import SessionGrant
from . import phases
from .callbacks import CallbackThread
from .conversation import Conversation, Message, Responder
from .facts import Facts
from .fixed_attributes import FixedAttributes
from .host_client import HostLink
from .lesson import Lesson, Lessons
from .options import ResolvedOptions
from .phases import Phase
from .recognizer import Recognizer
from .transcript import Transcript
from .widget_names import NoWidget


class SessionView(LiveObject, FixedAttributes, NoWidget):
    """The properties of a session. Reading one changes nothing, and opens nothing."""

    _id: str
    _options: ResolvedOptions
    _asked: ResolvedOptions
    _host: HostLink
    _lock: OwnLock
    _phase: Phase
    _facts: Facts
    _grant: SessionGrant | None
    _conversation: Conversation | None
    _lessons: Lessons
    _recognizer: Recognizer | None

    @property
    def id(self) -> str:
        """Its name in messages, and in lists of sessions."""
        return self._id

    @property
    def provider(self) -> str:
        """Who is behind it."""
        return self._options.provider

    @property
    def options(self) -> ResolvedOptions:
        """What it is made of, with its credentials."""
        return self._options

    @property
    def asked_options(self) -> ResolvedOptions:
        """What the user asked for; `options` are another avatar's where one has taken over."""
        return self._asked

    @property
    def grant(self) -> SessionGrant | None:
        """The session at its service, with its tokens; None while none is known to be open."""
        return self._grant

    @property
    def phase(self) -> Phase:
        """Where it is in its life; see the table of phases in the documentation."""
        return self._phase

    @property
    def status(self) -> p.StatusName:
        """`idle`, `starting`, `live`, `reconnecting`, `stopping`, `ended` or `failed`."""
        return phases.STATUS[self._phase]

    @property
    def status_text(self) -> str:
        """One line on it, for the user."""
        return self._facts.status.text

    @property
    def error(self) -> AvatarError | None:
        """Why it has failed; None while it has not."""
        failure = self._facts.status.error
        return None if failure is None else failure.error()

    @property
    def speaking(self) -> bool:
        """Whether a speech is being heard."""
        return self._facts.speeches.sounding is not None

    @property
    def transcript(self) -> Transcript:
        """What was asked for, and what became of it."""
        return self._facts.speeches.transcript

    @property
    def history(self) -> list[Message]:
        """`{"role", "content"}` of what was asked in mode "talk", and of what was heard of answers.

        The last 200. A copy: `forget_history()` empties it.
        """
        told = [] if self._conversation is None else self._conversation.history
        return [dict(message) for message in list(told)]

    @property
    def responder(self) -> Responder | None:
        """What answers, where it is the user's own."""
        return None if self._conversation is None else self._conversation.responder

    @property
    def system(self) -> str:
        """What the responder is told before everything else."""
        return "" if self._conversation is None else self._conversation.system

    @property
    def recognizer(self) -> Recognizer | None:
        """What makes text of speech, unless `listen()` is given another."""
        return self._recognizer

    @property
    def lesson(self) -> Lesson | None:
        """The lesson that was presented last; None while none was."""
        return self._lessons.last

    @property
    def callbacks(self) -> CallbackThread:
        """The thread that users' callbacks of this session run on."""
        return self._facts.reports.callbacks

    @property
    def caption(self) -> str:
        """The words that are being spoken, empty between speeches."""
        return "" if self._facts.caption is None else self._facts.caption.text

    @property
    def usage(self) -> dict[str, float | None]:
        """`{"seconds", "credits"}` of a paid session so far; credits None without a known price."""
        return self._facts.usage(is_open=self._grant is not None)

    @property
    def stats(self) -> dict[str, object]:
        """Numbers of host and page by name; the documentation of the traits has them all."""
        return dict(self._facts.numbers.stats)

    @property
    def inherited(self) -> bool:
        """Whether this is a forked child of its process: its verbs raise a `HostError` here."""
        return self._lock.left

    @property
    def host_pid(self) -> int:
        """Process id of the host it runs in."""
        return self._host.pid
