"""What the pronunciation knows: words, against acronyms and what programmers write."""

# ruff: noqa: SIM905 - lists of words

from __future__ import annotations

import functools

_VOWELS = frozenset("aeiouy")


@functools.lru_cache(4096)
def is_word(word: str) -> bool:
    """Whether `word`, in lower case, is in the dictionary, or is a form of one that is."""
    gold, silver = _dictionaries()
    if _in(gold, word):
        return True
    if len(word) > 3 and _in(silver, word):
        return True
    stems = {word[: -len(end)] + new for end, new in _ENDS if word.endswith(end)}
    return len(word) > 4 and any(len(stem) > 2 and _in(gold, stem) for stem in stems)


_ENDS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("d", ""), ("ed", ""), ("ied", "y"), ("ing", ""),
    ("ing", "e"), ("ly", ""), ("er", ""), ("er", "e"), ("n't", ""), ("'s", ""),
)  # fmt: skip


def is_acronym(word: str) -> bool:
    """Whether the dictionary has `word`, all in capitals, as such: "US", "NASA"."""
    gold, _ = _dictionaries()
    return _in(gold, word)


def split_compound(word: str) -> tuple[str, ...]:
    """`"groupby"` is "group" and "by"; what is no two words stays as it is."""
    if not 5 <= len(word) <= 24 or is_word(word):
        return (word,)
    for cut in sorted(range(2, len(word) - 1), key=lambda at: abs(2 * at - len(word))):
        head, tail = word[:cut], word[cut:]
        if _is_part(head) and _is_part(tail):
            return (head, " ".join(tail) if tail in _SPELLED else tail)
    return (word,)


def _is_part(word: str) -> bool:
    if len(word) == 2:
        return word in _SHORT or word in _SPELLED
    return is_word(word)


def is_pronounceable(word: str) -> bool:
    """Whether `word` can be read as a word, and need not be spelled: "df" cannot."""
    return is_word(word) or (len(word) > 2 and not _VOWELS.isdisjoint(word))


_SPELLED = frozenset(("na", "db", "df", "id"))
_SHORT = frozenset("as at be by do go if in is it my no of on or so to up us we".split())


def _in(entries: object, word: str) -> bool:
    return entries.get(word) is not None  # type: ignore[attr-defined]


def _dictionaries() -> tuple[object, object]:
    from ..pronunciation import load_dictionaries  # late: they are large

    return load_dictionaries()
