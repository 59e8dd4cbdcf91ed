"""Which written word belongs to which spoken ones: "$5" is said "five dollars"."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher


def align_words(written: Sequence[str], spoken: Sequence[str]) -> list[tuple[int, int]]:
    """For each written word the span of spoken words that say it.

    Args:
        written: Words as the user wrote them.
        spoken: Words as they are said, in the same order.

    Returns:
        One `(first, end)` per written word, indices into `spoken`, in order and not overlapping;
        empty (`first == end`) for what is not said.
    """
    spans: list[tuple[int, int]] = []
    matcher = SequenceMatcher(
        None, [_key(word) for word in written], [_key(word) for word in spoken], autojunk=False
    )
    for _, a, a_end, b, b_end in matcher.get_opcodes():
        count, said = a_end - a, b_end - b
        # Unlike words in a row share what is said for them in equal parts.
        spans += [(b + said * i // count, b + said * (i + 1) // count) for i in range(count)]
    return spans


def _key(word: str) -> str:
    return "".join(c for c in word.lower() if c.isalnum())
