"""Moves of chess."""

from __future__ import annotations

import re

from .rule import Rule, rule

_PIECES = {"K": "king", "Q": "queen", "R": "rook", "B": "bishop", "N": "knight"}
_ENDS = {"+": ", check", "#": ", checkmate", "": ""}


def _move(match: re.Match[str]) -> str:
    piece, start, takes, file, rank, promoted, end = match.groups()
    words = [
        _PIECES.get(piece or "", ""),
        " ".join(start).upper(),
        "takes" if takes else "",
        file.upper(),
        rank,
        _PIECES.get((promoted or "").lstrip("="), ""),
    ]
    return " ".join(filter(None, words)) + _ENDS[end]


CHESS: tuple[Rule, ...] = (
    rule(
        "castling",
        r"(?<![\w-])O-O(-O)?([+#]?)(?![\w-]| (?:bond|single|distance|stretch))",
        lambda m: f"castles {'queenside' if m[1] else 'kingside'}{_ENDS[m[2]]}",
        "O-O.",
    ),
    rule(
        "move",
        r"(?<![\w-])(?<![A-Za-z]\.)([KQRBN])([a-h]?[1-8]?)(x?)([a-h])([1-8])()([+#]?)(?!\w)",
        _move,
        "Nf3, Qxe7+: after ions, before numbers in names.",
    ),
    rule(
        "move of a pawn",
        r"(?<![\w.])()([a-h])(x)([a-h])([1-8])(=[QRBN])?([+#]?)(?!\w)",
        _move,
        "exd5.",
    ),
    rule(
        "pawn at its end",
        r"(?<![\w.])()()()([a-h])([18])(=[QRBN])([+#]?)(?!\w)",
        _move,
        "e8=Q is no equation.",
    ),
)
