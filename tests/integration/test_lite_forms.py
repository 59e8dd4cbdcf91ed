"""LiveAvatar LITE, end to end, in each form in which real sessions tell of a speech."""

import time

import pytest

from ipyavatar import AvatarSession
from ipyavatar.protocol.page import Caption
from tests.support.patience import patient
from tests.support.twin_process import KEY, twin_process

TEXT = "One short sentence is enough for this."

FORMS = [
    ("speak", "source"),
    ("speak", "null"),
    ("speak", "same"),
    ("state", "source"),
    ("both", "null"),
    ("both", "source"),
]


@pytest.mark.parametrize(("events", "ids"), FORMS)
def test_a_speech_is_timed_shown_and_cut_in_each_form(events, ids, record_property):
    """Latency and captions are there, the end is told within 300 ms, and an interrupt ends it."""
    with twin_process("--events", events, "--event-ids", ids) as twin:
        session = AvatarSession(
            "liveavatar", sandbox=True, api_key=KEY, base_url=twin.url, host="thread"
        )
        captions = []
        session.observe(lambda r: captions.append(r) if isinstance(r, Caption) and r.text else None)
        with session:
            session.start().wait(30)
            for _ in range(2):
                speech = session.speak(TEXT).wait(60)
                assert speech.state == "said"
                assert speech.latency_ms is not None
            # Of the second: on a slow machine the first waits in its middle for a new voice.
            late = speech.finished_at - speech.first_audio_at - speech.words[-1][2]
            record_property("late_ms", round(late * 1000))
            # A voice ends with a little silence of its own.
            assert -0.3 < late < patient(0.6)
            cut = session.speak(TEXT * 5)
            deadline = time.monotonic() + patient(15)
            while cut.state == "queued" and time.monotonic() < deadline:
                time.sleep(0.02)
            assert cut.state == "speaking"
            began = time.monotonic()
            cut.interrupt()
            cut.wait(patient(5))
            assert cut.state == "interrupted"
            assert time.monotonic() - began < patient(1.0)
            after = session.speak(TEXT).wait(30)
            assert (after.state, after.latency_ms is not None) == ("said", True)
        assert captions
