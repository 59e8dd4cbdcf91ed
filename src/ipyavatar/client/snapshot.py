"""What `snapshot()` returns: one picture of the avatar."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.address_space import require_address_space
from ..core.handle import Handle
from ..core.paths import path_of, unwritable
from ..errors import AvatarError, InvalidArgument, MediaError
from ..protocol import host as m
from ..protocol import media as mm

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SOON_S = 30.0
"""A cell that shows a snapshot waits for it so long at most."""


class Snapshot(Handle["Snapshot"]):
    """One picture. In a notebook it shows itself; `wait()` and `await` return it once it is there.

    Attributes:
        timestamp: Its time in seconds, on the clock of the session's media; once it is there.
    """

    def __init__(self, session: str, name: str, send: Callable[[m.Command], object]) -> None:
        super().__init__()
        self._session, self._name, self._send = session, name, send
        self.holds: object = None
        self._item: mm.MediaItem | None = None

    @property
    def command(self) -> mm.OpenReader:
        """What has the host begin."""
        return mm.OpenReader(self._session, self._name, "frames", 1)

    @property
    def timestamp(self) -> float:
        """Its time in seconds; waits for it."""
        return self._picture().at

    @property
    def array(self) -> NDArray[np.uint8]:
        """The picture: `uint8[height, width, 3]`, RGB; waits for it."""
        from .timed_array import rgb_of  # NumPy, which showing an avatar does without

        return rgb_of(self._picture())

    @property
    def png(self) -> bytes:
        """The picture as a PNG file; waits for it.

        Raises:
            MediaError: It could not be made.
        """
        require_address_space("cv2")
        import cv2

        done, data = cv2.imencode(".png", self.array[..., ::-1])
        if not done:
            raise MediaError("The picture could not be made into a PNG.")
        return bytes(data)

    def save(self, path: str | Path) -> Path:
        """Write the PNG to a file.

        Raises:
            InvalidArgument: The file is to be of another kind.
            MediaError: It cannot be written.
        """
        file = path_of("save()", path)
        if file.suffix.lower() != ".png":
            what = f"A snapshot is a PNG, and {file.name!r:.80} is to be something else."
            raise InvalidArgument(what, "Give a name that ends with .png, or use its array.")
        data = self.png
        try:
            file.write_bytes(data)
        except (OSError, ValueError) as error:
            raise unwritable(file, error) from error
        return file

    def take(self, event: mm.MediaRead) -> None:
        """The host sends this."""
        if event.items and self._item is None:
            self._item = event.items[0]
            self._send(mm.CloseReader(self._session, self._name))
            self.finish(self)
        if event.ended:
            self.end(None if event.failure is None else event.failure.error())

    def end(self, error: AvatarError | None) -> None:
        """Nothing more comes."""
        self.fail(error or MediaError("The session ended before there was a picture."))

    def _repr_png_(self) -> bytes:
        return self.png

    def _picture(self) -> mm.MediaItem:
        self.wait(SOON_S)
        assert self._item is not None  # noqa: S101  # or wait() has raised
        return self._item
