"""From `speak()` to the first sound that the twin sends, by service: without browser and notebook.

What the twin takes to make the voice is in these numbers, as in those of `services`, which have the
page as well. For HeyGen the bare call that says the same is made in turn with ours.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from ipyavatar import AvatarSession
from ipyavatar.twin.liveavatar.catalogue import AVATARS
from tests.support.room_listeners import Listeners, listeners
from tests.support.sdk import KEY, TwinProcess, twin_process

from .latency import TEXTS
from .numbers import median, spread
from .rows import Part, Reading, Spec
from .stand import Stand

TRIALS = 12
QUIET_S = 1.0
"""For an interrupt to be silence, and for the silence to be long enough to be a pause."""

WAYNE = AVATARS[0][0]
"""A face, for the sandbox, which has one, lasts a minute."""

SERVICES: dict[str, tuple[str, dict[str, Any]]] = {
    "HeyGen": ("heygen", {"quality": "low"}),
    # Not in the sandbox, which lasts a minute.
    "LiveAvatar LITE": ("liveavatar", {"quality": "low", "avatar_id": AVATARS[0][0]}),
    "LiveAvatar FULL": (
        "liveavatar",
        {"quality": "low", "avatar_id": AVATARS[0][0], "lite": False},
    ),
    "Kaltura": ("kaltura", {"avatar_id": "64b1f0c2a1b2c3d4e5f60718"}),
}
FIRST = "twin: {}, speak() -> first packet of sound, p50"
RATIO = "twin: HeyGen, speak() / bare call, to the first packet of sound"


class Stage:
    """A session of ours at a twin, and one who hears what the twin sends."""

    def __init__(self, session: AvatarSession, twin: TwinProcess, ears: Listeners) -> None:
        self._session, self._twin, self._ears = session, twin, ears
        (row,) = (s for s in twin.state()["sessions"] if s["state"] != "closed")
        self.room: str = row["id"]

    def enter(self, *, whep: bool) -> None:
        """Listen, and have the voice loaded."""
        url = self._twin.url
        if whep:
            self._ears.watch(self.room, f"{url}/rtc/v1/whep/?app=app&stream={self.room}")
        else:
            self._ears.join(self.room, url, self._twin.viewer(self.room, "ears"))
        self._wait(lambda: any(told["pictures"] for told in self._ears.of(self.room)))
        self._session.speak("Hello there.").wait(60)
        self.ours(TEXTS[0])

    def ours(self, text: str) -> float:
        """Milliseconds from `speak()` to the first packet of sound."""
        return self._first_sound(lambda: self._session.speak(text), self._session.interrupt)

    def bare(self, text: str) -> float:
        """The same by HeyGen's own calls."""
        body = {"session_id": self.room}
        return self._first_sound(
            lambda: self._twin.say(self.room, text),
            lambda: self._twin.call("POST", "/v1/streaming.interrupt", body),
        )

    def _first_sound(self, speak: Callable[[], object], hush: Callable[[], object]) -> float:
        heard = len(self._sounds())
        asked = time.monotonic()
        speak()
        self._wait(lambda: len(self._sounds()) > heard)
        hush()
        time.sleep(QUIET_S)
        return (self._sounds()[heard] - asked) * 1000

    def _sounds(self) -> list[float]:
        return [at for told in self._ears.of(self.room) for at in told["sounds"]]

    def _wait(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("nothing came of the twin")
            time.sleep(0.02)


@contextlib.contextmanager
def stage(twin: TwinProcess, ears: Listeners, title: str) -> Iterator[Stage]:
    """A session that is live, with a listener."""
    provider, options = SERVICES[title]
    where: dict[str, Any] = {"api_key": KEY, "base_url": twin.url, "host": "thread"}
    with AvatarSession(provider, **options, **where) as session:
        session.start().wait(60)
        found = Stage(session, twin, ears)
        found.enter(whep=provider == "kaltura")
        yield found


def latency(stand: Stand) -> Iterator[Reading]:
    """One service after the other, with one twin."""
    place = {"IPYAVATAR_STATE_DIR": str(stand.scratch / "state")}
    texts = [TEXTS[number % len(TEXTS)] for number in range(TRIALS)]
    with mock.patch.dict(os.environ, place), twin_process() as twin, listeners() as ears:
        for title in SERVICES:
            with stage(twin, ears, title) as found:
                if title == "HeyGen":
                    pairs = [(found.ours(text), found.bare(text)) for text in texts]
                    ours, bare = (list(values) for values in zip(*pairs, strict=True))
                    where = f"ours {spread(ours)}; bare {spread(bare)} ms, in turn"
                    yield Reading(RATIO, median(ours) / median(bare), len(pairs), where)
                else:
                    ours = [found.ours(text) for text in texts]
                yield Reading(FIRST.format(title), median(ours), len(ours), spread(ours))


_HOW = (
    "monotonic clock before speak() of an AvatarSession to the arrival of the first packet that is "
    "not silence at a viewer's socket in another process; {}, 360p, one twin, nothing else"
)

PARTS = (
    Part(
        "twin-latency",
        (
            Spec(RATIO, "x", None, "medians; AvatarSession and POST streaming.task, in turn"),
            *(Spec(FIRST.format(title), "ms", None, _HOW.format(title)) for title in SERVICES),
        ),
        latency,
    ),
)
