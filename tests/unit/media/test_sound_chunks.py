"""Sound into chunks: an early first one, captions where they belong, nothing lost."""

import numpy as np
import pytest

from ipyavatar.engine.sound.samples import SoundBlock
from ipyavatar.media.sound_chunks import (
    FIRST_S,
    LATER_S,
    ChunkMaker,
    plan_captions,
    spread_words,
    whole,
)

RATE = 24_000


def sound(seconds):
    return SoundBlock(np.full(round(seconds * RATE), 0.1, np.float32), RATE)


def chunks_of(maker, seconds, step=0.05):
    chunks = []
    for _ in range(round(seconds / step)):
        chunks += maker.feed(sound(step))
    return chunks + list(maker.finish())


def test_the_first_chunk_comes_with_the_first_sound():
    maker = ChunkMaker()
    assert list(maker.feed(sound(FIRST_S / 2))) == []
    (first,) = maker.feed(sound(FIRST_S))
    assert first.duration == pytest.approx(FIRST_S)


def test_nothing_is_lost_and_chunks_are_bounded():
    chunks = chunks_of(ChunkMaker(), 2.0)
    assert sum(chunk.duration for chunk in chunks) == pytest.approx(2.0)
    assert max(chunk.duration for chunk in chunks) <= LATER_S


def test_captions_are_cut_to_the_length_of_the_sound():
    captions = plan_captions("One two. Three four five six!", 6.0)
    assert [c.text for c in captions] == ["One two.", "Three four five six!"]
    assert captions[-1].start + captions[-1].words[-1].end == pytest.approx(6.0)
    chunks = chunks_of(ChunkMaker(captions), 6.0)
    at, shown = 0.0, {}
    for chunk in chunks:
        if chunk.text:
            shown[chunk.text] = at
        at += chunk.duration
    assert shown == {c.text: pytest.approx(c.start, abs=0.01) for c in captions}


def test_a_sound_of_unknown_length_has_captions_at_the_usual_pace():
    captions = plan_captions("Hello there, everybody. And then?", 0.0)
    assert captions[0].start == 0.0
    assert 1.0 < captions[1].start < 3.0


def test_words_share_the_time_in_order():
    words = spread_words("a longer word", 3.0)
    assert [word.text for word in words] == ["a", "longer", "word"]
    assert words[0].end == words[1].start < words[1].end == words[2].start
    assert words[2].end == pytest.approx(3.0)
    assert spread_words("", 3.0) == ()


def test_chunks_joined_are_the_sound_with_its_words():
    chunks = chunks_of(ChunkMaker(plan_captions("One. Two.", 2.0)), 2.0)
    one = whole(chunks)
    assert one.duration == pytest.approx(2.0)
    assert one.text == "One. Two."
    assert [word.text for word in one.words] == ["One.", "Two."]
    assert one.words[1].start == pytest.approx(1.0, abs=0.01)
