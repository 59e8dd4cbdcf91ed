"""The pronunciation of hibari-tts with its dictionaries packed: 15 MB instead of 105.

What it says is the same. Only how its assets are loaded is ours, so this belongs to hibari-tts 0.2;
should another version keep them differently, its own way of loading is used.
"""

from __future__ import annotations

import functools
import gzip
import importlib.resources
from typing import Any, TypeVar

import msgspec
from hibari import g2p as hibari_g2p

from ...core.log import get_logger
from .packed_map import PackedMap

_log = get_logger(__name__)

T = TypeVar("T")

_Entries = dict[str, msgspec.Raw]


class _TaggerModel(msgspec.Struct):
    """The asset of the tagger of parts of speech."""

    tags: list[str]
    tagdict: dict[str, str]
    vocab: list[str]
    weights: _Entries


def load_pronunciation() -> Any:
    """A `hibari.g2p.G2P` for American English."""
    try:
        return _load_packed()
    except Exception:
        _log.warning("The pronunciation is loaded unpacked: it is of another version.")
        return hibari_g2p.G2P()


@functools.cache
def load_dictionaries() -> tuple[PackedMap, PackedMap]:
    """The dictionary that is sure of its words, and the one that is larger; loaded once."""
    try:
        return (
            PackedMap(_read("lexicon_us_gold.json.gz", _Entries)),
            PackedMap(_read("lexicon_us_silver.json.gz", _Entries)),
        )
    except Exception:
        _log.warning("The dictionaries are of another version: what is a word is guessed.")
        return PackedMap({}), PackedMap({})


def _load_packed() -> Any:
    gold, silver = load_dictionaries()
    model = _read("tagger.json.gz", _TaggerModel)
    exceptions = _read("tokenizer_exceptions.json", dict[str, list[str]])
    weights = PackedMap(model.weights)
    g2p = hibari_g2p.G2P.__new__(hibari_g2p.G2P)
    g2p.lexicon = hibari_g2p.Lexicon(gold, silver, False)
    g2p.tokenizer = hibari_g2p.Tokenizer(exceptions)
    g2p.tagger = hibari_g2p.Tagger(
        {"tags": model.tags, "tagdict": model.tagdict, "vocab": model.vocab, "weights": weights}
    )
    g2p._oov, g2p.unk, g2p.british = None, "", False
    return g2p


def _read(name: str, type_: type[T]) -> T:
    data = (importlib.resources.files("hibari") / "assets" / name).read_bytes()
    return msgspec.json.decode(gzip.decompress(data) if name.endswith(".gz") else data, type=type_)
