"""How `listen()` is carried out: by a recognizer of the user's, or by the service's own."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass

from ..core.validate import require_switch
from ..errors import InvalidArgument
from ..protocol.listening import Listen, ListeningMode
from .options import ResolvedOptions
from .recognizer import (
    MAKES_TEXT,
    Recognize,
    Recognizer,
    bind_language,
    make_recognizer,
    require_language,
)

_requests = itertools.count(1)


@dataclass(frozen=True, slots=True)
class ListeningPlan:
    """What was asked for, checked.

    Attributes:
        mode: When users are heard.
        half_duplex: Not while the avatar is.
        recognize: Makes text of sound; None where the service's own recognition does.
    """

    mode: ListeningMode
    half_duplex: bool
    recognize: Recognize | None

    def make_command(self, session: str) -> Listen:
        """What has the host listen in this way: another request each time."""
        by_service = self.recognize is None
        return Listen(session, self.mode, self.half_duplex, by_service, next(_requests))


def plan_listening(
    options: ResolvedOptions,
    recognizer: Recognizer | str | os.PathLike[str] | None,
    own: Recognizer | None,
    *,
    push_to_talk: bool,
    half_duplex: bool,
    language: str,
    responds: bool,
    source: bool = False,
) -> ListeningPlan:
    """How to listen.

    Args:
        options: The session's.
        recognizer: What the user gave to `listen()`.
        own: The session's recognizer.
        push_to_talk: Only while a button is held.
        half_duplex: Not while the avatar is heard.
        language: Code of what is spoken.
        responds: Whether a responder of the user's answers.
        source: Whether a script's own sound is heard.

    Raises:
        InvalidArgument: It cannot work, or would have no effect.
        MissingPart: What the recognizer needs is not installed.
    """
    spec, wire = options.spec, options.wire
    spec.check_listen(wire)
    push_to_talk = require_switch("push_to_talk", push_to_talk)
    half_duplex = require_switch("half_duplex", half_duplex)
    if spec.recognizes(wire):
        if recognizer is not None or (own is not None and options.fallback is None):
            spec.check_recognizer(wire)  # one that goes on in its place may have use for our own
        _refuse_ineffective(options, half_duplex, language, responds, source)
        held = spec.check_push_to_talk(wire, push_to_talk)
        return ListeningPlan("push_to_talk" if held else "open", half_duplex=False, recognize=None)
    found = own if recognizer is None else make_recognizer(recognizer)
    if found is None:
        raise InvalidArgument("Nothing makes text of what is heard.", MAKES_TEXT)
    recognize = bind_language(found, require_language(language))
    return ListeningPlan("push_to_talk" if push_to_talk else "open", half_duplex, recognize)


def no_microphone(by_service: bool) -> str:
    """What a script is told that listens to nothing: it would wait for ever.

    Args:
        by_service: Whether the service hears users itself; then it takes no `source=`.
    """
    fix = (
        "Show the avatar in a notebook, and press its microphone's button."
        if by_service
        else "Give it sound: listen(source=...), a file, samples, or a function that gives them."
    )
    return f"Nobody is heard: a script has no page, and so no microphone. {fix}"


def _refuse_ineffective(
    options: ResolvedOptions, half_duplex: bool, language: str, responds: bool, source: bool
) -> None:
    """What would do nothing, or harm, where the service hears users itself."""
    title = options.spec.title_of(options.wire)
    for wrong, what, fix in (
        (half_duplex, "half_duplex= would have no effect", "Leave it out, or push_to_talk=True."),
        (language, "language= would have no effect here", options.spec.language_tip),
        (source, "it hears microphones of pages, and no source=", "Leave it out."),
        (responds, "responder= would answer a second time", "Leave responder= out."),
    ):
        if wrong:
            said = f"{title} understands what users say by itself, and answers it: {what}."
            raise InvalidArgument(said, fix)
