"""No test can pass although its fault never happened."""

from pathlib import Path

import pytest

from ipyavatar.twin.faults import Fault
from ipyavatar.twin.settings import TwinSettings
from tests.support import faults

TESTS = Path(__file__).parents[1]


def test_a_fault_that_never_happens_is_found_at_the_end_of_its_test():
    """What the fixture of all tests looks at has every fault, however it was added."""
    app = faults.create_app(TwinSettings(faults=(Fault("500", call="new"),)))
    app.state.twin.faults.add(Fault("429"))
    assert faults.take_unused() == [Fault("500", call="new"), Fault("429")]
    assert faults.take_unused() == []
    with pytest.raises(AssertionError, match="never happened"):
        faults.assert_faults_fired({"unused_faults": [{"kind": "500"}]})


def test_twins_of_tests_are_made_where_faults_are_looked_at():
    """A twin that a test makes by itself would escape the rule."""
    # The second looks at what is imported, in a process of its own, and has no faults.
    allowed = {"support/faults.py", "integration/test_twin_media.py"}
    makes = [
        path.relative_to(TESTS).as_posix()
        for path in TESTS.rglob("*.py")
        if "create_app" in (text := path.read_text(encoding="utf-8"))
        and "from tests.support.faults import" not in text
    ]
    assert set(makes) == allowed
