"""How long it takes to say something, estimated from its text or counted from its audio."""

from __future__ import annotations

from ..core.scripts import estimate_seconds

LITE_RATE = 24_000
LITE_SAMPLE_BYTES = 2


def text_seconds(text: str) -> float:
    """Seconds that `text` takes to be spoken: English at about 150 words a minute."""
    return estimate_seconds(text)


def pcm_seconds(data: bytes) -> float:
    """Seconds of 24 kHz mono audio in 16-bit samples."""
    return len(data) / (LITE_RATE * LITE_SAMPLE_BYTES)
