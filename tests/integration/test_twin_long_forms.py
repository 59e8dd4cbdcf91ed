"""LiveAvatar LITE for ten minutes of real time, in each form in which its events come.

`make long` runs it; `test_lite_forms.py` plays the forms for half a minute in CI. A session for
each form, all at once, each with a twin of its own, a viewer in its room, a speech every 12 s.
"""

import contextlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import psutil
import pytest

from ipyavatar import AvatarSession
from ipyavatar.protocol.page import Caption
from ipyavatar.twin.liveavatar.catalogue import AVATARS
from tests.support.processes import until
from tests.support.room_listeners import listeners
from tests.support.sdk import KEY, twin_process

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(
        not os.environ.get("IPYAVATAR_TEN_MINUTES"),
        reason="ten minutes: `make long`; test_lite_forms.py plays the forms in CI",
    ),
]

SECONDS = 600
SPEECH_EVERY_S = 12
FORMS = ("speak", "state", "both")
TEXT = "Well, she was sure that many more people would be coming along the river road today."


@dataclass
class Run:
    """What came of one form."""

    speeches: list = field(default_factory=list)
    captions: int = 0
    rss: list = field(default_factory=list)  # of its twin, after each speech
    reports: list = field(default_factory=list)  # of the viewer, one a second
    cut: list = field(default_factory=list)  # seconds from interrupt to the speech's end


@contextlib.contextmanager
def in_room(session, twin, ears, form):
    """The session is live, and `form` watches it."""
    with session:
        session.start().wait(60)
        (row,) = twin.state()["sessions"]
        ears.join(form, twin.url, twin.viewer(row["id"], form))
        until(lambda: ears.of(form) and ears.of(form)[-1]["pictures"], 40, f"{form} sees something")
        yield


def play(form, ears):
    """One form from its first to its last speech; each fifth one is cut off."""
    run = Run()
    options = ("--events", form, "--max-duration", "3600", "--idle-timeout", "3600")
    with twin_process(*options) as twin:
        session = AvatarSession(
            "liveavatar", avatar_id=AVATARS[0][0], api_key=KEY, base_url=twin.url, host="thread"
        )
        session.observe(lambda r: note_caption(run, r))
        with in_room(session, twin, ears, form):
            session.speak("The voice is loaded now.").wait(60)
            first, begin = len(ears.of(form)), time.monotonic()
            for number in range(SECONDS // SPEECH_EVERY_S):
                time.sleep(max(0.0, begin + number * SPEECH_EVERY_S - time.monotonic()))
                speech = session.speak(TEXT)
                run.speeches.append(speech)
                if number % 5 == 4:
                    cut_off(run, speech)
                speech.wait(30)
                run.rss.append(psutil.Process(twin.process.pid).memory_info().rss)
            run.reports = ears.of(form)[first:]
    return run


def note_caption(run, told):
    run.captions += isinstance(told, Caption) and bool(told.text)


def cut_off(run, speech):
    until(lambda: speech.state == "speaking", 10, "it speaks")
    time.sleep(1)
    began = time.monotonic()
    speech.interrupt()
    speech.wait(10)
    run.cut.append(time.monotonic() - began)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """What came of each form; all are played at once."""
    with (
        pytest.MonkeyPatch.context() as patch,
        listeners() as ears,
        ThreadPoolExecutor(len(FORMS)) as threads,
    ):
        folder = tmp_path_factory.mktemp("state")
        patch.setenv("IPYAVATAR_STATE_DIR", str(folder))
        return dict(zip(FORMS, threads.map(lambda form: play(form, ears), FORMS), strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_every_speech_is_said_or_cut_and_shown(runs, form, record_property):
    run = runs[form]
    wanted = ["interrupted" if n % 5 == 4 else "said" for n in range(SECONDS // SPEECH_EVERY_S)]
    record_property(form, f"{len(run.speeches)} speeches, {run.captions} captions")
    assert [speech.state for speech in run.speeches] == wanted
    assert all(speech.latency_ms is not None for speech in run.speeches)
    assert run.captions >= len(run.speeches)
    assert max(run.cut) < 1.0


@pytest.mark.parametrize("form", FORMS)
def test_neither_latency_nor_the_end_comes_later(runs, form, record_property):
    """The first ten speeches that were said against the last ten, by their medians."""
    said = [speech for speech in runs[form].speeches if speech.state == "said"]
    latency = [speech.latency_ms / 1000 for speech in said]
    # From the last word's end by its time; a voice ends with a little silence of its own.
    late = [s.finished_at - s.first_audio_at - s.words[-1][2] for s in said]
    for name, values in (("latency", latency), ("end", late)):
        before, after = np.median(values[:10]), np.median(values[-10:])
        record_property(f"{form}, {name}", f"{before * 1000:.0f}, then {after * 1000:.0f} ms")
        assert after - before < 0.1
    assert -0.3 < min(late) < max(late) < 0.6


@pytest.mark.parametrize("form", FORMS)
def test_the_sound_is_complete_and_memory_flat(runs, form, record_property):
    run = runs[form]
    sounds = np.mean([report["packets"] for report in run.reports])
    before, after = np.median(run.rss[:5]) / 1e6, np.median(run.rss[-5:]) / 1e6
    record_property(form, f"{sounds:.2f} packets a second; RSS {before:.1f}, then {after:.1f} MB")
    assert sounds == pytest.approx(50, abs=0.5)
    assert after - before < 10
