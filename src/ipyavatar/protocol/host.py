"""The messages between the kernel and the host, the same whether a pipe or a queue carries them.

Commands go down to the host, events come up. Both are msgspec structs, tagged by name; a frame
on the pipe is a 4-byte little-endian length and a msgpack body. The first message each way is
`HostHello`; the two sides refuse each other when `PROTOCOL` differs.

What a page says, and what a page is told, are the messages of `protocol.page`: they travel through
here unchanged, inside `FromPage`, `ToPage` and `Announced`. How they travel is in `host_codec.py`.

Times: `at` is seconds of the machine's monotonic clock, which the kernel and the host share.
"""

from __future__ import annotations

from typing import Literal

from ..core.decode import Count, Number
from ..core.secret import Secret
from ..core.speech import Utterance
from ..core.text import name_error
from ..errors import AvatarError, HostError
from . import page
from .errors import Failure
from .frames import Subscribe
from .grants import SessionGrant
from .listening import Listen, SoundHeard, TextHeard
from .media import (
    AskForMedia,
    EndRecording,
    MediaCommand,
    MediaEvent,
    MediaRead,
    OpenReader,
    RecordingChanged,
    StartRecording,
)
from .message import Message
from .options import Credentials, SessionOptions

PROTOCOL = 9

NoticeKind = Literal[
    "ending",
    "going on",
    "voice",
    "mark",
    "ledger",
    "picture",
    "unconfirmed",
    "left open",
    "service",
    "fallback",
    "unheard",
    "microphone",
]
"""`ending`: its end is near. `going on`: not any more. `voice`: another one speaks. `mark`: what a
text asks of a face, and none can do. `ledger`: what is not recorded. `picture`: what is wrong with
it. `unconfirmed`: an end is not certain. `left open`: what another process left. `service`: what
the service says is wrong. `fallback`: why another avatar speaks. `unheard`: why nobody could hear
what was said. `microphone`: why the user is not heard, or not well."""


# ---- commands, kernel to host -------------------------------------------------------------------


class HostHello(Message, frozen=True):
    """First message, both ways: who speaks. `pid` is its process id.

    With the kernel's come the `credentials` in its environment: sessions that a dead process left
    open are stopped with them.
    """

    protocol: Count
    pid: Count
    credentials: tuple[Credentials, ...] = ()


class OpenSession(Message, frozen=True):
    """Make the session known and open it. Its first speech waits `expect_page_s` for a page.

    With a `grant` the open session of a host that died is taken over. With `for_page` somebody is
    meant to see and hear it in a page.
    """

    session: str
    options: SessionOptions
    expect_page_s: Number = 0.0
    grant: SessionGrant | None = None
    for_page: bool = False


class ChangeEnvironment(Message, frozen=True):
    """The user changed the environment of the kernel; sessions opened from now on go by this.

    Values are hidden, for some are passwords (a proxy's). `credentials` are all in it now.
    """

    changed: dict[str, Secret]
    removed: tuple[str, ...] = ()
    credentials: tuple[Credentials, ...] = ()


class Prepare(Message, frozen=True):
    """Our own voice is about to be needed: load it, once the first picture is out of the way."""


class ExpectPage(Message, frozen=True):
    """The widget was displayed, a page is about to connect: speeches wait `within_s` for it."""

    session: str
    within_s: Number


class Speak(Message, frozen=True):
    """Queue a speech; `interrupt` drops everything before it."""

    session: str
    utterance: Utterance
    interrupt: bool = False


class AddText(Message, frozen=True):
    """More of the text of a speech that is `streamed`; answered with `TextTaken` as it is used.

    With `end` that is all; with a `failure` it is all that there is, and why.
    """

    session: str
    speech: str
    text: str = ""
    end: bool = False
    failure: str = ""


class Express(Message, frozen=True):
    """Have the face do something, now."""

    session: str
    name: str


class ChangeQuality(Message, frozen=True):
    """Draw in another size from now on."""

    session: str
    quality: str


class KeepAlive(Message, frozen=True):
    """Keep the session alive now; answered with `KeptAlive` of the same `request`."""

    session: str
    request: Count


class StopSession(Message, frozen=True):
    """End the session. It may have ended by itself: then that is told again, as of `asked_at`.

    With `forget` it will not be opened again, and nothing of it is kept. With `rests` it ends as
    one does that nobody uses: it goes on when somebody comes back.
    """

    session: str
    asked_at: Number = 0.0
    forget: bool = False
    rests: bool = False


class FromPage(Message, frozen=True):
    """A page said this.

    Down: by widget message, or the kernel says the same in its own name. Up: over its data channel,
    and it concerns the kernel. `buffers` have come with it.
    """

    session: str
    message: page.FromPage
    buffers: tuple[bytes, ...] = ()


class SoundPiece(Message, frozen=True):
    """Some of the sound that the host wanted, in the order of its pieces.

    `samples` are 16 bit, little endian, mono; at most `SOUND_PIECE_S` of them.
    """

    session: str
    stream: str
    rate: Count
    samples: bytes


class SoundEnd(Message, frozen=True):
    """There is no more of that sound; with `failure`, since it could not be made."""

    session: str
    stream: str
    failure: Failure | None = None


class Bye(Message, frozen=True):
    """Stop everything and end. The end of the pipe means the same."""


SessionCommand = (
    OpenSession
    | ExpectPage
    | Speak
    | AddText
    | Express
    | ChangeQuality
    | KeepAlive
    | StopSession
    | FromPage
    | SoundPiece
    | SoundEnd
    | Listen
    | MediaCommand
)
Command = HostHello | ChangeEnvironment | Prepare | SessionCommand | Bye


# ---- events, host to kernel ---------------------------------------------------------------------

HEARTBEAT_EVERY_S = 2.0

SOUND_PIECE_S = 0.5
"""Seconds of sound in one message at most."""

SOUND_AHEAD = 16
"""So many pieces are under way at most; a kernel that is busy for seconds is not heard."""


class Heartbeat(Message, frozen=True):
    """The host's loop runs. A companion process tells it every `HEARTBEAT_EVERY_S`."""


class Logged(Message, frozen=True):
    """One of our own log records, from warnings on: the kernel logs it as if it were its own.

    What libraries write stays in the companion process; its stderr is kept for its last words.
    """

    logger: str
    level: int
    text: str


class Announced(Message, frozen=True):
    """A fact of the session, for the kernel and for every page.

    Pages with a data channel have it already; with `forward` there is one without, and the kernel
    passes it on. A speech the kernel does not know was asked for in a page.
    """

    session: str
    message: page.Announcement
    forward: bool = False


class ToPage(Message, frozen=True):
    """For the page that the message names, by widget message. May hold its short-lived token.

    `buffers` travel with it as they are.
    """

    session: str
    message: page.ToPage
    buffers: tuple[bytes, ...] = ()


class TextTaken(Message, frozen=True):
    """So many characters of the text of a streamed speech are in use: more may be sent."""

    session: str
    speech: str
    characters: Count


class HeardUntil(Message, frozen=True):
    """Of a speech about to be `said` nobody heard what sounded from this time until `again`."""

    session: str
    speech: str
    at: Number
    again: Number | None = None


class AnswerTold(Message, frozen=True):
    """More of what a service's own language model answers, as the service tells it.

    Without a speech it is all of the answer to what a user has said last.
    """

    session: str
    speech: str
    text: str


class StatsMeasured(Message, frozen=True):
    """Numbers of the host about a session; see `Provider.stats`."""

    session: str
    stats: dict[str, Number]


class Noticed(Message, frozen=True):
    """Something the user should know, that changes nothing by itself."""

    session: str
    kind: NoticeKind
    text: str


class FellBack(Message, frozen=True):
    """From now on the avatar of `SessionOptions.fallback` is behind the session."""

    session: str


class UsageCounted(Message, frozen=True):
    """What a paid session took so far; both of credits are None where no price is known."""

    session: str
    seconds: Number
    credits: Number | None = None
    credits_per_minute: Number | None = None


class SessionGranted(Message, frozen=True):
    """What another host needs to take the session over. Holds tokens: for memory only."""

    session: str
    grant: SessionGrant


class SoundWanted(Message, frozen=True):
    """The kernel is to send sound in pieces, as the new `stream`.

    What `speech` was given as sound; or, without one, what the user's own voice makes of `text`.
    """

    session: str
    stream: str
    speech: str = ""
    text: str = ""


class SoundTaken(Message, frozen=True):
    """So many pieces were used since the last one: others may come."""

    session: str
    stream: str
    pieces: Count


class SoundDropped(Message, frozen=True):
    """Nobody wants more of that sound."""

    session: str
    stream: str


class KeptAlive(Message, frozen=True):
    """A keep-alive the user asked for is done, or has failed."""

    session: str
    request: Count
    failure: Failure | None = None


SessionEvent = (
    Announced
    | ToPage
    | FromPage
    | TextTaken
    | AnswerTold
    | HeardUntil
    | StatsMeasured
    | Noticed
    | FellBack
    | UsageCounted
    | SessionGranted
    | SoundWanted
    | SoundTaken
    | SoundDropped
    | KeptAlive
    | SoundHeard
    | TextHeard
    | MediaEvent
)
Event = HostHello | Heartbeat | Logged | SessionEvent


def answer_failure(command: Command, error: BaseException, at: float) -> SessionEvent | None:
    """What whoever waits for an answer to `command` is told when it could not be carried out.

    Args:
        command: What was asked for.
        error: Why not.
        at: Now, on the clock of host and kernel.
    """
    if not isinstance(error, AvatarError):
        what = f"It could not be done: {name_error(error)}."
        error = HostError(what, "Try again; if it stays, report it.")
    failure = Failure.of(error)
    answer: SessionEvent | None = None
    match command:
        case Speak(session, utterance):
            update = page.SpeechUpdate(utterance.id, "failed", "", at, reason=str(error))
            answer = Announced(session, update)
        case KeepAlive(session, request):
            answer = KeptAlive(session, request, failure)
        case OpenReader(session, reader) | AskForMedia(session, reader):
            answer = MediaRead(session, reader, [], ended=True, failure=failure)
        case StartRecording(session, recording) | EndRecording(session, recording):
            answer = RecordingChanged(session, recording, ended=True, failure=failure)
        case OpenSession(session) | StopSession(session):
            answer = Announced(session, page.Status("failed", error.what, at, failure))
        case FromPage(session, page.Offer() | page.Join() | Subscribe() as wish):
            answer = ToPage(session, page.Refused(wish.page, wish.peer, error.what, error.fix))
    return answer
