"""What goes to and from the process that draws, byte for byte."""

from __future__ import annotations

import io

import numpy as np
import pytest

from ipyavatar.engine.face.i420 import Patch
from ipyavatar.engine.face_process import messages as m
from ipyavatar.engine.pose import Mouth, Pose


def written(write, *what):
    pipe = io.BytesIO()
    write(pipe, *what)
    return pipe.getvalue()


def patch():
    return Patch((2, 4, 10, 12), np.arange(96, dtype=np.uint8).reshape(12, 8))


def test_a_pose_arrives_as_it_was():
    pose = Pose(
        mouth=Mouth(0.1, -0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        smile=-0.5, blink=0.9, gaze_x=-1, gaze_y=1, brow_left=0.11, brow_right=0.12, brow_angle=-7,
        head_x=-3.3, head_y=4.4, roll=-5.5, yaw=0.21, pitch=0.22, breath=0.23,
    )  # fmt: skip
    assert m.unpack_pose(m.pack_pose(pose)) == pose


def test_answers_arrive_as_they_were():
    got = m.read_answer(io.BytesIO(written(m.write_patch, patch())))
    assert isinstance(got, Patch)
    assert got.rect == patch().rect
    assert np.array_equal(got.pixels, patch().pixels)
    assert m.read_answer(io.BytesIO(written(m.write_patch, None))) is None
    assert m.read_answer(io.BytesIO(written(m.write_failure, "no \ud800 face"))) == "no ? face"


def test_an_answer_that_is_cut_off_is_the_end():
    whole = written(m.write_patch, patch())
    for length in range(len(whole)):
        with pytest.raises(EOFError):
            m.read_answer(io.BytesIO(whole[:length]))


def test_a_length_that_is_not_that_of_the_rectangle_is_the_end():
    with pytest.raises(EOFError, match="no picture of 8 x 8"):
        m.read_answer(io.BytesIO(m.ANSWER.pack(m.NEW, 0, 0, 8, 8, 5) + bytes(5)))
