"""The transcript as data: rows, text, files of captions."""

import builtins
import re
import sys
import types

import pytest

from ipyavatar.client.transcript import LENGTH, Transcript
from ipyavatar.core.speech import Speech, Utterance
from ipyavatar.errors import MissingPart


def speech(name, text, *, at, words=(), state="said", lasts=1.0, mode="repeat", answer=""):
    """One that was asked for at `at` on the monotonic clock, 1,000 s behind the wall's."""
    made = Speech(Utterance(name, text, mode, at), lambda _: None, 1000.0 + at)
    made.answer = answer
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


ANSWER = "Try **again**. [shrug]"
ANSWER_WORDS = (("Try", 0.0, 0.4), ("again.", 0.5, 0.9))


@pytest.fixture
def conversation():
    """Something said, a question with its answer, something heard, a question that has none yet."""
    made = Transcript()
    made.note(speech("s1", "Hello.", at=0.0))
    made.note(speech("s2", "Is it  *41*?", at=2.0, mode="talk", answer=ANSWER, words=ANSWER_WORDS))
    made.note_heard("h1", "Well\nnow.", 1004.0, 1005.0)
    made.note_asked("h2")
    made.note(speech("h2", "Is it 42?", at=6.0, mode="talk", state="queued"))
    return made


def test_a_text_tells_who_said_what(conversation):
    """The question as it was asked, and then the answer as captions show it."""
    assert conversation.to_text() == (
        "avatar: Hello.\n\nuser: Is it *41*?\n\navatar: Try again.\n\n"
        "user: Well now.\n\nuser: Is it 42?\n\n"
    )


def test_captions_are_what_the_avatar_answers(conversation):
    """At the time when that is heard, with or without the times of words."""
    assert conversation.to_srt() == (
        "1\n00:00:00,000 --> 00:00:01,000\nHello.\n\n"
        "2\n00:00:02,000 --> 00:00:02,900\nTry again.\n\n"
    )
    timed = conversation.to_vtt(word_times=True)
    assert "<00:00:02.500>again." in timed
    assert re.sub(r"<[\d:.]+>", "", timed) == conversation.to_vtt()


def test_an_answer_that_only_the_service_knows_has_no_caption():
    """The question is not written over its sound; its time still counts."""
    made = Transcript()
    made.note(speech("s1", "Why is the sky blue?", at=0.0, mode="talk", lasts=7.0))
    made.note(speech("s2", "So it is.", at=8.0))
    assert made.to_vtt() == "WEBVTT\n\n00:00:08.000 --> 00:00:09.000\nSo it is.\n\n"
    assert made.to_text() == "user: Why is the sky blue?\n\navatar: So it is.\n\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# One\nFirst.\n\n```python\nprint(1)\n```\nSecond.", "One First. Second."),
        ("This is kept. [shrug] 10⁻³ mol", "This is kept. 10⁻³ mol"),
        ("A <b>bold</b> [link](https://example.org).", "A bold link."),
    ],
)
def test_exports_are_without_markup(text, shown):
    """As captions are in the page; rows have the text as it was given."""
    made = Transcript()
    made.note(speech("s1", text, at=0.0))
    assert made.to_text() == f"{shown}\n\n"
    assert made.to_srt() == f"1\n00:00:00,000 --> 00:00:01,000\n{shown}\n\n"
    assert made.to_vtt() == f"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n{shown}\n\n"
    assert made.rows()[0]["text"] == text


def test_what_was_only_a_mark_has_no_caption():
    """Nothing of it is heard."""
    made = Transcript()
    made.note(speech("s1", "[smile]", at=0.0))
    assert made.to_text() == made.to_srt() == ""


def test_a_table_has_a_column_for_each_key_of_rows(conversation, monkeypatch):
    """Answers and who asked, too."""
    tables = types.ModuleType("pandas")
    tables.DataFrame = lambda rows, columns: (rows, columns)
    monkeypatch.setitem(sys.modules, "pandas", tables)
    rows, columns = conversation.to_frame()
    assert rows == conversation.rows()
    assert set(columns) == {key for row in rows for key in row}


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
        made.note(speech(f"s{number}", "One.", at=float(number), mode="talk"))
    assert len(made.rows()) == len(made) == LENGTH
    assert len(made._times) == len(made._questions) == LENGTH


def test_what_a_service_answers_a_user_is_the_answer_to_what_was_heard_last():
    """In two parts, where it is cut in two; with nothing heard it is nobody's."""
    made = Transcript()
    assert not made.note_reply("Who is there?")
    made.note_heard("h1", "Hello.", 1000.0, 1001.0)
    made.note_heard("h2", "What is a slope?", 1004.0, 1005.0)
    assert made.note_reply("A *slope*")
    assert made.note_reply("is a ratio.")
    assert [entry.get("answer") for entry in made] == [None, "A *slope* is a ratio."]
    assert made.to_text() == (
        "user: Hello.\n\nuser: What is a slope?\n\navatar: A slope is a ratio.\n\n"
    )
