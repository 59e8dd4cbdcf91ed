"""How long speeches take."""

from ipyavatar.twin.speech_length import pcm_seconds, text_seconds


def test_how_long_things_take_to_say() -> None:
    assert text_seconds("x" * 150) == 10.0
    assert text_seconds("") == 0.3
    assert pcm_seconds(bytes(48_000)) == 1.0
