"""What a session tells whoever runs it: plain values that can cross a pipe.

Times: `at_s` is seconds of the machine's monotonic clock, word times are seconds from the first
sample of the speech (or of the caption).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ..core.speech import SpeechState
from .errors import Failure
from .grants import SessionGrant, StreamGrant
from .page import FromPage, StatusName

NoticeKind = Literal["ending", "going on", "voice", "ledger", "picture", "unconfirmed", "left open"]
"""`ending`: its end is near. `going on`: not any more. `voice`: another one speaks. `ledger`:
what is not recorded. `picture`: what is wrong with it. `unconfirmed`: an end is not certain. `left
open`: what another process left."""

SpokenWords = list[tuple[str, float, float]]


class Message(msgspec.Struct, frozen=True, tag=True):
    """Base of commands and events."""


class StatusChanged(Message, frozen=True):
    """The session's status, one line for the user, and the error when it failed."""

    session: str
    status: StatusName
    text: str
    what: str = ""
    fix: str = ""
    failure: Failure | None = None


class SpeechChanged(Message, frozen=True):
    """A speech changed its state.

    `at_s` is when, in seconds of the machine's monotonic clock. `latency_ms` (with `speaking`) is
    from the command's arrival to the first sample handed out. `words` (with `said`) are
    `(text, start, end)`. A speech the kernel does not know was asked for in the page.
    """

    session: str
    speech: str
    state: SpeechState
    text: str
    at_s: float
    reason: str = ""
    latency_ms: float | None = None
    words: SpokenWords = []


class CaptionShown(Message, frozen=True):
    """These words are being spoken from now on; empty clears."""

    session: str
    speech: str
    text: str
    words: SpokenWords = []


class PeerAnswered(Message, frozen=True):
    """The answer to an offer."""

    session: str
    page: str
    peer: str
    sdp: str


class PeerRefused(Message, frozen=True):
    """An offer that cannot be answered."""

    session: str
    page: str
    peer: str
    what: str
    fix: str


class StreamGranted(Message, frozen=True):
    """How `page` gets a service's stream. Holds tokens: for that page alone."""

    session: str
    page: str
    peer: str
    grant: StreamGrant


class RoomCommand(Message, frozen=True):
    """`page` is to send this data packet into the service's room."""

    session: str
    page: str
    topic: str
    payload: str


class PageSaid(Message, frozen=True):
    """A message of the page that came over the data channel and concerns the kernel."""

    session: str
    message: FromPage


class StatsMeasured(Message, frozen=True):
    """Numbers of the host about a session: frames per second made, peers, queue and so on."""

    session: str
    stats: dict[str, float]


class Noticed(Message, frozen=True):
    """Something the user should know, that changes nothing by itself."""

    session: str
    kind: NoticeKind
    text: str


class UsageCounted(Message, frozen=True):
    """What a paid session took so far; `credits` is None where no price is known."""

    session: str
    seconds: float
    credits: float | None = None


class SessionGranted(Message, frozen=True):
    """What another host needs to take the session over. Holds tokens: for memory only."""

    session: str
    grant: SessionGrant


class KeptAlive(Message, frozen=True):
    """A keep-alive the user asked for is done, or has failed."""

    session: str
    request: int
    failure: Failure | None = None


Event = (
    StatusChanged
    | SpeechChanged
    | CaptionShown
    | PeerAnswered
    | PeerRefused
    | StreamGranted
    | RoomCommand
    | PageSaid
    | StatsMeasured
    | Noticed
    | UsageCounted
    | SessionGranted
    | KeptAlive
)
