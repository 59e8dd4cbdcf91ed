"""Sound of one rate as sound of another, without seams between its pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .samples import SoundBlock

if TYPE_CHECKING:  # it takes long to import, and a companion process is to start soon
    import av

FloatArray = NDArray[np.float32]


class StreamResampler:
    """Takes blocks of any rate, one after the other; gives `float32[n]` at `rate`."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._from = 0
        self._resampler: av.AudioResampler | None = None
        self._taken = self._given = 0

    def feed(self, block: SoundBlock) -> FloatArray:
        """What has come out of it by now; the filter keeps a millisecond back."""
        if block.rate == self._from:
            return self._convert(block)
        before = self.flush()
        self._from, self._taken, self._given = block.rate, 0, 0
        if block.rate != self.rate:
            import av

            self._resampler = av.AudioResampler(format="flt", layout="mono", rate=self.rate)
        return np.concatenate([before, self._convert(block)])

    def flush(self) -> FloatArray:
        """The rest: nothing more comes at this rate."""
        resampler, self._resampler = self._resampler, None
        if resampler is None or not self._taken:
            return np.zeros(0, np.float32)
        rest = _join(resampler.resample(None))
        wanted = round(self._taken * self.rate / self._from) - self._given
        self._from = 0
        return np.pad(rest[: max(wanted, 0)], (0, max(0, wanted - len(rest))))

    def _convert(self, block: SoundBlock) -> FloatArray:
        if self._resampler is None or not len(block.audio):
            return block.audio
        import av

        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(block.audio, np.float32)[None], format="flt", layout="mono"
        )
        frame.sample_rate = block.rate
        out = _join(self._resampler.resample(frame))
        self._taken += len(block.audio)
        self._given += len(out)
        return out


def resample(audio: FloatArray, rate: int, wanted: int) -> FloatArray:
    """The whole of `audio` at another rate."""
    if rate == wanted:
        return audio
    resampler = StreamResampler(wanted)
    return np.concatenate([resampler.feed(SoundBlock(audio, rate)), resampler.flush()])


def _join(frames: list[av.AudioFrame]) -> FloatArray:
    parts = [frame.to_ndarray()[0] for frame in frames]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
