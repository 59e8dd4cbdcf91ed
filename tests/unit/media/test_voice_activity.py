"""What judges whether somebody speaks."""

import numpy as np

from ipyavatar.media.voice_activity import CHUNK, SileroModel


def test_a_model_that_was_reset_is_as_a_new_one():
    """Nothing of one microphone's sound is in what is said of the next one's."""
    noise = np.random.default_rng(0).normal(0, 0.1, (5, CHUNK)).astype(np.float32)
    model = SileroModel()
    likely = [model(chunk) for chunk in noise]
    model.reset()
    assert [model(chunk) for chunk in noise] == likely
