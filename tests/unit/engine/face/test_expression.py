"""What a face does because it is asked to."""

import numpy as np

from ipyavatar.engine.face.expression import LASTS_S, Expressions
from ipyavatar.engine.pose import Pose


def course(expressions, begin=0.0, seconds=4.0):
    """The poses of so many seconds, 25 a second."""
    times = np.arange(begin, begin + seconds, 0.04)
    return [expressions.apply(float(t), Pose()) for t in times]


def test_a_face_that_nobody_asks_is_left_alone():
    pose = Pose(pitch=0.3)
    assert Expressions().apply(1.0, pose) is pose


def test_a_smile_comes_softly_and_goes():
    expressions = Expressions()
    expressions.apply(10.0, Pose())
    expressions.begin("smile")
    smiles = [pose.smile for pose in course(expressions, 10.0)]
    assert max(smiles) > Pose().smile + 0.5
    assert max(np.abs(np.diff(smiles))) < 0.15
    assert smiles[-1] == Pose().smile


def test_a_nod_goes_down_and_comes_back():
    expressions = Expressions()
    expressions.begin("nod")
    pitches = [pose.pitch for pose in course(expressions)]
    assert max(pitches) > 0.5
    assert min(pitches) >= 0
    assert pitches[int(LASTS_S["nod"] / 0.04) + 2] == 0


def test_it_looks_aside_for_as_long_as_it_thinks():
    expressions = Expressions()
    expressions.hold_think(True)
    aside = course(expressions, 0.0, 10.0)[-1]
    assert aside.gaze_x < -0.5
    assert aside.gaze_y < -0.4
    expressions.hold_think(False)
    assert course(expressions, 10.0)[-1] == Pose()
