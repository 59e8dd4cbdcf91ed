"""The messages about listening: the user's microphone, and what was understood of it.

A part of `protocol.page` and of `protocol.host`, where the rest is. Nothing is sent before the user
has pressed the page's button, whatever Python asks for.
"""

from __future__ import annotations

from typing import Literal

from ..core.decode import Count, Number
from .message import Message, PageMessage

ListeningMode = Literal["off", "open", "push_to_talk"]
MicrophoneState = Literal["on", "off", "failed"]
SoundPath = Literal["track", "messages"]

SOUND_BYTES = 96_000
"""One `MicrophoneSound` has no more: a second at 48 kHz."""

# ---- the page says ------------------------------------------------------------------------------


class Microphone(PageMessage, frozen=True, tag="microphone"):
    """What became of the page's microphone.

    `on`: its sound comes, by the peer connection's `track` or by `messages`. `off`: it does not any
    more, and what was being said ends here (the key of push to talk was let go of). `failed`:
    refused, unplugged, none there, no secure context; with what happened and what to do, in words
    for the user. Numbered from 1 by its page, see `page_order.py`.
    """

    page: str
    state: MicrophoneState
    via: SoundPath = "track"
    what: str = ""
    fix: str = ""
    number: Count = 0


class MicrophoneSound(PageMessage, frozen=True, tag="microphone-sound"):
    """Some of the microphone's sound, where it comes by messages.

    Its one buffer has 16 bit samples, little endian, mono, `rate` a second. Numbered from 1 since
    the microphone is on: what is missing is silence.
    """

    page: str
    number: Count
    rate: Count


# ---- the page is told ---------------------------------------------------------------------------


class ListeningUpdate(PageMessage, frozen=True, tag="listening"):
    """Whether Python listens, and whether somebody is speaking; `page` is whose microphone that is.

    `open`: all the time. `push_to_talk`: while a button or a key is held. So many `microphones` are
    on. Those of the pages in `dropped` were given up, and are heard again once their page says that
    they are on. It is of the `Listen` with this `request`; 0: of none, for nobody asked.
    """

    mode: ListeningMode
    hearing: bool
    at: Number
    page: str = ""
    microphones: Count = 0
    dropped: tuple[str, ...] = ()
    request: Count = 0


class MicrophoneTaken(PageMessage, frozen=True, tag="microphone-taken"):
    """The kernel has `MicrophoneSound` up to this `number`, as far as it came: more may follow."""

    page: str
    number: Count


class Heard(PageMessage, frozen=True, tag="heard"):
    """What was understood of what was said at the microphone of `page`.

    An empty `text` comes with the `reason`: nothing was understood.
    """

    text: str
    at: Number
    reason: str = ""
    page: str = ""


# ---- commands, kernel to host -------------------------------------------------------------------


class Listen(Message, frozen=True):
    """Listen to microphones from now on, or with `off` not any more.

    With `half_duplex` nothing is heard while the avatar is. With `by_service` the service's own
    recognition makes the text: no sound of a microphone comes here. What is told of it has the
    number of the `request`: what is still told of the one before is no news of this one.
    """

    session: str
    mode: ListeningMode
    half_duplex: bool = False
    by_service: bool = False
    request: Count = 0


# ---- events, host to kernel ---------------------------------------------------------------------

HEARD_RATE = 16_000
"""Samples per second of what is heard."""


class SoundHeard(Message, frozen=True):
    """Somebody has said something; told as it ends.

    `samples` are 16 bit, little endian, mono, `HEARD_RATE` a second, with a little of before.
    `began_at` and `ended_at` are when it was spoken. With `cut` it goes on: it was too long.
    `request` is that of the `Listen`.
    """

    session: str
    page: str
    samples: bytes
    began_at: Number
    ended_at: Number
    cut: bool = False
    request: Count = 0


class TextHeard(Message, frozen=True):
    """The service has understood something that somebody has said; or not, for this `reason`.

    `began_at` and `ended_at` are when it was spoken, as far as the service tells; `request`
    is that of the `Listen`.
    """

    session: str
    page: str
    text: str
    began_at: Number
    ended_at: Number
    reason: str = ""
    request: Count = 0
