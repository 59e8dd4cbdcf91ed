"""From speak() to sound in the page, and from interrupt() to silence."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from .numbers import median, percentile, spread
from .probe import Probe, Recording
from .rows import Part, Reading, Spec
from .sound import AUDIBLE, end_of_sound, onset
from .source import synthesized
from .stand import Lab, Stand

TRIALS = 24
"""Half of them are interrupted from Python, half from the page."""

SOUNDING_MS = 100.0
"""An interrupt counts when there was sound within so long before it."""

ELEMENT_MS = 10.0
"""One buffer of the sound card: what a muted audio element may still play."""

SPEAK_P50 = "latency: speak() -> first audible sample, p50"
SPEAK_P95 = "latency: speak() -> first audible sample, p95"
ELEMENT = "latency: speak() -> first audible sample at the element, p50"
STREAM = "latency: first token of a stream -> first audible sample, p50"
FIRST = "latency: first speech after the start"
PYTHON_P95 = "latency: interrupt() -> silence, p95"
BUTTON_P95 = "latency: Interrupt button -> silence, p95"

CELL = "from ipyavatar import Avatar\navatar = Avatar(); avatar"

# Without inner pauses for some seconds: an interrupt in a pause would look faster than it is.
STREAM_TRIALS = 9
TOKENS_PER_S = 50
TOKENS = """
import time
def tokens():
    global t
    t = time.time_ns() / 1e6
    for word in "Hello there, my friend. This sentence comes later, and nobody waits.".split():
        yield word + " "
        time.sleep(1 / {rate})
speech = avatar.speak(tokens())
"""

TEXTS = (
    "Running waves were rolling over yellow sand in early morning light while we were walking home",
    "Many more animals are living in our little river now than anyone was willing to allow in May",
    "Why would a lonely lion ever run away in rain when nobody was really looking over the wall",
    "All along our narrow alley we will be hearing new music from every open window this evening",
)


@dataclass(frozen=True)
class Trial:
    """One speech, cut off; in ms from asking (`hushed`: from cutting off).

    Attributes:
        lead: Silence in the sound itself, before it begins.
        handed: The host handed out its first sample.
        pulled: The audio element's renderer got its first audible piece.
        heard: The page's audio graph got its first audible block.
        hushed: The last audible block ended; None when the cut came in a pause of the sound.
        held: How long the browser's jitter buffer holds sound, by its own account.
        by_button: Cut off in the page, not from Python.
    """

    lead: float
    handed: float
    pulled: float
    heard: float
    hushed: float | None
    held: float
    by_button: bool


def latency(stand: Stand) -> Iterator[Reading]:
    """Speak and cut off, again and again."""
    leads = {text: synthesized(text).lead_ms for text in TEXTS}
    with stand.notebook(CELL) as lab:
        lab.start(0)
        lab.wait_for_picture()
        probe = Probe(lab.page)
        offset, error = probe.clock_offset()
        lab.page.wait_for_timeout(1000)
        first = first_speech(lab, probe, offset)
        trials = [
            trial(lab, probe, text, leads[text], i % 2 == 1, offset, 0.8 + 0.05 * i)
            for i, text in enumerate(itertools.islice(itertools.cycle(TEXTS), TRIALS))
        ]
        streams = [stream_trial(lab, probe, offset) for _ in range(STREAM_TRIALS)]
    heard = [t.heard for t in trials]
    hold = median(t.held for t in trials)
    where = (
        f"{spread(heard)}; steps, median: kernel, pipe, voice"
        f" {median(t.handed for t in trials):.0f},"
        f" silence before the first sound itself {median(t.lead for t in trials):.0f}, network and"
        f" jitter buffer {median(t.pulled - t.handed - t.lead for t in trials):.0f} (by getStats it"
        f" holds {hold:.0f}), audio graph {median(t.heard - t.pulled for t in trials):.0f};"
        f" clocks of page and kernel agree within {abs(offset) + error:.1f}"
    )
    yield Reading(SPEAK_P50, median(heard), len(heard), where)
    yield Reading(SPEAK_P95, percentile(heard, 95), len(heard), where)
    pulled = [t.pulled for t in trials]
    yield Reading(ELEMENT, median(pulled), len(pulled), spread(pulled))
    yield Reading(FIRST, first, 1)
    yield Reading(STREAM, median(streams), len(streams), spread(streams))
    for name, by_button in ((PYTHON_P95, False), (BUTTON_P95, True)):
        hushed = [t.hushed for t in trials if t.by_button == by_button and t.hushed is not None]
        told = f"{spread(hushed)}; sound is held {hold:.0f} on average by the jitter buffer"
        yield Reading(name, percentile(hushed, 95), len(hushed), told)


def first_speech(lab: Lab, probe: Probe, offset: float) -> float:
    """From asking for the first speech to its first sound, ms; the voice may still be loading."""
    asked = lab.ask("import time; t = time.time_ns() / 1e6; speech = avatar.speak('Hello!')", "t")
    lab.ask("speech.wait(30)")
    lab.page.wait_for_timeout(1000)
    heard = onset(probe.read().graph, asked - offset) - (asked - offset)
    probe.forget()
    return float(heard)


def stream_trial(lab: Lab, probe: Probe, offset: float) -> float:
    """From the first token of an iterator to its first sound, ms."""
    lab.ask(TOKENS.format(rate=TOKENS_PER_S))
    lab.ask("speech.wait(30)")
    first = lab.ask("", "t") - offset
    lab.page.wait_for_timeout(500)
    heard = onset(probe.read().graph, first) - first
    probe.forget()
    return float(heard)


def trial(
    lab: Lab, probe: Probe, text: str, lead: float, by_button: bool, offset: float, after_s: float
) -> Trial:
    """Say `text`, cut it off `after_s` seconds after it was heard, and let it be quiet."""
    asked = lab.ask(f"import time; t = time.time_ns() / 1e6; speech = avatar.speak({text!r})", "t")
    asked -= offset
    lab.page.wait_for_timeout(600 + after_s * 1000)
    if by_button:
        cut = probe.interrupt()
    else:
        cut = lab.ask("t = time.time_ns() / 1e6; avatar.interrupt()", "t") - offset
    lab.page.wait_for_timeout(1300)
    recording = probe.read()
    heard = onset(recording.graph, asked) - asked
    pulled = onset(recording.pulled, asked) - asked
    sounding = recording.graph.between(cut - SOUNDING_MS, cut).peak.max() > AUDIBLE
    hushed = silence(recording, cut) - cut if sounding else None
    handed = float(lab.ask("", "speech.latency_ms"))
    held, _ = recording.held()
    probe.forget()
    return Trial(lead, handed, pulled, heard, hushed, held, by_button)


def silence(recording: Recording, cut: float) -> float:
    """When nothing more of a speech is heard that was cut off at `cut`.

    The stream has gone silent, or the page has muted its audio element before. A muted element is
    silent from the sound card's next buffer on, 10 ms at most: that is added.
    """
    ended = end_of_sound(recording.graph, cut)
    muted = [at for at, on in recording.mutes if on and at >= cut]
    if not muted:
        return ended
    first = min(muted)
    loud = recording.graph.at[recording.graph.peak > AUDIBLE]
    for at, on in recording.mutes:
        if not on and first < at and ((loud >= at) & (loud < ended)).any():
            return ended  # it was on again too early
    return min(ended, first + ELEMENT_MS)


_TAP = (
    "AudioWorklet on a MediaStreamAudioSourceNode of the avatar's stream in JupyterLab, blocks of "
    "128 samples, audible is a peak over -46 dB; without the sound card's own delay"
)
_PULL = (
    "as above, to the first audible sample that the audio element's own renderer pulls "
    "(MediaStreamTrackProcessor): what a user hears does not pass the measuring graph's buffer"
)
_SPEAK = f"time_ns before speak() in an idle kernel to the first audible block; {_TAP}"
_HUSH = (
    "{} in mid-speech to the end of the last audible block, or to the page's muting of its audio "
    f"element and {ELEMENT_MS:.0f} ms more; {_TAP}"
)

PARTS = (
    Part(
        "latency",
        (
            Spec(SPEAK_P50, "ms", 100, _SPEAK),
            Spec(SPEAK_P95, "ms", 140, _SPEAK),
            Spec(ELEMENT, "ms", None, _PULL),
            Spec(FIRST, "ms", None, f"as above, for the first speech; {_TAP}"),
            Spec(
                STREAM,
                "ms",
                200,
                f"time_ns where the iterator gives its first token of {TOKENS_PER_S} a second; the "
                f"first clause has two; {_TAP}",
            ),
            Spec(PYTHON_P95, "ms", 30, _HUSH.format("time_ns before interrupt() in the kernel")),
            Spec(BUTTON_P95, "ms", 12, _HUSH.format("a click on the page's Interrupt")),
        ),
        latency,
    ),
)
