"""`AvatarSession`: one avatar, without a widget. The kernel's half of a session."""

from __future__ import annotations

import os
import uuid
import weakref
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..core.handle import Handle
from ..core.log import get_logger
from ..core.markup.expressions import EXPRESSIONS
from ..core.own_process import OwnLock
from ..core.quality import CHOICES
from ..core.secret import hide_address, hide_key, hide_keys, hide_unless_word, hides_keys
from ..core.serving import refuse_to_make
from ..core.speech import Mode, Speech
from ..core.text import clean_text, well_formed
from ..core.uninterrupted import locked
from ..core.validate import require_known, require_switch
from ..errors import AvatarError, InvalidArgument, SessionClosed, type_name
from ..protocol import host as m
from ..protocol import page as p
from ..protocol.listening import Heard, Listen
from ..providers.options import hide_secrets, refusal
from . import phases
from .conversation import ANSWER_WITHIN_S, Responder, make_conversation
from .facts import Facts
from .host_client import HostKind, HostLink, find_host
from .lesson import Lesson, Lessons
from .listening import Listening
from .listening_plan import no_microphone, plan_listening
from .numbers import Numbers
from .options import make_options
from .paid_sessions import remember
from .pending import PendingHandles
from .phases import Phase
from .recognition import Recognition, Understood
from .recognizer import Recognizer, make_recognizer
from .reports import Observer
from .segments import Given, Segment, make_segments
from .session_listening import SessionListening
from .session_media import SessionMedia
from .session_outputs import SessionOutputs
from .session_setup import SCRIPT, SessionSetup
from .session_sounds import SessionSounds, Sound, find_sound
from .streamed_text import claimed, stream_of
from .text_source import require_bits
from .unreadable import warn_of_unreadable
from .verbs import in_turn, log_failure, verb

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..providers.registry import SessionKeywords
    from .listening_source import ListeningSource, Source

log = get_logger(__name__)

Text = str | Iterable[str | None] | AsyncIterable[str | None]
"""What can be said: a text, or an iterator of its pieces."""


class AvatarSession(SessionOutputs):
    """A live, talking avatar, for scripts: all verbs of `Avatar`, and no widget.

        with AvatarSession() as avatar:
            avatar.speak("Hello!").wait()

    Every verb returns at once with a handle that can be awaited on any loop and waited for with
    `.wait()` on any thread. Safe to use from several threads. One that nobody holds any more, nor a
    handle of its that waits, is ended once it has said what it was told, with a `ResourceWarning`.

    Args:
        provider: Who is behind it, as for `Avatar`.
        host: Where the session runs: `"thread"` (this process), `"process"` (the companion
            process), or a `HostLink`, as tests have one.
        responder: What answers `speak(text, mode="talk")` and the text box of the widget: a
            function of (text) or (text, history) that gives a text or pieces of it, async or not;
            or the address of an OpenAI-compatible chat service, or a `ChatModel`.
        system: What the responder is told before everything else.
        answer_within_s: A responder that gives nothing for so long has failed, in seconds.
        recognizer: What makes text of what `listen()` hears: a function of samples (`float32[n]` at
            16 kHz), async or not; the address of an OpenAI-compatible transcription service, or a
            `TranscriptionApi`; or the folder of a Whisper model.
        **options: As for `Avatar`: `character=`, `voice=`, `quality=`, and those of services.

    Raises:
        UnknownName: There is no such provider, character, voice, quality or keyword.
        InvalidArgument: A value cannot work, or the key of a paid service is missing.
        HostError: The host could not be started.
    """

    def __init__(
        self,
        provider: str = "embedded",
        *,
        host: HostKind | HostLink = "thread",
        responder: Responder | str | None = None,
        system: str = "",
        answer_within_s: float = ANSWER_WITHIN_S,
        recognizer: Recognizer | str | os.PathLike[str] | None = None,
        _setup: SessionSetup = SCRIPT,
        **options: Unpack[SessionKeywords],
    ) -> None:
        __tracebackhide__ = True  # in notebooks: what is wrong is in the message
        given = options = hide_secrets(options)  # type: ignore[assignment]  # at once, see there
        provider = hide_unless_word(provider)
        responder, recognizer = hide_address(responder), hide_address(recognizer)
        host, system, answer_within_s = hide_keys(host, system, answer_within_s)
        refuse_to_make()
        resolved = make_options(provider, given, _setup.other_keywords)
        self._conversation = make_conversation(responder, system, answer_within_s)
        if self._conversation is not None:
            resolved = resolved.with_responder()
        if recognizer is not None and resolved.fallback is None:
            resolved.spec.check_recognizer(resolved.wire)
        self._recognizer = None if recognizer is None else make_recognizer(recognizer)
        self._options = self._asked = resolved
        self._id = uuid.uuid4().hex[:12]
        self._host = find_host(host)
        self._clock = _setup.clock
        self._page_wait_s = _setup.page_wait_s
        self._for_page = _setup.for_page
        self._lock = OwnLock()
        self._phase = Phase.NEW
        self._generation = 0  # of the host that has the session, or had it last
        self._asked_at = 0.0  # what the host reported before we asked it for a change is old news
        self._reported_at = 0.0  # the newest of its reports
        self._said_in_page: list[p.Say] = []  # until there is a host that takes them
        self._pending = PendingHandles()
        self._media = SessionMedia(self.id, self._host.send)
        self._listening = SessionListening(self._host.send)
        self._grant = None
        self._lessons = Lessons()
        numbers = Numbers(str(given.get("quality", "")), self._options.quality)
        self._sounds = SessionSounds(self.id, self._host.send, given.get("voice"))
        interrupt = weakref.WeakMethod(self.interrupt)
        self._facts = Facts(self.id, numbers, interrupt, self._clock)
        self._host.attach(self.id, self)
        if self._options.reads_english:
            self._host.send(m.Prepare())
        if self._options.paid:
            remember(self)

    def __repr__(self) -> str:
        if "_facts" not in self.__dict__:  # its making has failed: a verbose traceback shows it
            return "<AvatarSession, not made>"
        return f"<AvatarSession {self.id} ({self.provider}): {self.status}>"

    # ---- verbs ------------------------------------------------------------------------------

    @verb
    def start(self) -> Handle[None]:
        """Open the session; done when it is live. Speaking does it by itself.

        While it is being stopped, it is opened again after that.

        Raises:
            SessionClosed: It was closed.
            HostError: The host had been given up, and could not be started anew.
        """
        return self._start()

    def speak(self, text: Text | Sound, *, mode: str = "repeat", interrupt: bool = False) -> Speech:
        """Say `text` after everything that was asked for before; opens the session where needed.

        Args:
            text: What to say; numbers, dates and simple markup are read as people expect. Or an
                iterator of pieces of it, async or not, such as the tokens of a language model: it
                is read on a thread of its own, as fast as it is said, and closed at the end. Or
                sound: an `Audio`, the path of a sound file as a `pathlib.Path`, or its bytes.
            mode: `"repeat"` says the words; `"talk"` has the `responder=` answer them, or where
                there is none, the service's language model.
            interrupt: Drop what is being said and queued, and say this at once.

        Raises:
            InvalidArgument: It is neither text nor sound, or is too long.
            SessionClosed: The avatar was stopped, or closed. (One that ended by itself is opened.)
        """
        asked_at = self._clock()
        mode, interrupt = hide_keys(mode, interrupt)
        interrupt = require_switch("interrupt", interrupt)
        sound = None if isinstance(text, str) else find_sound(text)
        if sound is not None:
            self._options.check_sound(mode)
            clean = clean_text(sound.text)
            speech = self._facts.speeches.make(clean, "repeat", asked_at, sound=sound)
            return self._ask_to_say(speech, interrupt=interrupt)
        talks = self._conversation is not None and isinstance(mode, str) and mode == "talk"
        how = "talk" if talks else self._options.check_mode(mode)
        if not isinstance(text, str):
            return self._speak_stream(text, how, asked_at, interrupt=interrupt)
        clean = clean_text(text)
        if self._options.reads_english and not talks:
            warn_of_unreadable(clean)
        speech = self._facts.speeches.make(clean, how, asked_at, streamed=talks)
        return self._ask_to_say(speech, interrupt=interrupt)

    def _ask_to_say(self, speech: Speech, *, interrupt: bool) -> Speech:
        in_turn(lambda: self._say(speech, interrupt=interrupt), partial(self._refuse, speech))
        return speech

    def _speak_stream(
        self, source: object, mode: Mode, asked_at: float, *, interrupt: bool
    ) -> Speech:
        require_bits(source)
        if mode == "talk":
            what = "What is to be answered has to be whole: it is an iterator."
            raise InvalidArgument(what, 'Join its pieces first: "".join(pieces).')
        speech = self._facts.speeches.make("", mode, asked_at, streamed=True)

        def say() -> None:
            with claimed(source):
                make_text = partial(stream_of, session=self, source=source)
                self._say(speech, interrupt=interrupt, make_text=make_text)

        in_turn(say, partial(self._refuse, speech))
        return speech

    @hides_keys
    def express(self, name: str) -> None:
        """Have the face do something, now; opens the session where needed.

        Args:
            name: `"smile"`, `"nod"` or `"think"`. In a text, marks do the same: "[smile] Hello!"

        Raises:
            UnknownName: No face can do that.
            InvalidArgument: The face is a service's.
            SessionClosed: It was stopped, or closed.
        """
        name = require_known("expression", name, EXPRESSIONS)
        if self._options.paid:
            what = f"{self._options.spec.title} has no express(): the face is its own."
            raise InvalidArgument(what, "It is for the embedded avatar.")
        in_turn(lambda: self._express(name), log_failure)

    def present(self, segments: Iterable[Given], *, pause: float = 1.0) -> Lesson:
        """Say segments in turn, and run functions between them; as `Avatar.present`.

        Raises:
            InvalidArgument: There is nothing to present, or a lesson is under way.
            SessionClosed: It was closed.
        """
        pause = hide_key(pause)
        lesson = self.make_lesson(make_segments(segments), pause)
        lesson.start()
        return lesson

    def make_lesson(self, segments: Sequence[Segment], pause: float) -> Lesson:
        """A lesson that is not begun yet; raises as `present()`."""
        self._refuse_if_gone()
        return self._lessons.make(self, segments, pause)

    def show_progress(self, progress: str) -> None:
        """A lesson says where it is."""
        self._facts.reports.listener.on_progress(progress)

    @hides_keys
    def listen(
        self,
        recognizer: Recognizer | str | os.PathLike[str] | None = None,
        *,
        source: Source | None = None,
        push_to_talk: bool = False,
        half_duplex: bool = False,
        language: str = "",
    ) -> Listening:
        """Listen to users' microphones, as `Avatar.listen`; opens the session where needed.

        They are those of pages. In a script, which has none, a `source` is heard: a sound file, an
        `Audio`, an iterator of samples (`float32[n]` at 16 kHz, or (samples, rate)), also an async
        one, or a function that gives the next ones, and None at the end. It is heard at the pace
        of time; when all of it was, and is understood, listening is over.

        Raises:
            InvalidArgument: Nothing makes text of speech, the service cannot listen that way, or
                the source is no sound.
            MissingPart: What the recognizer needs is not installed.
            SessionClosed: The avatar was stopped, or closed.
        """
        recognizer = hide_address(recognizer)
        plan = plan_listening(
            self._options,
            recognizer,
            self._recognizer,
            push_to_talk=push_to_talk,
            half_duplex=half_duplex,
            language=language,
            responds=self._conversation is not None,
            source=source is not None,
        )
        command = plan.make_command(self.id)
        listening = Listening(command, self._stop_listening)
        on_understood = partial(self._take_understood, listening)
        recognition = plan.recognize and Recognition(plan.recognize, on_understood)
        heard = None
        if source is not None and recognition is not None:
            heard = self._make_source(source, listening, recognition)
        begin = partial(self._begin_to_listen, listening, recognition, on_understood, heard)
        in_turn(begin, listening.end)
        return listening

    def forget_history(self) -> None:
        """Empty the history: the next answer knows nothing of what was before."""
        if self._conversation is not None:
            self._conversation.history.clear()

    def interrupt(self, speech: Speech | str = "") -> None:
        """Silence, now, and what is queued is dropped; or with a speech, or its id, that one."""
        name: object = speech.id if isinstance(speech, Speech) else speech
        if not isinstance(name, str):
            fix = "Give a speech, its id, or nothing for all of them."
            raise InvalidArgument(f"interrupt() takes no {type_name(name)}.", fix)
        in_turn(lambda: self._silence(well_formed(name)), log_failure)

    @verb
    def keep_alive(self) -> Handle[None]:
        """Keep the session alive now; done when the service has confirmed it.

        It is kept alive by itself while it is in use; this counts as use.
        """
        if self._phase in phases.OPEN:
            request, handle = self._pending.add_keep_alive(self)
            self._host.send(m.KeepAlive(self.id, request))
            return handle
        what = "There is no open session to keep alive."
        return Handle.failed(SessionClosed(what, "Call start() first."))

    @verb
    def stop(self) -> Handle[None]:
        """End the session; done when it has ended. Twice is harmless; `start()` opens it again."""
        return self._stop()

    def rest(self) -> None:
        """End it until somebody looks at it, or has it speak; one that is paid for is stopped."""
        in_turn(self._rest, log_failure)

    @verb
    def close(self) -> Handle[None]:
        """Stop it for good and forget it, here and in the host; done when it has ended."""
        if self._phase is Phase.CLOSED:
            return Handle.finished(None)
        handle = self._pending.add_end(self)
        if self._phase is not Phase.CLOSING:
            self._end(Phase.CLOSING, Phase.CLOSED)
        return handle

    def __enter__(self) -> AvatarSession:
        return self

    def __exit__(self, *_error: object) -> None:
        if not self.inherited:  # a forked child that ends does not end its parent's session
            self.close().wait()

    async def __aenter__(self) -> AvatarSession:
        return self

    async def __aexit__(self, *_error: object) -> None:
        if not self.inherited:
            await self.close()

    @hides_keys
    def change_quality(self, quality: str) -> None:
        """Another picture size from now on, or where that cannot be, from the next opening on.

        Args:
            quality: `"low"`, `"medium"` or `"high"`; or `"auto"`, from the size that is there.

        Raises:
            UnknownName: There is no such size.
            InvalidArgument: Its picture comes in one size.
        """
        quality = require_known("quality", quality, CHOICES)
        if not self._options.sizes:
            raise refusal(self._options.spec, "quality")
        in_turn(lambda: self._choose_quality(quality), log_failure)

    def observe(self, callback: Observer) -> Callable[[], None]:
        """Have `callback` called with every report; returns what ends that.

        It runs on a thread of its own, one call after the other: it may wait, and may raise.

        Args:
            callback: Called with `Status`, `SpeechUpdate` and `Caption` of `protocol.page`, and
                with `Noticed` and `UsageCounted` of `protocol.host`.
        """
        self._lock.check()  # in a forked child nothing is ever heard
        return self._facts.reports.observe(callback)

    @locked
    def take_page_stats(self, page: p.Stats, numbers: Mapping[str, object]) -> None:
        """Take what a page measured; with `quality="auto"` the size follows it."""
        self._facts.count_page(numbers)
        quality = self._facts.numbers.fitting_quality(page, self._clock())
        if quality is not None:
            self._use_quality(quality)

    # ---- inside ----------------------------------------------------------------------------

    @locked
    def _begin_to_listen(
        self,
        listening: Listening,
        recognition: Recognition | None,
        on_understood: Callable[[Understood], None],
        source: ListeningSource | None,
    ) -> None:
        self._refuse_if_ended()
        listening.keep(self)
        self._listening.begin(listening, recognition, on_understood, source)
        if self._phase in phases.OPEN:
            self._listening.open()
        elif self._phase not in phases.GOING_ON:
            try:
                self._start()
            except AvatarError as error:  # or the next start would listen, as nobody expects
                self._listening.end(error)
                raise
        if source is None and not self._for_page:
            said = no_microphone(by_service=recognition is None)
            self._facts.reports.notice(m.Noticed(self.id, "microphone", said))

    def _make_source(
        self, source: Source, listening: Listening, recognition: Recognition
    ) -> ListeningSource:
        from .listening_source import ListeningSource, open_source  # late: with numpy

        def end(error: AvatarError | None) -> None:
            recognition.when_idle(lambda: self._stop_listening(listening, error))

        return ListeningSource(open_source(source), self.forward, end)

    def _stop_listening(self, listening: Listening, error: AvatarError | None = None) -> None:
        in_turn(lambda: self._listen_no_more(listening, error), log_failure)

    @locked
    def _listen_no_more(self, listening: Listening, error: AvatarError | None) -> None:
        if self._listening.stop(listening, error):
            self._send_if_open(Listen(self.id, "off", request=listening.command.request))

    @locked
    def _take_understood(self, listening: Listening, understood: Understood) -> None:
        """Something was said: it is noted, told, and answered where there is a responder."""
        if listening.done or self._phase in phases.GONE:
            return
        sound, text = understood.sound, understood.text
        if text:
            asks = self._conversation is not None
            name = self._facts.note_heard(text, sound.began_at, sound.ended_at, asks=asks)
            if asks:
                speech = self._facts.speeches.make(
                    text, "talk", sound.ended_at, streamed=True, name=name
                )
                try:
                    self._say(speech, interrupt=False)
                except AvatarError as error:
                    self._refuse(speech, error)
        listening.add(text, understood.reason)
        self._facts.take_heard(Heard(text, self._clock(), understood.reason, sound.page))
        if understood.failed:
            self._facts.reports.notice(m.Noticed(self.id, "microphone", understood.reason))

    @locked
    def _express(self, name: str) -> None:
        self._refuse_if_ended()
        if self._phase not in phases.GOING_ON:
            self._start()
        self._send_if_open(m.Express(self.id, name))

    @locked
    def _choose_quality(self, quality: str) -> None:
        if not self._facts.numbers.choose(quality, self._options.quality):
            self._use_quality(quality)

    def _refuse(self, speech: Speech, error: AvatarError) -> None:
        """It could not even be asked for, and nobody is there who could catch the error."""
        speech.change("failed", self._clock(), str(error))

    def _use_quality(self, quality: str) -> None:
        asked_is_used = self._asked is self._options
        self._options = self._options.with_quality(quality)
        self._asked = self._options if asked_is_used else self._asked.with_quality(quality)
        self._send_if_open(m.ChangeQuality(self.id, quality))
        if not self._options.paid:
            self._facts.count({"quality": quality})
