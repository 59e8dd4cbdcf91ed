"""The speeches of a session: handles, transcript, and which of them sounds."""

import pytest

from ipyavatar.client.speeches import Speeches
from ipyavatar.client.transcript import LENGTH
from ipyavatar.core.speech import Speech
from ipyavatar.protocol.page import Caption, SpeechUpdate


class Recorded:
    """Speeches with a clock that stands at 100 s."""

    def __init__(self):
        self.interrupted = []
        self.speeches = Speeches(lambda: self.interrupted.append, lambda: 100.0)

    def add(self, text="words", asked_at=99.0):
        speech = self.speeches.make(text, "repeat", asked_at)
        self.speeches.add(speech)
        return speech

    def report(self, speech, state, at=100.0, **more):
        name = speech if isinstance(speech, str) else speech.id
        update = SpeechUpdate(name, state, "words", at, asked_at=99.0, **more)
        return self.speeches.take(update)

    def sounding(self):
        update = self.speeches.sounding
        return None if update is None else update.speech

    def states(self):
        return [entry["state"] for entry in self.speeches.transcript]


@pytest.fixture
def recorded():
    return Recorded()


def test_each_speech_has_an_id_of_its_own_and_its_place(recorded):
    """In the order in which they were asked for, queued."""
    first, second = recorded.add("one"), recorded.add("two")
    assert first.id != second.id
    assert recorded.speeches.under_way() == [first, second]
    assert recorded.speeches.transcript.entries() == [
        {"speech": first.id, "text": "one", "state": "queued"},
        {"speech": second.id, "text": "two", "state": "queued"},
    ]


def test_asking_is_told_as_an_update(recorded):
    """For pages and observers: with the text, and when it was asked for."""
    speech = recorded.speeches.make("one", "talk", 99.5)
    update = recorded.speeches.add(speech)
    assert (update.speech, update.state, update.text) == (speech.id, "queued", "one")
    assert update.asked_at == 99.5
    assert speech.mode == "talk"


def test_what_sounds_is_known_by_its_id(recorded):
    """Queueing another, or dropping it, does not end what sounds."""
    first = recorded.add()
    recorded.report(first, "speaking")
    second = recorded.add()
    recorded.report(second, "queued")
    assert recorded.sounding() == first.id
    recorded.report(second, "interrupted")
    assert recorded.sounding() == first.id
    recorded.report(first, "said")
    assert recorded.sounding() is None


def test_the_next_one_may_sound_before_the_end_of_the_last_is_told(recorded):
    """The late end of the first does not silence the second."""
    first, second = recorded.add(), recorded.add()
    recorded.report(first, "speaking")
    recorded.report(second, "speaking")
    recorded.report(first, "said")
    assert recorded.sounding() == second.id


@pytest.mark.parametrize("end", ["said", "interrupted", "failed"])
def test_what_has_ended_stays_as_it_ended(recorded, end):
    """A late or doubled report is old news, and is not passed on."""
    speech = recorded.add()
    recorded.report(speech, "speaking", latency_ms=50.0)
    assert recorded.report(speech, end) is speech
    assert speech.done
    for late in ("queued", "speaking", "said", "interrupted", "failed"):
        assert recorded.report(speech, late) is None
    assert (speech.state, recorded.states()) == (end, [end])
    assert recorded.speeches.under_way() == []
    assert recorded.sounding() is None


def test_it_is_not_queued_again_once_it_sounds(recorded):
    """A new host repeats that it has queued it."""
    speech = recorded.add()
    recorded.report(speech, "speaking")
    assert recorded.report(speech, "queued") is None
    assert speech.state == "speaking"


def test_a_speech_that_is_not_known_was_asked_for_in_a_page(recorded):
    """It gets a handle and its place, and counts from the click."""
    speech = recorded.report("page-s-1", "queued")
    assert isinstance(speech, Speech)
    assert speech.utterance.asked_at == 99.0
    recorded.report("page-s-1", "speaking", at=99.5, latency_ms=500.0)
    recorded.report("page-s-1", "said", at=101.0)
    assert speech.first_audio_at == pytest.approx(speech.started_at + 0.5)
    assert speech.latency_ms == 500.0
    assert recorded.states() == ["said"]


def test_ending_one_by_ourselves_is_told_with_the_reason(recorded):
    """Where nobody else will."""
    speech = recorded.add()
    recorded.report(speech, "speaking")
    update = recorded.speeches.end(speech, "failed", "The host died.")
    assert (update.state, update.reason) == ("failed", "The host died.")
    assert (speech.state, speech.reason) == ("failed", "The host died.")
    assert recorded.sounding() is None
    assert recorded.states() == ["failed"]


def test_interrupting_a_handle_names_it(recorded):
    """The session is asked for that speech."""
    recorded.add()
    recorded.add().interrupt()
    assert recorded.interrupted == ["s2"]


def test_the_transcript_is_bounded_and_handles_are_not_kept(recorded):
    """The oldest are forgotten first; what has ended is kept by nobody."""
    for _ in range(LENGTH + 50):
        recorded.report(recorded.add(), "said")
    assert len(recorded.speeches.transcript) == LENGTH
    assert recorded.speeches.transcript.entries()[0]["speech"] == "s51"
    assert recorded.speeches.under_way() == []


def test_what_was_heard_is_without_markup_however_it_ends(recorded):
    """Marks for the face as well; the text stays as it was given."""
    speech = recorded.add("[smile] **Well** done!")
    recorded.report(speech, "said")
    assert (speech.text, speech.heard) == ("[smile] **Well** done!", "Well done!")


def test_of_what_was_heard_to_the_middle_the_words_until_then_are_kept(recorded):
    """And nothing of one that nobody could hear at all."""
    speech, other = recorded.add("One two. Three four."), recorded.add("Five.")
    recorded.report(speech, "speaking")
    words = [("One", 0.0, 0.4), ("two.", 0.5, 0.9)]
    recorded.speeches.take_caption(Caption(speech.id, "One two.", 100.0, words))
    words = [("Three", 0.0, 0.4), ("four.", 0.5, 0.9)]
    recorded.speeches.take_caption(Caption(speech.id, "Three four.", 101.0, words))
    recorded.speeches.note_heard_until(speech.id, 101.2)
    recorded.speeches.note_heard_until("gone", 101.2)
    recorded.report(speech, "said", at=110.0, reason="Only its beginning was heard.")
    assert (speech.state, speech.heard) == ("said", "One two. Three")
    recorded.speeches.take_caption(Caption(other.id, "Five.", 110.0, [("Five.", 0.0, 0.4)]))
    recorded.report(other, "said", at=111.0, reason="Nobody was watching.")
    assert other.heard == ""
