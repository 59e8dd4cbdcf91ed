"""`Avatar`: the widget. Traits and verbs around an `AvatarSession`, which does the work."""

from __future__ import annotations

import contextvars
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import traitlets as t

from ..client.conversation import ANSWER_WITHIN_S, TALK_KEYWORDS, Message, Responder
from ..client.fixed_attributes import FixedAttributes
from ..client.host_client import HostKind
from ..client.lesson import Lesson
from ..client.listening import Listening, state_of
from ..client.phases import GONE, Phase
from ..client.recognizer import Recognizer
from ..client.recording import Recording
from ..client.segments import Given
from ..client.session import AvatarSession, Text
from ..client.session_setup import SessionSetup
from ..client.session_sounds import Sound
from ..client.snapshot import Snapshot
from ..core.handle import Handle
from ..core.live_object import LiveObject
from ..core.log import get_logger
from ..core.secret import hide_address, hide_key, hide_keys, hide_unless_word, hides_keys
from ..core.speech import Speech
from ..errors import AvatarError
from ..protocol import host as m
from ..protocol import page as p
from ..protocol.errors import Failure
from ..protocol.listening import ListeningUpdate
from ..providers.options import hide_secrets, refusal
from .frontends import adopt, find_front_end
from .page_channel import PageChannel
from .saved_picture import NO_PAGE, saved_output

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..providers.registry import SessionKeywords
from .trait_types import InvalidTrait
from .traits import TOLD, AvatarTraits, own_change

log = get_logger(__name__)

LOOKS = ("muted", "volume", "captions_on", "badge", "width", "floating", "save_transcript")
"""What the widget takes of its looks."""

OWN_KEYWORDS = (*LOOKS, "host", *TALK_KEYWORDS)
"""What the widget takes besides the session's: named when a keyword is not known."""

NOTICES = 20
"""Sentences kept in the `notices` trait."""


class Avatar(LiveObject, FixedAttributes, AvatarTraits):
    """A live, talking avatar in a notebook cell.

    The session opens when the avatar is first shown (a paid one: when its page asks for the
    stream), or first told to speak. Every verb returns at once with a handle that can be awaited,
    and waited for with `.wait()`.

    Args:
        provider: Who is behind it; `"embedded"` is ours and needs no key and no network.
            `"heygen"`, `"liveavatar"` and `"kaltura"` are paid services.
        muted: Start without sound.
        volume: 0 to 1.
        captions_on: Show what is said under the face.
        badge: Show the small "AI" badge.
        width: Width of the widget in pixels; 0 fills the cell up to 720 pixels.
        floating: Keep a small picture in the corner of the page when the cell is scrolled out of
            sight: `"auto"` while it speaks, True always, False never.
        save_transcript: Save what is said with the notebook, where its widgets' state is saved.
        responder: What answers `speak(text, mode="talk")` and the text box: a function of (text) or
            (text, history) that gives a text or pieces of it, async or not; or the address of an
            OpenAI-compatible chat service, or a `ChatModel`.
        system: What the responder is told before everything else.
        answer_within_s: A responder that gives nothing for so long has failed, in seconds.
        recognizer: What makes text of what `listen()` hears; see there.
        host: Where sessions run: `"process"` (a companion process: goes on while a cell runs) or
            `"thread"` (this process).
        **options: What the session is made of; one that can have no effect is refused. Of the
            embedded avatar: `character=`: who is drawn, one of `ipyavatar.characters()`; `voice=`:
            who speaks, one of `ipyavatar.voices()`, else the one that fits the character;
            `quality=`: size of the picture: `"low"` (480p), `"medium"` (720p), `"high"` (1080p),
            or `"auto"`: what the line to the page carries; `video_codec=`: `"h264"`, `"vp8"`, or
            `"auto"`: what the browser prefers; `ice_servers=`: STUN and TURN servers, where UDP
            does not pass between browser and kernel; `transport=`: `"webrtc"`, `"websocket"`,
            `"messages"`, or `"auto"`: the first of these that works; `max_idle_s=`: seconds without
            use after which it ends (600), until it is looked at or told to speak. Of paid services:
            `api_key=` and `base_url=` (else from the environment), `avatar_id=` and `voice_id=`
            (see `ipyavatar.avatars(provider)` and `ipyavatar.voices(provider)`), `max_idle_s=`
            (600) and `max_duration_s=` (3600) after which we end it, `credits_per_minute=` where
            the price is not known; `fallback="embedded"` goes on where the service cannot be
            opened, or breaks. What only one service takes is on its page of the documentation.

    Raises:
        UnknownName: There is no such provider, character, voice, quality or keyword.
        InvalidArgument: A value cannot work, or the key of a paid service is missing.
        HostError: The companion process could not be started.
    """

    def __init__(
        self,
        provider: str = "embedded",
        *,
        muted: bool = False,
        volume: float = 1.0,
        captions_on: bool = True,
        badge: bool = True,
        width: int = 0,
        floating: bool | Literal["auto"] = "auto",
        save_transcript: bool = False,
        responder: Responder | str | None = None,
        system: str = "",
        answer_within_s: float = ANSWER_WITHIN_S,
        recognizer: Recognizer | str | os.PathLike[str] | None = None,
        host: HostKind = "process",
        **options: Unpack[SessionKeywords],
    ) -> None:
        given: Any = hide_secrets(options)  # at once: verbose tracebacks show variables
        provider, options = hide_unless_word(provider), given
        responder, recognizer = hide_address(responder), hide_address(recognizer)
        host, system, answer_within_s = hide_keys(host, system, answer_within_s)
        values = hide_keys(muted, volume, captions_on, badge, width, floating, save_transcript)
        muted, volume, captions_on, badge, width, floating, save_transcript = values
        looks: dict[str, Any] = {k: v for k, v in zip(LOOKS, values, strict=True) if v is not None}
        self.check_values(**looks)
        self._front_end = find_front_end()
        self._made_on = threading.get_ident()
        # A notebook shows what is logged below the cell that has asked for it.
        self._asked_in = contextvars.copy_context()
        session = AvatarSession(
            provider,
            host="process" if host is None else host,
            _setup=SessionSetup(
                page_wait_s=self._front_end.unshown_wait_s,
                for_page=self._front_end.has_pages,
                other_keywords=OWN_KEYWORDS,
            ),
            responder=responder,
            system=system,
            answer_within_s=answer_within_s,
            recognizer=recognizer,
            **given,
        )
        made_with = {"provider": provider, "host": host, **given}
        self._chosen = {name: made_with[name] for name in made_with if _is_fixed(name)}
        self._page_problem: dict[str, str] = {}
        wire = session.options.wire  # in the first state that a page gets: it chooses by it at once
        self.__dict__["_transport"] = (wire.fallback or wire).transport
        quality = given.get("quality") or session.options.quality
        try:
            super().__init__(session.callbacks, quality=quality, **looks)
        except BaseException:
            session.close()
            raise
        self.set_traits(session_id=session.id, talks=session.responder is not None, **_who(session))
        self._own_layout = self.layout
        self._pages = PageChannel(session, self)
        self._session = session
        session.attach(self)
        self.observe(self._on_quality, "quality")
        self.on_msg(self._pages.on_widget_message)
        adopt(self._front_end, self)

    def __repr__(self) -> str:
        session = self.__dict__.get("_session")
        if session is None:  # its making has failed: a verbose traceback shows it
            return "<Avatar, not made>"
        return f"<Avatar {session.options.face!r} ({self.provider}): {self.status}>"

    @property
    def session(self) -> AvatarSession:
        """The same session as a script has it, without a widget."""
        return self._session

    @property
    def history(self) -> list[Message]:
        """`{"role", "content"}` of what was asked in mode "talk", and of what was heard of answers.

        The last 200. A copy: `session.forget_history()` empties it.
        """
        return self.session.history

    @property
    def lesson(self) -> Lesson | None:
        """The lesson that was presented last; None while none was."""
        return self.session.lesson

    # ---- verbs ------------------------------------------------------------------------------

    def start(self) -> Handle[None]:
        """Open the session; done when it is live. Showing and speaking do it by themselves."""
        return self.session.start()

    def speak(self, text: Text | Sound, *, mode: str = "repeat", interrupt: bool = False) -> Speech:
        """Say `text` after everything that was asked for before.

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
        mode, interrupt = hide_keys(mode, interrupt)
        self._asked_in = contextvars.copy_context()
        speech = self.session.speak(text, mode=mode, interrupt=interrupt)
        if self._front_end.holds_up_page:
            speech.set_waiting(in_vain=self._waits_in_vain)
        return speech

    @hides_keys
    def express(self, name: str) -> None:
        """Have the face do something, now.

        Args:
            name: `"smile"`, `"nod"` or `"think"`. In a text, marks do the same: "[smile] Hello!"

        Raises:
            UnknownName: No face can do that.
            InvalidArgument: The face is a service's.
            SessionClosed: It was stopped, or closed.
        """
        self.session.express(name)

    def present(self, segments: Iterable[Given], *, pause: float = 1.0) -> Lesson:
        """Say segments in turn, each after the one before, and run functions between them.

        Args:
            segments: Texts; functions without arguments, which run on a thread of their own; or
                pairs of a chapter's title and a text. A heading that a text begins with is a title.
            pause: Seconds of silence between two of them.

        Returns:
            The lesson: it goes on by itself, and can be paused, resumed, skipped and gone back.

        Raises:
            InvalidArgument: There is nothing to present, or a lesson is under way.
            SessionClosed: The avatar was stopped, or closed.
        """
        return self.session.present(segments, pause=hide_key(pause))

    @hides_keys
    def listen(
        self,
        recognizer: Recognizer | str | os.PathLike[str] | None = None,
        *,
        push_to_talk: bool = False,
        half_duplex: bool = False,
        language: str = "",
    ) -> Listening:
        """Listen to users, once they have pressed the microphone's button in the page.

        What is said is in the transcript; `responder=` answers. Who speaks interrupts the avatar.

        Args:
            recognizer: What makes text of it: a function of samples (`float32[n]` at 16 kHz), async
                or not; the address of an OpenAI-compatible transcription service, or a
                `TranscriptionApi`; or the folder of a Whisper model. Else the avatar's own.
            push_to_talk: Hear only while the button is held.
            half_duplex: Hear nothing while the avatar speaks.
            language: Code of what is spoken, for the recognizer.

        Raises:
            InvalidArgument: Nothing makes text of speech, or the service cannot listen that way.
            MissingPart: What the recognizer needs is not installed.
            SessionClosed: The avatar was stopped, or closed.
        """
        return self.session.listen(
            recognizer, push_to_talk=push_to_talk, half_duplex=half_duplex, language=language
        )

    def interrupt(self) -> None:
        """Silence, now; what is queued is dropped."""
        self.session.interrupt()

    def keep_alive(self) -> Handle[None]:
        """Keep the session alive now; done when the service has confirmed it.

        It is kept alive by itself while it is in use; this counts as use.
        """
        return self.session.keep_alive()

    def snapshot(self) -> Snapshot:
        """The picture of now; in a notebook it shows itself.

        Raises:
            SessionClosed: The avatar was stopped, or closed.
            MediaError: There is no picture of it to be had here.
        """
        return self.session.snapshot()

    @hides_keys
    def record(
        self,
        path: str | os.PathLike[str],
        *,
        captions: str = "none",
        codec: str | None = None,
        progress: bool = False,
    ) -> Recording:
        """Record what it says and shows from now on, until `stop()` or the end of a `with` block.

        Args:
            path: The file: `.mp4` (H264, AAC), `.webm` (VP8 or VP9, Opus), `.wav` or `.gif`.
            captions: `"track"` (players show it on request), `"burn"` (in the picture), `"none"`.
            codec: For `.webm`: `"vp8"` or `"vp9"`.
            progress: Show a bar: speeches said, of those asked for.

        Raises:
            UnknownName: There is no such kind of file, codec or way of captions.
            InvalidArgument: They do not go together, or that file is being recorded to already.
            MediaError: The file cannot be written, or there is no picture to be had here.
            SessionClosed: The avatar was stopped, or closed.
        """
        return self.session.record(path, captions=captions, codec=codec, progress=progress)

    def stop(self) -> Handle[None]:
        """End the session; done when it has ended. Twice is harmless; `start()` opens it again."""
        return self.session.stop()

    def close(self) -> None:
        """Stop for good, and take the widget out of every page."""
        session = self.__dict__.get("_session")
        if session is not None:  # ipywidgets closes what was refused while it was made, too
            session.close()
        self._front_end.call(self._close_widgets)
        # ipywidgets takes away what shows it; whoever looks at it is to read why it is gone.
        self.__dict__.pop("_repr_mimebundle_", None)

    def _close_widgets(self) -> None:
        with own_change():  # an observer of all traits hears of it, and may raise
            super().close()
            layout = self.__dict__.pop("_own_layout", None)
            if layout is not None:
                layout.close()  # ipywidgets would keep it for the life of the kernel, and the page

    def __del__(self) -> None:
        """What nobody holds any more is closed; but a forked child only has a copy of it."""
        session = self.__dict__.get("_session")
        if session is None or not session.inherited:
            super().__del__()

    # ---- shown ------------------------------------------------------------------------------

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Called when a cell shows the avatar: a page is about to connect.

        Inspectors of variables call it as well, so a paid session waits for a page that asks for
        its stream; what has ended is not opened again; and nothing is opened by a thread of an
        inspector's own.
        """
        if self.session.phase in GONE:
            return {"text/plain": "This avatar was closed. Run its cell again to bring it back."}
        if self._front_end.runs_code() or threading.get_ident() == self._made_on:
            if self.session.phase is Phase.NEW and not self.session.options.paid:
                self.session.start()
            if self._front_end.shown_wait_s:
                self.session.expect_page(self._front_end.shown_wait_s)
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if not data:
            return bundle
        saved, about = saved_output(self.session.options.face)
        if not self._front_end.shows_widgets:
            saved = {"text/plain": f"{self!r} {NO_PAGE}"}
        return {**data, **saved}, {**metadata, **about}

    def _waits_in_vain(self) -> bool:
        """Whether a speech cannot be said before the code that waits for it has run."""
        in_vain = threading.get_ident() == self._made_on and not self._pages.heard
        if in_vain and (text := self._front_end.describe_keeping()) not in self.notices:
            self._add_notice(text, log_it=True)
        return in_vain

    def _add_notice(self, text: str, *, log_it: bool) -> None:
        if log_it:
            self._asked_in.copy().run(log.warning, "%s", text)
        self.set_traits(notices=[*self.notices[-NOTICES + 1 :], text])

    # ---- what the session reports (`SessionListener`) ---------------------------------------

    def on_status(self, status: p.Status) -> None:
        """The status changed."""
        if status.status not in ("starting", "live", "reconnecting"):
            self._page_problem = {}  # a session that is well shows no picture by that
        error = _shown(status.error) or self._page_problem
        self.set_traits(status=status.status, status_text=status.text, error=error)

    def on_speech(self, speech: Speech, update: p.SpeechUpdate) -> None:
        """A speech changed; why an answer failed is said in the page, for it may be asked there."""
        session = self.session
        if update.state == "failed" and speech.utterance.streamed:
            self._page_problem = {"what": update.reason, "fix": ""}
            self.set_traits(error=self._page_problem)
        self.set_traits(transcript=session.transcript.entries(), speaking=session.speaking)

    def on_caption(self, caption: p.Caption) -> None:
        """These words are being spoken from now on."""
        self.set_traits(caption=caption.text)

    def on_listening(self, update: ListeningUpdate) -> None:
        """Whether Python listens, and somebody speaks."""
        self.set_traits(listening=state_of(update))

    def on_stats(self, stats: Mapping[str, object]) -> None:
        """Numbers were measured."""
        self.set_traits(stats=stats)

    def on_usage(self, usage: Mapping[str, float | None]) -> None:
        """What a paid session took so far changed."""
        self.set_traits(usage=usage)

    def on_notice(self, notice: m.Noticed) -> None:
        """Something the user should know; in the log, where a page is missed that would show it."""
        missed = bool(self._front_end.shown_wait_s) and not self.playback  # none has a view of it
        self._add_notice(notice.text, log_it=missed and notice.kind == "unheard")

    def on_options(self) -> None:
        """Another provider is behind it: pages get its pictures another way."""
        self.set_traits(**_who(self.session))

    def on_progress(self, progress: str) -> None:
        """How far a lesson is."""
        self.set_traits(progress=progress)

    def on_new_host(self) -> None:
        """Another host is behind it: pages connect again at once."""
        self._pages.on_new_host()

    def on_page_message(self, message: p.FromPage) -> None:
        """A page said this over its data channel."""
        self._pages.on_message(message)

    def send_to_pages(self, message: p.ToPage, buffers: Sequence[bytes] = ()) -> None:
        """Send this by widget message."""
        self._pages.send(message, buffers)

    # ---- what pages report (`PageOwner`) ----------------------------------------------------

    def hear(self, *, leaving: bool) -> None:
        """A page has said something."""
        self._front_end.hear(leaving=leaving)

    def show_playback(self, media: p.Media) -> None:
        """A page says what became of playing."""
        problem = self._page_problem
        if media.what:
            problem = {"what": media.what, "fix": media.fix}
        elif media.playback == "playing":  # it came back
            problem = {}
        error = problem if self.error in ({}, self._page_problem) else self.error
        self._page_problem = problem
        self.set_traits(playback=media.playback, error=error)

    def show_problem(self, error: AvatarError) -> None:
        """What a page asked for could not be done."""
        self._page_problem = {"what": error.what, "fix": error.fix}
        self.set_traits(error=self._page_problem)

    @t.validate("quality")
    def _check_quality(self, proposal: dict[str, Any]) -> Any:
        """Where there is one size, another can have no effect."""
        session = self.__dict__.get("_session")
        if session is not None and not session.options.sizes:
            error = refusal(session.options.spec, "quality")
            raise InvalidTrait(error.what, error.fix)
        return proposal["value"]

    def _on_quality(self, change: dict[str, Any]) -> None:
        """The user asks for another picture size."""
        self.session.change_quality(change["new"])


def _is_fixed(name: str) -> bool:
    """Whether this keyword cannot be changed later."""
    return name in TOLD or not hasattr(Avatar, name)


def _who(session: AvatarSession) -> dict[str, object]:
    """Who is behind it, as traits: the page fetches its pictures by them."""
    options = session.options
    return {"provider": options.provider, "character": options.title, "stream": options.stream}


def _shown(error: Failure | None) -> dict[str, str]:
    return {} if error is None else {"what": error.what, "fix": error.fix}
