"""Captions drawn into a picture."""

import numpy as np

from ipyavatar.media.burned_captions import burn


def burnt(text):
    picture = np.full((270, 320), 128, np.uint8)
    burn(picture, text)
    return picture[:180]


def test_letters_are_bright_on_a_dark_band_at_the_foot():
    picture = burnt("Hello")
    assert picture.max() > 200
    assert picture[140:170].min() < 60
    assert (picture[:120] == 128).all()


def test_lowered_letters_that_the_font_lacks_stand_on_the_line_and_are_no_question_marks():
    assert (burnt("yᵢ - axᵢ") == burnt("yi - axi")).all()
    assert (burnt("x₂ + 10⁻⁹") != burnt("x? + 10??")).any()
    assert (burnt("x²") != burnt("x2")).any()
