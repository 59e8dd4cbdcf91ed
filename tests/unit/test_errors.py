"""Messages of errors: sentences that read as such."""

import pytest

from ipyavatar.errors import AvatarError, UnknownName


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("It failed: the disk is full..", "It failed: the disk is full."),
        ("It failed (byte 4).. Look there.", "It failed (byte 4). Look there."),
        ('It says "no"..', 'It says "no".'),
        ("Wait...", "Wait..."),
        ("'../a.mp4' cannot be written.", "'../a.mp4' cannot be written."),
        ("There is no folder '..'.", "There is no folder '..'."),
    ],
)
def test_a_sentence_that_ends_with_another_one_has_one_full_stop(what, told):
    """Paths and ellipses are left alone."""
    error = AvatarError(what, "Try again.")
    assert error.what == told
    assert str(error) == f"{told} Try again."


@pytest.mark.parametrize(
    ("name", "guess"), [(".webn", "Did you mean '.webm'? "), (".avi", ""), (".mp3", ""), (7, "")]
)
def test_kinds_of_files_are_guessed_where_a_letter_is_wrong(name, guess):
    """Others have letters in common, and nothing else."""
    error = UnknownName.of("kind of file", name, [".mp4", ".wav", ".webm"])
    assert error.fix == f"{guess}Choose one of: .mp4, .wav, .webm."


def test_where_the_names_hold_is_said_behind_the_name():
    error = UnknownName.of("codec", "vp9", ["h264"], "for .mp4")
    assert str(error) == "There is no codec 'vp9' for .mp4. Choose one of: h264."
