# ruff: noqa: RUF001, SIM905 - letters of other scripts; word lists

import itertools
import logging
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.engine.voice.text_normalization import _EXACT, _TABLES, normalize_text, numbers
from ipyavatar.engine.voice.text_normalization.rule import apply_rules, rule
from ipyavatar.engine.voice.word_alignment import align_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Python 3.11 and pi 3.14", "Python three point eleven and pi three point one four"),
        ("v1.2.3", "version one point two point three"),
        ("C++, C# and .NET", "C plus plus, C sharp and dot net"),
        ("a >= b != c", "a is greater than or equal to b is not equal to c"),
        ("e.g. this", "for example this"),
        ("It costs 20 €.", "It costs twenty euros."),
        ("See https://www.example.com/a/b.html?x=1.", "See example dot com."),
        ("mail bob.smith@example.org.", "mail bob dot smith at example dot org."),
        ("α and √2", "alpha and the square root of two"),
        ("1e-5", "one times ten to the minus five"),
        ("open file.py", "open file dot p y"),
        ("the end.Next one", "the end. Next one"),
        ("U.S. and Ph.D.", "U.S. and Ph.D."),
        ("hello мир 日本", "hello"),
        ("1234567890123", "one two three four five six seven eight nine zero one two three"),
        ("%", "percent"),
    ],
)
def test_spoken(text: str, expected: str) -> None:
    assert normalize_text(text) == expected


def test_every_rule_has_its_own_reason() -> None:
    rules = [*_EXACT, *itertools.chain.from_iterable(_TABLES)]
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.why for rule in rules)


def test_a_rule_that_fails_changes_nothing_and_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rules = [rule("failing", r"\d", lambda m: {}[m.group()], "Of a test."), rule("b", "b", "c", "")]
    with caplog.at_level(logging.ERROR):
        assert apply_rules(rules, "a 1 b 2") == "a 1 c 2"
        assert apply_rules(rules, "3") == "3"
    assert len(caplog.records) == 1


@given(st.integers(0, 10**18))
def test_cardinals_are_words(number: int) -> None:
    assert re.fullmatch("[a-z -]+", numbers.cardinal(number))


@pytest.mark.parametrize(
    ("number", "cardinal", "ordinal", "year"),
    [
        (0, "zero", "zeroth", "zero"),
        (12, "twelve", "twelfth", "twelve"),
        (21, "twenty-one", "twenty-first", "twenty-one"),
        (1000, "one thousand", "one thousandth", "one thousand"),
        (1905, "one thousand nine hundred five", "one thousand nine hundred fifth",
         "nineteen oh five"),
        (1900, "one thousand nine hundred", "one thousand nine hundredth", "nineteen hundred"),
        (2005, "two thousand five", "two thousand fifth", "two thousand five"),
        (2024, "two thousand twenty-four", "two thousand twenty-fourth", "twenty twenty-four"),
    ],
)  # fmt: skip
def test_numbers(number: int, cardinal: str, ordinal: str, year: str) -> None:
    assert numbers.cardinal(number) == cardinal
    assert numbers.ordinal(number) == ordinal
    assert numbers.year(number) == year


@pytest.mark.parametrize(
    "mark", ["a", "1", "1,", "a.", "_a", "((a", "<", "$", "I", "A", "é", "/a", "1/", "0x"]
)
def test_a_long_sentence_costs_no_more_than_its_pieces(mark: str) -> None:
    """Twice as much of anything takes about twice as long."""

    def cost(length: int) -> float:
        text = (mark * length)[:length]
        began = time.process_time()
        normalize_text(text)
        return time.process_time() - began

    cost(300)
    assert cost(16_000) < 4 * cost(8_000) + 0.3


@given(st.lists(st.sampled_from("the price is $5 five dollars now".split())), st.data())
def test_alignment_is_in_order_and_complete(written: list[str], data: st.DataObject) -> None:
    said = data.draw(st.lists(st.sampled_from("the price is five dollars now".split())))
    spans = align_words(written, said)
    assert len(spans) == len(written)
    ends = [0, *(end for _, end in spans)]
    assert all(before <= a <= b for before, (a, b) in zip(ends, spans, strict=False))


def test_alignment_gives_a_symbol_all_its_words() -> None:
    written, said = ["It", "is", "$5", "now."], ["It", "is", "five", "dollars", "now."]
    assert align_words(written, said) == [(0, 1), (1, 2), (2, 4), (4, 5)]


PLAIN = (
    "We'll see what they'll do, and I'll go.",
    "You’ll like it; it'll work, that'll do, y'all.",
    "I'm sure he's right, they've gone, who'd say it can't be.",
    "This is the book I read, the step I took, the page I was on, the Part I like.",
    "The dogs' tails and the boss's chair shouldn't've been there.",
)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_english_stays_as_it_is(text):
    """Both sides of a table of readings come through the rules: what they break shows only here."""
    assert normalize_text(text) == text.replace("’", "'")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ISO8601-2004", "ISO eighty-six oh one- two thousand four"),
        ("RTX4090", "RTX forty ninety"),
        ("COVID19", "COVID nineteen"),
        ("C12H22O11", "C twelve H twenty-two O eleven"),
        ("UA2817", "UA twenty-eight seventeen"),
    ],
)
def test_a_name_with_a_number_is_no_code(name, said):
    assert normalize_text(name) == said


@pytest.mark.parametrize(
    "name", ["Chapter", "page", "step", "item", "Class", "Type", "King", "War"]
)
@pytest.mark.parametrize("word", ["is", "into", "visit", "left", "can't", "Charles", "Members"])
def test_a_word_after_what_is_counted_is_no_numeral(name, word):
    """An empty numeral was said as "zero": the page zerois here."""
    text = f"The {name} {word} here."
    assert normalize_text(text) == text
