# ruff: noqa: RUF001 - phonemes are IPA

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.engine.voice.splitter import (
    FIRST_CLAUSE,
    FIRST_WORD,
    LATER,
    MAX_CHARS,
    Pause,
    pack,
    pieces,
)


def squeezed(text: str) -> str:
    return "".join(text.split())


def sentences(text: str) -> list[str]:
    return [piece.text for piece in pieces(text)]


PROSE = st.lists(
    st.sampled_from(
        [*"aB1.,;!? \n", "\n\n", "Dr. ", "No. 5 ", "e.g. ", "word ", "The ", "3.14", "—", "x" * 70]
    )
    | st.text(max_size=12),
    max_size=80,
).map("".join)


@given(PROSE)
def test_pieces_keep_every_character_in_order(text: str) -> None:
    assert "".join(squeezed(s) for s in sentences(text)) == squeezed(text)


@given(PROSE)
def test_pieces_are_never_empty_or_too_long(text: str) -> None:
    assert all(0 < len(s) <= MAX_CHARS for s in sentences(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("find . -name x", ["find . -name x"]),
        ("x ? 1 : 0", ["x ? 1 : 0"]),
        ("J.R.R. Tolkien. R.I.P. He was", ["J.R.R. Tolkien.", "R.I.P.", "He was"]),
        ("He (b. 1990, d. 2020). Plan b. 5 go.", ["He (b. 1990, d. 2020).", "Plan b.", "5 go."]),
        ("I met Sam. 5 came. See Sam. 5:3 now.", ["I met Sam.", "5 came.", "See Sam. 5:3 now."]),
        ("In the 1st c. BC it was.", ["In the 1st c. BC it was."]),
        ("In A.D. 50. See Vol. II. Bye.", ["In A.D. 50.", "See Vol. II.", "Bye."]),
        ("Quoi ? Rien : non.", ["Quoi ?", "Rien : non."]),
        ("The velocity is v. The mass is m.", ["The velocity is v.", "The mass is m."]),
        ("Roe v. Wade. Why?", ["Roe v. Wade.", "Why?"]),
        ("No. V for victory. No. V", ["No.", "V for victory.", "No. V"]),
        ("The N.B.A. Players came.", ["The N.B.A.", "Players came."]),
        ("Is it ok? if so : yes", ["Is it ok? if so : yes"]),
        ("Are you sure ? Well : I am.", ["Are you sure ?", "Well : I am."]),
        ("Dr. Smith met Mrs. Jones.", ["Dr. Smith met Mrs. Jones."]),
        ("See e.g. Paris. It is old.", ["See e.g. Paris.", "It is old."]),
        ("Go to No. 5 now.", ["Go to No. 5 now."]),
        ("He said no. Then he left.", ["He said no.", "Then he left."]),
        ("It is 3.14 or 2.71. Fine.", ["It is 3.14 or 2.71.", "Fine."]),
        ("The U.S. Army came. Good.", ["The U.S. Army came.", "Good."]),
        ("He lives in the U.S. The end.", ["He lives in the U.S.", "The end."]),
        ("J. K. Rowling wrote it.", ["J. K. Rowling wrote it."]),
        ("Wait... what? Yes.", ["Wait... what?", "Yes."]),
        ('"Stop!" he cried. "Why?"', ['"Stop!" he cried.', '"Why?"']),
        ("At 5 p.m. we left. Then rain.", ["At 5 p.m. we left.", "Then rain."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_wrapped_lines_are_one_sentence_and_short_lines_are_not() -> None:
    wrapped = "This line was wrapped by an editor at about seventy characters in\nParis today."
    assert len(sentences(wrapped)) == 1
    assert sentences("Shopping\nMilk\nBread") == ["Shopping", "Milk", "Bread"]


def test_a_blank_line_makes_the_longest_pause() -> None:
    pauses = [piece.pause for piece in pieces("One. Two.\n\nThree.")]
    assert pauses == [Pause.SENTENCE, Pause.PARAGRAPH, Pause.SENTENCE]


def test_an_endless_run_is_cut_at_clauses_before_words() -> None:
    text = "a word or two, " * 40
    first = next(iter(pieces(text)))
    assert first.pause is Pause.CLAUSE
    assert first.text.endswith(",")


@dataclass(frozen=True)
class Tok:
    phonemes: str


TOKENS = st.lists(
    st.builds(Tok, st.text("ˈabcdə", max_size=14) | st.sampled_from([",", ".", ";", ""])),
    max_size=150,
)


def size(tokens: list[Tok]) -> int:
    return sum(len(t.phonemes) + 1 for t in tokens)


@given(TOKENS, st.booleans())
def test_pack_keeps_every_token_in_order_and_bounds_chunks(tokens: list[Tok], first: bool) -> None:
    chunks = [list(chunk) for chunk, _ in pack(tokens, first)]
    assert [t for chunk in chunks for t in chunk] == tokens
    # A rest too short to stand alone is kept with what is before it.
    assert all(size(chunk) <= LATER + 12 for chunk in chunks)
    if first and chunks:
        assert size(chunks[0]) <= FIRST_WORD + 12


def words(*phonemes: str) -> list[Tok]:
    return [Tok(p) for p in phonemes]


def test_the_first_chunk_ends_at_its_first_clause() -> None:
    tokens = words("ɡˈʊd", "mˈɔɹnɪŋ", ",", *["wˈɜɹd"] * 20)
    (first, at_clause), *_ = pack(tokens, first=True)
    assert len(first) == 3
    assert at_clause
    assert size(list(first)) >= FIRST_CLAUSE


def test_a_first_chunk_without_punctuation_ends_before_an_unstressed_word() -> None:
    tokens = words("wˈɜɹd", "wˈɜɹd", "wˈɜɹd", "wˈɜɹd", "ðə", "wˈɜɹd", *["wˈɜɹd"] * 9)
    (first, at_clause), *_ = pack(tokens, first=True)
    assert len(first) == 4
    assert not at_clause


def test_later_chunks_take_a_whole_sentence() -> None:
    tokens = words(*["wˈɜɹd", ","] * 15)
    assert len(list(pack(tokens, first=False))) == 1
