"""How long it takes to say something, estimated from its text or counted from its audio."""

from __future__ import annotations

# English is read aloud at about 150 words a minute, and a word with its space is 6 characters.
CHARACTERS_PER_SECOND = 15.0
SHORTEST_S = 0.3

LITE_RATE = 24_000
LITE_SAMPLE_BYTES = 2


def text_seconds(text: str) -> float:
    """Seconds that `text` takes to be spoken."""
    return max(SHORTEST_S, len(text.strip()) / CHARACTERS_PER_SECOND)


def pcm_seconds(data: bytes) -> float:
    """Seconds of 24 kHz mono audio in 16-bit samples."""
    return len(data) / (LITE_RATE * LITE_SAMPLE_BYTES)
