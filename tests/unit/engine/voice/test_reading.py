"""What is heard of a text: what its plain English words sound like."""

# ruff: noqa: RUF001, SIM905 - letters of other scripts; lists of texts

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipyavatar.core.markup import find_unreadable, strip_markup
from ipyavatar.core.text import clean_text
from ipyavatar.engine.voice.hibari import _lines, _phonemes
from ipyavatar.engine.voice.model import shared_model
from ipyavatar.engine.voice.splitter import pieces
from ipyavatar.engine.voice.text_normalization import normalize_text, rule
from ipyavatar.engine.voice.text_normalization.units import UNITS

TABLES = Path(__file__).with_name("reading")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


@pytest.fixture(autouse=True, scope="module")
def _failing_rules_raise() -> Iterator[None]:
    """A speech survives a rule that fails; here such a rule is to be found."""

    def fail(_name: str) -> None:
        raise  # noqa: PLE0704 - what is being handled where a rule failed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule, "report_failure", fail)
        yield


def rows(name: str) -> list[tuple[str, str]]:
    lines = (TABLES / name).read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("# "))
    return [
        (_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text).replace("<NL>", "\n"), heard)
        for text, heard in pairs
        if heard
    ]


def heard(text: str) -> str:
    """The phonemes of `text`, through all that the voice does before its network."""
    model = shared_model()
    return " ".join(
        _phonemes(line.tokens)[0]
        for piece in pieces(strip_markup(clean_text(text)))
        for line in _lines(model, piece, first=False)
    )


def sounds(text: str) -> str:
    """Without stress and spaces: "4" by itself is stressed otherwise than in a compound."""
    return re.sub(r"[ˈˌ\s]", "", heard(text))


def cases() -> list[object]:
    given_ = [line for line in rows("given.tsv") if not line[0].startswith("text<TAB>")]
    return [pytest.param(*row, id=row[0][:40]) for row in (*given_, *rows("more.tsv"))]


def test_the_tables_are_read():
    assert len(rows("given.tsv")) == 44
    assert len(rows("more.tsv")) > 500


@pytest.mark.parametrize(("text", "words"), cases())
def test_a_text_is_heard_as_its_words_are(text, words):
    assert sounds(text) == sounds(words)


def prose() -> list[str]:
    lines = (TABLES / "prose.tsv").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


@pytest.mark.parametrize("text", prose())
def test_plain_english_is_heard_as_it_is_written(text):
    said = " ".join(normalize_text(piece.text) for piece in pieces(strip_markup(clean_text(text))))
    assert letters(said) == letters(text)


def letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


READABLE = st.characters(
    categories=("Lu", "Ll", "Lt", "Lo", "N", "Sm", "Sc"), exclude_characters=">|＞"
)


@settings(max_examples=300, deadline=None)
@given(READABLE)
def test_no_character_vanishes_in_silence(char):
    """Each letter, number and sign has a sound, or is named in a warning."""
    assert find_unreadable(char) or any(map(str.isalpha, heard(char))), unicodedata.name(char, "?")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(READABLE, min_size=1, max_size=3), min_size=1, max_size=4).map(" ".join))
def test_no_text_vanishes_in_silence(text):
    assert find_unreadable(text) or any(map(str.isalpha, heard(text)))


PIECES = st.sampled_from(
    r"""1 2.5 .5 -3 1,000 5/6 3:45 pm $5 € % x² H₂O ½ 6'2" 16" K kg km/h May Henry VIII df.x( )
    [1,2] a_b aB == -> <= ** * https://a.b/c a@b.c #x @y /a/b 10⁻³ v1.2 e.g. No. WARNING: THE и 日
    é ﬁ 😀 , . ! ( " ' – — … $x^2$ \\frac{ <think> | <|""".split()
)
MIXED = st.lists(PIECES | st.text(st.characters(), max_size=4), max_size=14).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda gap: gap.join(parts))
)


NUMBERS = st.sampled_from("0 1 5 2.5 .5 -3 1,000 10 1e6 10⁻³ ½ 2½ 1/4 $5 R$5 $-5".split())
AFTER = st.sampled_from(
    ["", *"^2 ^3 ^4 ^-1 ^{-1} ² ³ ⁻¹ ⁻² / · × * % ° ' \" - – = ! | ( ) .. : per N E W am".split()]
)
MEASURED = st.lists(
    st.tuples(NUMBERS, st.sampled_from(["", " "]), st.sampled_from(["", *UNITS]), AFTER, AFTER),
    min_size=1,
    max_size=4,
).map(lambda parts: "".join(map("".join, parts)))


@settings(max_examples=300, deadline=None)
@given(MEASURED)
def test_any_quantity_is_written_out_without_an_exception(text):
    assert any(map(str.isalpha, normalize_text(strip_markup(text))))


@settings(max_examples=300, deadline=None)
@given(MIXED)
def test_any_text_is_said_without_an_exception(text):
    """Surrogates, broken formulas, half a call: something is heard, or nothing."""
    heard(text)


@settings(max_examples=300, deadline=None)
@given(MIXED)
def test_what_is_written_out_has_no_digits_and_stays(text):
    """No digit and no foreign letter is left; to write it out again changes little."""
    said = normalize_text(strip_markup(clean_text(text)))
    assert said == said.strip()
    assert not any(c.isdigit() for c in said)
    assert find_unreadable(said) == ""
    again = normalize_text(said)
    assert not any(c.isdigit() for c in again)


@pytest.mark.parametrize("text", ["", ",", " ", "…", "---", "🎉🎉", "\x00", "\ud83d"])
def test_nothing_to_say_makes_no_sound(text):
    assert not any(map(str.isalpha, heard(text)))


def test_words_of_captions_are_as_written():
    """A caption shows what was written, each word with what is said for it."""
    (piece,) = pieces("It is 10⁻³ mol in May 5.")
    (line,) = _lines(shared_model(), piece, first=False)
    written = [word for word, _, _ in line.words]
    assert written == ["It", "is", "10⁻³", "mol", "in", "May", "5."]
    said = {word: "".join(t.phonemes for t in line.tokens[a:b]) for word, a, b in line.words}
    assert all(said.values())
    assert said["It"].endswith("ɪt")
