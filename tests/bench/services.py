"""The services in the cell, against the offline twin: start, speech, silence.

What the twin takes to make voice and face is in these numbers; a live service takes longer, and a
network comes on top. They compare the services' ways into the page, not the services.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ipyavatar.twin.liveavatar.catalogue import AVATARS
from tests.support.sdk import KEY, twin_process

from .latency import SOUNDING_MS, TEXTS, silence
from .numbers import median, percentile, spread
from .probe import Probe
from .rows import Part, Reading, Spec
from .sound import AUDIBLE, onset
from .stand import Lab, Stand

# The sandbox would not last: we end its minute 15 s early.
_LIVEAVATAR = f"'liveavatar', quality='low', avatar_id={AVATARS[1][0]!r}"

SERVICES = {
    "HeyGen": "'heygen', quality='low'",
    "LiveAvatar LITE": _LIVEAVATAR,
    "LiveAvatar FULL": f"{_LIVEAVATAR}, lite=False",
    "Kaltura": "'kaltura', avatar_id='64b1f0c2a1b2c3d4e5f60718'",
}
STARTS = 3
TRIALS = 8

START = "services: {}, cell run -> first frame"
SPEAK = "services: {}, speak() -> first audible sample, p50"
HUSH = "services: {}, interrupt() -> silence, p50"


def services(stand: Stand) -> Iterator[Reading]:
    """One after the other, with one twin that is warm."""
    state = stand.scratch / "state"
    with twin_process("--concurrency", "9") as twin:
        for title, what in SERVICES.items():
            place = f"base_url={twin.url!r}, api_key={KEY!r}"
            cell = (
                f"import os; os.environ['IPYAVATAR_STATE_DIR'] = {str(state)!r}\n"
                "from ipyavatar import Avatar\n"
                "if 'avatar' in globals(): avatar.stop().wait(10)\n"
                f"avatar = Avatar({what}, {place}); avatar"
            )
            with stand.notebook(cell) as lab:
                starts = [start(lab) for _ in range(STARTS)]
                yield Reading(
                    START.format(title),
                    median(starts),
                    len(starts),
                    f"{spread(starts)}; the first one with a cold companion process",
                )
                yield from talk(title, lab)
                lab.ask("avatar.stop().wait(10)")
            twin.stop_all()


def start(lab: Lab) -> float:
    """Run the cell; ms to the first frame."""
    lab.start(0)
    lab.wait_for_picture()
    lab.page.wait_for_timeout(1500)
    marks = lab.marks()
    return marks["frame"] - marks["run"]


def talk(title: str, lab: Lab) -> Iterator[Reading]:
    """Speak and cut off."""
    lab.ask("avatar.speak('Hello there.').wait(30)")
    probe = Probe(lab.page)
    offset, _ = probe.clock_offset()
    heard, hushed = [], []
    for text in itertools.islice(itertools.cycle(TEXTS), TRIALS):
        lab.page.wait_for_timeout(1500)
        probe.forget()
        asked = lab.ask(f"import time; t = time.time_ns() / 1e6; avatar.speak({text!r})", "t")
        lab.page.wait_for_timeout(2500)
        cut = lab.ask("t = time.time_ns() / 1e6; avatar.interrupt()", "t") - offset
        lab.page.wait_for_timeout(2500)
        recording = probe.read()
        sound = recording.graph
        heard.append(onset(sound, asked - offset) - (asked - offset))
        # Cut off in a pause of the speech it would look faster than it is.
        if sound.between(cut - SOUNDING_MS, cut).peak.max() > AUDIBLE:
            hushed.append(silence(recording, cut) - cut)
    yield Reading(SPEAK.format(title), median(heard), len(heard), spread(heard))
    yield Reading(
        HUSH.format(title),
        median(hushed),
        len(hushed),
        f"{spread(hushed)}; p95 {percentile(hushed, 95):.0f}",
    )


_HOW = "{} in JupyterLab, 480p, against the offline twin on the same machine; {}"

PARTS = (
    Part(
        "services",
        tuple(
            Spec(name.format(title), "ms", None, _HOW.format(title, what))
            for title in SERVICES
            for name, what in (
                (START, "run-cell command to the first presented frame, session opened anew"),
                (SPEAK, "time_ns before speak() to the first audible block of the page's graph"),
                (HUSH, "time_ns before interrupt() to the end of the last audible block"),
            )
        ),
        services,
    ),
)
