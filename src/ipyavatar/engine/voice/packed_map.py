"""A read-only map that takes a tenth of a dict's memory, for dictionaries of 100,000 words."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

CACHED = 2048
"""Values kept decoded: what nearly every sentence asks for."""

_SEPARATOR = b"\0"


class PackedMap:
    """Strings to JSON values, null as if it were not there: one block of bytes, found by hash.

    Args:
        entries: What it holds, values as JSON; keys hold no NUL.
    """

    def __init__(self, entries: Mapping[str, bytes | msgspec.Raw]) -> None:
        hashes = np.fromiter(map(hash, entries), np.int64, len(entries))
        order = np.argsort(hashes)
        records = [key.encode() + _SEPARATOR + bytes(value) for key, value in entries.items()]
        lengths = np.fromiter(map(len, records), np.int64, len(records))
        self._hashes = array("q", hashes[order].tobytes())
        self._ends = array("q", np.cumsum(lengths[order]).tobytes())
        self._records = b"".join(map(records.__getitem__, order.tolist()))
        self._cached = lru_cache(CACHED)(self._find)

    def __len__(self) -> int:
        return len(self._hashes)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`; nobody may change it."""
        value = self._cached(key)
        return default if value is None else value

    def _find(self, key: str) -> Any:
        wanted = hash(key)
        index = bisect_left(self._hashes, wanted)
        while index < len(self._hashes) and self._hashes[index] == wanted:
            begin = self._ends[index - 1] if index else 0
            found, _, value = self._records[begin : self._ends[index]].partition(_SEPARATOR)
            if found == key.encode("utf-8", "surrogatepass"):
                return msgspec.json.decode(value)
            index += 1
        return None
