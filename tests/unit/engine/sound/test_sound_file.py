"""Sound files: read as they are decoded, refused before, or told of where they break."""

import io

import av
import numpy as np
import pytest

from ipyavatar.engine.sound.sound_file import SoundFile, looks_like_sound
from ipyavatar.errors import InvalidArgument, SpeechFailed
from tests.unit.engine.sound.test_audio import RATE, TONE, wav


def encoded(kind: str, codec: str, seconds: int = 2) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as out:
        stream = out.add_stream(codec, rate=48_000)
        stream.layout = "mono"
        audio = (0.3 * np.sin(np.arange(48_000 * seconds) / 20)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(audio[None], format="flt", layout="mono")
        frame.sample_rate = 48_000
        resampler = av.AudioResampler(
            stream.format, "mono", 48_000, stream.codec_context.frame_size
        )
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(("kind", "codec"), [("mp3", "libmp3lame"), ("ogg", "libopus")])
def test_compressed_sound_is_decoded(kind, codec):
    data = encoded(kind, codec)
    assert looks_like_sound(data)
    blocks = list(SoundFile.look_at(data).blocks())
    audio = np.concatenate([block.audio for block in blocks])
    assert {block.rate for block in blocks} == {48_000}
    assert len(audio) / 48_000 == pytest.approx(2, abs=0.1)
    assert 0.2 < np.abs(audio).max() < 0.4


def test_what_is_cut_off_is_heard_until_there():
    data = encoded("mp3", "libmp3lame")
    half = SoundFile.look_at(data[: len(data) // 2])
    assert 0.5 < sum(block.duration for block in half.blocks()) < 1.5


def test_a_file_that_goes_away_is_told(tmp_path):
    path = tmp_path / "tone.wav"
    path.write_bytes(wav(TONE))
    file = SoundFile.look_at(path)
    path.unlink()
    with pytest.raises(SpeechFailed, match="damaged"):
        list(file.blocks())


def test_a_picture_has_no_sound():
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 64
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(InvalidArgument, match="no sound"):
        SoundFile.look_at(file.getvalue())


def test_a_file_of_ten_hours_is_refused_by_its_head(tmp_path):
    path, size = tmp_path / "long.wav", 36_000 * RATE * 2
    head = bytearray(wav(TONE)[:44])
    head[4:8], head[40:44] = (size + 36).to_bytes(4, "little"), size.to_bytes(4, "little")
    path.write_bytes(head)
    with path.open("r+b") as file:
        file.truncate(size + 44)  # without a block on the disk
    with pytest.raises(InvalidArgument, match="36,000 s; one speech takes"):
        SoundFile.look_at(path)
