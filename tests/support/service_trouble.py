"""Rules by which services fail: for state machines that have a `World`."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from .paid import World

CALLS = (
    *("new", "start", "task", "interrupt", "keep_alive", "stop", "list", "token"),
    *("create", "init_client", "say_text", "say_audio", "end", "*"),
)
KINDS = (
    *("401", "402", "429", "500", "503", "slow", "hang", "reset", "half", "half-json"),
    *("html", "gone", "ok-error"),
)


class ServiceTrouble(RuleBasedStateMachine):
    """Any call of any service fails in any way, for a while; and its clock runs ahead."""

    world: World

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run it on the machine's loop."""
        raise NotImplementedError

    def on_recovery(self) -> None:
        """What failed until now can be counted."""

    def on_jump(self) -> None:
        """The service's clock is about to run ahead."""

    @rule(
        kind=st.sampled_from(KINDS),
        call=st.sampled_from(CALLS),
        times=st.sampled_from([1, 1, 1, 2, 5]),
        effect=st.booleans(),
        seconds=st.sampled_from([3.0, 30.0]),
    )
    def service_fails(self, kind, call, times, effect, seconds):
        more = {"effect": effect} if kind in ("reset", "hang") else {}
        if kind in ("slow", "hang"):
            more["seconds"] = seconds
        self.world.fault(kind, "*", call, times=times, **more)

    @rule()
    def service_recovers(self):
        self.on_recovery()
        self.world.twin.faults.remove()

    @rule(seconds=st.sampled_from([20.0, 200.0, 4000.0]))
    def service_jumps(self, seconds):
        """Idle, at its longest, the machine was asleep, or the service lost its mind."""
        self.on_jump()
        self.run(self._jump(seconds))

    async def _jump(self, seconds):
        self.world.twin.advance_clock(seconds)
