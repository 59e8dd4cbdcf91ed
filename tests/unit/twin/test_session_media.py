"""A session whose speeches are said by a face, and the small parts around it."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.engine.playout import SAMPLE_RATE
from ipyavatar.errors import InvalidArgument
from ipyavatar.twin.heygen.chat import fields
from ipyavatar.twin.media.audio_input import PcmSegmenter
from ipyavatar.twin.media.vad import BEGIN_S, END_S, VoiceActivityDetector
from ipyavatar.twin.responder import find_responder, of_function, sentences
from ipyavatar.twin.session import Rules, TwinSession
from ipyavatar.twin.speech_length import LITE_RATE


def session(**rules):
    it = TwinSession("s", "heygen", "v2", Rules(idle_s=1000, max_s=10_000, **rules), 0.0)
    it.start(0.0)
    it.performed = True
    return it


def names(it):
    return [(event.name, event.speech_id) for event in it.events if event.name != "phase"]


def test_a_performed_speech_begins_and_ends_when_the_face_says_so():
    it = session()
    speech = it.speak(1.0, "a", 2.0, text="one")
    it.advance(60.0)
    assert (speech.state, names(it)) == ("queued", [])
    it.sounds(61.0, speech)
    assert (speech.state, speech.starts_at) == ("speaking", 61.0)
    it.said(64.5, speech)
    assert (speech.state, speech.seconds) == ("said", 3.5)
    assert names(it) == [("speech_started", "a"), ("speech_ended", "a")]


def test_what_the_face_says_of_an_interrupted_speech_is_ignored():
    it = session()
    first, second = it.speak(1.0, "a", 2.0), it.speak(1.0, "b", 2.0)
    it.sounds(1.5, first)
    it.interrupt(2.0)
    it.said(2.1, first)
    it.sounds(2.2, second)
    assert (first.state, second.state) == ("interrupted", "interrupted")
    assert it.head is None


def test_the_face_hears_of_every_piece_of_sound_and_of_the_end():
    it = session()
    told = []
    it.listeners.add(lambda: told.append(it.now))
    it.feed(1.0, "a", 0.1, b"12")
    it.feed(2.0, "a", 0.1, b"34")
    it.close_speech(3.0, "a")
    assert told == [1.0, 2.0, 3.0]
    assert it.head.sound == [b"12", b"34"]
    assert not it.head.open


def test_a_session_without_a_face_keeps_no_sound():
    it = session()
    it.performed = False
    it.feed(1.0, "a", 0.1, b"12")
    it.feed(1.0, "a", 0.1, b"34")
    assert it.head.sound == []


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_the_ear_tells_when_somebody_begins_and_ends(rate):
    told = []
    ear = VoiceActivityDetector(lambda speaking: told.append((speaking, at)))
    loud, quiet = np.full(rate // 50, 5000, np.int16), np.zeros(rate // 50, np.int16)
    at = 0.0
    for number in range(200):
        at = (number + 1) / 50
        ear.hear(loud if 50 <= number < 100 and number != 70 else quiet, rate)
    (begin, begun_at), (end, ended_at) = told
    assert (begin, end) == (True, False)
    assert begun_at == pytest.approx(1.0 + BEGIN_S, abs=0.021)
    assert ended_at == pytest.approx(2.0 + END_S, abs=0.021)


@given(st.lists(st.integers(1, 5000).map(lambda n: 2 * n), max_size=20))
def test_sound_in_pieces_of_any_size_keeps_its_length(sizes):
    segments = PcmSegmenter("s")
    got = [segments.feed(b"\x10\x20" * (size // 2), last=False) for size in sizes]
    got.append(segments.feed(b"", last=True))
    length = sum(len(segment.audio) for segment in got if segment)
    wanted = sum(sizes) / 2 * SAMPLE_RATE / LITE_RATE
    assert length == pytest.approx(wanted, abs=4)


def test_a_text_frame_of_the_sdk_is_read():
    # Captured from @heygen/streaming-avatar 2.1.0.
    frame = dict(fields(bytes.fromhex("0a0a1a086869207468657265")))
    assert dict(fields(frame[1])) == {3: b"hi there"}


@given(st.binary(max_size=200))
def test_garbage_in_place_of_a_frame_is_an_error_or_fields(data):
    try:
        found = list(fields(data))
    except ValueError:
        return
    assert sum(len(v) for _, v in found if isinstance(v, bytes)) <= len(data)


def answer(responder, text="hello"):
    async def go():
        return [part async for part in responder("session", text)]

    return asyncio.run(go())


async def _later(text):
    return f"later {text}"


async def _parts(text):
    yield "two"
    yield text


@pytest.mark.parametrize(
    ("function", "parts"),
    [
        (lambda text: text.upper(), ["HELLO"]),
        (lambda text: ["one", text], ["one", "hello"]),
        (_later, ["later hello"]),
        (_parts, ["two", "hello"]),
    ],
)
def test_a_function_of_any_kind_can_answer(function, parts):
    assert answer(of_function(function)) == parts


def test_a_responder_is_found_by_name():
    assert answer(find_responder("json:dumps")) == ['"hello"']
    assert "nobody is here to answer" in " ".join(answer(find_responder(None)))


@pytest.mark.parametrize(
    "spec",
    ["nonsense", "no_such_module_at_all:f", "json:nothing", "json:__name__", "http://host/v1"],
)
def test_a_responder_that_is_none_is_refused(spec):
    with pytest.raises(InvalidArgument):
        find_responder(spec)


def test_sentences_come_whole_out_of_a_stream():
    async def stream():
        for piece in ("Hel", "lo there. How", " are you? Fi", "ne"):
            yield piece

    async def go():
        return [sentence async for sentence in sentences(stream())]

    assert asyncio.run(go()) == ["Hello there.", "How are you?", "Fine"]
