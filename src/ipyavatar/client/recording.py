"""What `record()` returns: a movie that is being written."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import weakref
from collections.abc import Callable
from pathlib import Path

from ..core.handle import Handle
from ..core.log import get_logger
from ..core.own_process import OwnProcess
from ..core.paths import path_of, refuse_pipe, unwritable
from ..core.subtitles import Cue, to_srt, to_vtt
from ..errors import AvatarError, InvalidArgument, MediaError
from ..media.movie_formats import check_captions, format_of
from ..protocol import host as m
from ..protocol import media as mm

log = get_logger(__name__)

_known: weakref.WeakSet[Recording] = weakref.WeakSet()
"""Of all sessions of this process."""


class Recording(Handle["Recording"]):
    """Writes what the avatar says and shows into a file, until `stop()` or the end of the block.

        with avatar.record("lesson.mp4"):
            avatar.speak("Welcome.").wait()

    `wait()` and `await` return the recording itself once the file is complete, and raise
    `MediaError` when it could not be written to its end: what was written until then plays.

    Attributes:
        path: The file.
        seconds: Recorded so far.
        bytes: Written so far.
        dropped: Pictures left out so far, since the machine could not encode them in time.
    """

    def __init__(self, command: mm.StartRecording, send: Callable[[m.Command], object]) -> None:
        super().__init__()
        self.command = command
        """What has the host begin."""
        self.path = Path(command.path)
        self.seconds = 0.0
        self.bytes = 0
        self.dropped = 0
        self._cues: list[Cue] = []
        self._send = send
        self.holds: object = None
        self._process = OwnProcess()
        _tell_unfinished_at_exit()
        _known.add(self)

    def __repr__(self) -> str:
        state = "recording" if not self.done else "complete" if self.error is None else "failed"
        return f"<Recording {self.path.name!r}: {state}, {self.seconds:.1f} s>"

    def stop(self) -> Recording:
        """Finish the file; done when it is complete. Idempotent."""
        if not self.done:
            self._send(mm.EndRecording(self.command.session, self.command.recording))
        return self

    def to_srt(self) -> str:
        """What was said in it so far, as a SubRip file that fits the movie."""
        return to_srt(self._cues)

    def to_vtt(self, *, word_times: bool = False) -> str:
        """What was said in it so far, as a WebVTT file that fits the movie.

        Args:
            word_times: With the time of each word in the text.
        """
        return to_vtt(self._cues, word_times=word_times)

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.stop()
        with contextlib.suppress(*() if error is None else (AvatarError,)):
            self.wait()

    async def __aenter__(self) -> Recording:
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.stop()
        with contextlib.suppress(*() if error is None else (AvatarError,)):
            await self

    def take(self, event: mm.RecordingChanged) -> None:
        """The host tells how far it is."""
        self.seconds, self.bytes, self.dropped = event.seconds, event.bytes, event.dropped
        self._cues += event.cues
        if event.failure is not None:
            self.fail(event.failure.error())
        elif event.ended:
            self.finish(self)

    def end(self, error: AvatarError | None) -> None:
        """Nothing more is heard of it."""
        what = "The recording was not finished" if error is None else error.what.rstrip(".")
        self.fail(MediaError(f"{what}; what was recorded until then plays.", "Record it again."))


@functools.cache
def _tell_unfinished_at_exit() -> None:
    """From the first recording on: so it is asked before hosts, which are there by then, end."""
    atexit.register(_tell_unfinished)


def _tell_unfinished() -> None:
    for recording in list(_known):
        if not recording.done and not recording._process.left:
            log.warning(
                "%s was still being recorded when the program ended, so its end is missing. Wait "
                "for what is to be in it: `with avatar.record(...)`, or stop().wait().",
                recording.path,
            )


def check_recording(path: str | os.PathLike[str], codec: str | None, captions: str) -> None:
    """Refuse what no file can be recorded with.

    Raises:
        UnknownName: There is no such kind of file, codec or way of captions.
        InvalidArgument: They do not go together, or it is no path.
    """
    name = str(path_of("record()", path))
    format_of(name, codec)
    check_captions(name, captions)


def refuse_second(path: str) -> None:
    """Raise where a recording of any session writes to that file: both would be lost.

    Raises:
        InvalidArgument: One does.
    """
    if any(not other.done and _same(other.path, path) for other in list(_known)):
        what = f"{path!r} is being recorded to already."
        raise InvalidArgument(what, "Stop that recording, or take another name.")


def _same(one: Path, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):  # it was deleted meanwhile
        return False


def check_path(path: str | os.PathLike[str]) -> str:
    """The whole path of a file that can be written.

    Raises:
        MediaError: It cannot.
    """
    try:
        whole = path_of("record()", path).absolute()
        refuse_pipe(whole)
        with whole.open("ab"):
            pass
    except (OSError, ValueError) as error:  # the folder we are in may be gone, too
        raise unwritable(path, error) from error
    return str(whole)
