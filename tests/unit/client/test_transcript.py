"""The transcript as data: rows, text, files of captions."""

import builtins

import pytest

from ipyavatar.client.transcript import LENGTH, Transcript
from ipyavatar.core.speech import Speech, Utterance
from ipyavatar.errors import MissingPart


def speech(name, text, *, at, words=(), state="said", lasts=1.0):
    """One that was asked for at `at` on the monotonic clock, 1,000 s behind the wall's."""
    made = Speech(Utterance(name, text, asked_at=at), lambda _: None, 1000.0 + at)
    if state != "queued":
        made.change("speaking", at + 0.1, latency_ms=100.0)
        made.change(state, at + 0.1 + lasts, words=words)
    return made


@pytest.fixture
def transcript():
    made = Transcript()
    for one in (
        speech("s1", "Hello  there.", at=0.0, words=[("Hello", 0.0, 0.4), ("there.", 0.5, 0.9)]),
        speech("s2", "Never heard.", at=1.0, state="queued"),
        speech("s3", "Cut off here.", at=5.0, words=[("Cut", 0.0, 0.3)], state="interrupted"),
    ):
        made.note(one)
    return made


def test_rows_have_times(transcript):
    """Of the wall clock; of words from the first sound."""
    first, waiting, _ = transcript.rows()
    assert first["first_audio_at"] == pytest.approx(1000.1)
    assert first["finished_at"] == pytest.approx(1001.1)
    assert first["words"] == (("Hello", 0.0, 0.4), ("there.", 0.5, 0.9))
    assert (waiting["state"], waiting["first_audio_at"]) == ("queued", None)
    assert set(transcript.entries()[0]) == {"speech", "text", "state"}


def test_text_is_what_was_heard(transcript):
    """A paragraph each."""
    assert transcript.to_text() == "Hello there.\n\nCut off here.\n\n"


def test_captions_begin_with_the_first_sound(transcript):
    """Of what was cut off they have the words that were heard."""
    assert transcript.to_srt() == (
        "1\n00:00:00,000 --> 00:00:00,900\nHello there.\n\n"
        "2\n00:00:05,000 --> 00:00:05,300\nCut\n\n"
    )
    assert "<00:00:00.500>there." in transcript.to_vtt(word_times=True)


def test_what_was_said_faster_than_time_does_not_overlap():
    """Words tell how long a speech is, whenever it was over."""
    made = Transcript()
    for number in range(3):
        words = [("One", 0.0, 1.0), ("two.", 1.0, 4.0)]
        made.note(speech(f"s{number}", "One two.", at=number * 0.2, words=words, lasts=0.1))
    times = [line for line in made.to_vtt().splitlines() if "-->" in line]
    assert times == [
        "00:00:00.000 --> 00:00:04.000",
        "00:00:04.000 --> 00:00:08.000",
        "00:00:08.000 --> 00:00:12.000",
    ]


def test_a_table_needs_pandas(transcript, monkeypatch):
    """Where it is not installed the error says what to do."""
    real = builtins.__import__

    def refuse(name, *rest):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingPart, match=r"pip install \"ipyavatar\[pandas\]\""):
        transcript.to_frame()


def test_what_is_forgotten_is_forgotten_whole():
    """The oldest that have ended, with their times."""
    made = Transcript()
    for number in range(LENGTH + 5):
        made.note(speech(f"s{number}", "One.", at=float(number)))
    assert len(made.rows()) == len(made) == LENGTH
    assert len(made._times) == LENGTH
