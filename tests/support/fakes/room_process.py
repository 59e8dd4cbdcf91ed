"""The process of a room, as far as the host sees it."""

from __future__ import annotations

from collections.abc import Callable

from ipyavatar.providers.cloud.room_process import messages as m


class FakeRoomProcess:
    """Keeps what it is told; a test has it say something by `tell`, or end by `die`."""

    def __init__(
        self,
        on_event: Callable[[m.RoomEvent], None],
        on_end: Callable[[str], None],
        *,
        secrets: object = (),
    ) -> None:
        self.tell, self.die = on_event, on_end
        self.commands: list[m.RoomCommand] = []
        self.closed = 0

    def send(self, command: m.RoomCommand) -> None:
        self.commands.append(command)

    async def close(self) -> None:
        self.closed += 1
        self.die("its process ended with code 0")
