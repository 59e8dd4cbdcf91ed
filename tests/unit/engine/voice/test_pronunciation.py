"""The packed dictionaries say what the unpacked ones say."""

import json

import pytest
from hibari.g2p import G2P
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.engine.voice import pronunciation
from ipyavatar.engine.voice.packed_map import PackedMap

TEXTS = (
    "The quick brown fox jumps over the lazy dog while 25 readers read what they had recorded.",
    "Dr. Smith's naïve résumé, from Frobnicatorville; I used to live there, live on TV!",
    "NASA and the UK's NHS object to the object. It's 5 o'clock — or is it? \ud800 \0 日本",
)
KEYS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))


@given(st.dictionaries(KEYS, st.recursive(st.none() | KEYS, st.lists)), st.lists(st.text()))
def test_a_packed_map_is_a_map(entries, others):
    packed = PackedMap({key: json.dumps(value).encode() for key, value in entries.items()})
    assert len(packed) == len(entries)
    for key in (*entries, *others, "\ud800"):
        assert packed.get(key) == entries.get(key)


@pytest.fixture(scope="module")
def pronunciations():
    return pronunciation.load_pronunciation(), G2P()


@pytest.mark.parametrize("text", TEXTS)
def test_packed_dictionaries_pronounce_as_unpacked_ones_do(pronunciations, text):
    packed, plain = (
        [
            (token.text, token.tag, token.phonemes)
            for token in g2p.phonemize_tokens(g2p.tokenize(text))
        ]
        for g2p in pronunciations
    )
    assert type(pronunciations[0].lexicon.golds.d) is PackedMap
    assert packed == plain


def test_another_version_of_the_pronunciation_is_loaded_its_own_way(monkeypatch, caplog):
    monkeypatch.setattr(pronunciation.hibari_g2p, "Lexicon", lambda gold: gold)
    with pytest.raises(TypeError):
        pronunciation._load_packed()
    monkeypatch.setattr(pronunciation.hibari_g2p, "G2P", lambda: "plain")
    assert pronunciation.load_pronunciation() == "plain"
    assert "unpacked" in caplog.text
