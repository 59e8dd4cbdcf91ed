"""The avatar's traits: what Python and the page both see, and the one way to change them."""

from __future__ import annotations

import pathlib
import threading
from collections.abc import Mapping
from typing import Any, cast

import anywidget
import traitlets as t

from ..core.quality import CHOICES
from ..core.speech import Speech
from ..core.validate import require_known
from ..errors import MissingPart
from ..protocol import page as wire

STATIC = pathlib.Path(__file__).parent.parent / "static"

NOTICES = 20
"""Sentences kept in the `notices` trait."""

TRANSCRIPT_LENGTH = 200
"""Speeches kept in the `transcript` trait."""


def built(name: str) -> str:
    """A part of the front end.

    Raises:
        MissingPart: It is not built.
    """
    path = STATIC / name
    if not path.exists():
        raise MissingPart(f"The front end is not built: {name} is missing.", "Run `make build`.")
    return path.read_text(encoding="utf-8")


class AvatarTraits(anywidget.AnyWidget):
    """The traits. Those that tell are read-only to the user; the others work both ways."""

    _esm = built("widget.js")
    _css = built("widget.css")

    status = t.Unicode("idle", read_only=True).tag(sync=True)
    status_text = t.Unicode("", read_only=True).tag(sync=True)
    speaking = t.Bool(False, read_only=True).tag(sync=True)
    caption = t.Unicode("", read_only=True).tag(sync=True)
    transcript = t.List(t.Dict(), read_only=True).tag(sync=True)
    session_id = t.Unicode("", read_only=True).tag(sync=True)
    error = t.Dict({}, read_only=True).tag(sync=True)
    stats = t.Dict({}, read_only=True).tag(sync=True)
    usage = t.Dict({}, read_only=True).tag(sync=True)
    provider = t.Unicode("embedded", read_only=True).tag(sync=True)
    character = t.Unicode("", read_only=True).tag(sync=True)
    playback = t.Unicode("", read_only=True).tag(sync=True)
    notices = t.List(t.Unicode(), read_only=True)

    muted = t.Bool(False).tag(sync=True)
    volume = t.Float(1.0, min=0.0, max=1.0).tag(sync=True)
    captions_on = t.Bool(True).tag(sync=True)
    badge = t.Bool(True).tag(sync=True)
    width = t.Int(0, min=0).tag(sync=True)
    quality = t.Unicode("medium").tag(sync=True)

    def __init__(self, **values: Any) -> None:
        # Traits are set by the user's thread, the page's messages and the host's events.
        self._lock = threading.RLock()
        super().__init__(**values)

    @t.validate("quality")
    def _known_quality(self, proposal: dict[str, Any]) -> str:
        require_known("quality", proposal["value"], CHOICES)
        return cast(str, proposal["value"])

    def _note(self, speech: Speech) -> None:
        """Keep the transcript: one entry a speech, the newest state."""
        entry = {"speech": speech.id, "text": speech.text, "state": speech.state}
        kept = [other for other in self.transcript if other["speech"] != speech.id]
        # A speech keeps its place while its state changes.
        place = next(
            (i for i, other in enumerate(self.transcript) if other["speech"] == speech.id),
            len(kept),
        )
        kept.insert(place, entry)
        self._set(transcript=kept[-TRANSCRIPT_LENGTH:])

    def _notice(self, text: str) -> None:
        """Keep a sentence the user should not miss."""
        self._set(notices=[*self.notices[-NOTICES + 1 :], text])

    def _count(self, numbers: Mapping[str, object]) -> None:
        """Add to the `stats`, or change them."""
        with self._lock:  # the page and the host both count
            self._set(stats={**self.stats, **numbers})

    def _tell(self, message: wire.ToPage) -> None:
        self.send(wire.builtins(message))

    def _set(self, **values: object) -> None:
        """Set traits that are read-only to the user, all in one message to the page."""
        with self._lock, self.hold_sync():
            for name, value in values.items():
                self.set_trait(name, value)
