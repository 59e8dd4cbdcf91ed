"""Random stories from state machines, other ones each round, and the same ones in each run."""

from __future__ import annotations

import os

from hypothesis import seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

FIRST_SEED = int(os.environ.get("IPYAVATAR_TEST_SEED", "0"))
"""Set the variable to see other stories than CI does."""


def run_round(machine: type[RuleBasedStateMachine], number: int, chosen: settings) -> None:
    """Run the stories of round `number`.

    Hypothesis repeats the same ones where `CI` is set, and says nothing of it: rounds would add
    nothing there. So each has a seed of its own.
    """
    run_state_machine_as_test(
        seed(FIRST_SEED + number)(machine), settings=settings(chosen, derandomize=False)
    )
