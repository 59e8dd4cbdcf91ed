"""Movies: what is in the file, captions, chapters, and a file whose end was never written."""

import os

import av
import numpy as np
import pytest

from ipyavatar.core.subtitles import Cue
from ipyavatar.errors import InvalidArgument, MediaError, UnknownName
from ipyavatar.media.movie import SAMPLES_PER_PICTURE, Movie
from ipyavatar.media.movie_formats import check_captions, format_of

SIZE = (320, 180)
TONE = (0.3 * np.sin(np.arange(SAMPLES_PER_PICTURE) * 2 * np.pi * 400 / 48_000)).astype(np.float32)


def picture(number=0):
    out = np.full((SIZE[1] * 3 // 2, SIZE[0]), 120, np.uint8)
    out[20:80, number % 200 : number % 200 + 60] = 220
    return out


def write(movie, seconds, begin=0):
    for number in range(begin, begin + round(seconds * 25)):
        movie.put_picture(number * SAMPLES_PER_PICTURE, picture(number))
        movie.put_audio(TONE)


def content(path):
    """Pictures, seconds of sound, and the text of captions with their times in seconds."""
    with av.open(path) as file:
        kinds = [stream.codec_context.name for stream in file.streams if stream.type != "data"]
        pictures = sound = 0
        captions = []
        try:
            for packet in file.demux():
                if packet.stream.type == "subtitle":
                    text = bytes(packet)[2 if "mp4" in file.format.name else 0 :].decode()
                    if text:
                        captions.append((round(float(packet.pts * packet.time_base), 2), text))
                elif packet.stream.type in ("video", "audio"):
                    for frame in packet.decode():
                        if packet.stream.type == "video":
                            pictures += 1
                        else:
                            sound += frame.samples / frame.sample_rate
        except av.error.FFmpegError:
            pass  # a file that was cut off in the middle of a packet
        return kinds, pictures, sound, captions


@pytest.mark.parametrize(
    ("name", "codec", "kinds"),
    [
        ("a.mp4", None, ["h264", "aac"]),
        ("a.webm", None, ["vp8", "opus"]),
        ("a.webm", "vp9", ["vp9", "opus"]),
    ],
)
def test_what_is_in_a_movie(tmp_path, name, codec, kinds):
    """Two seconds are fifty pictures and two seconds of sound, in the codecs of its kind."""
    movie = Movie(str(tmp_path / name), SIZE, codec=codec)
    write(movie, 2.0)
    movie.close()
    found, pictures, sound, _ = content(tmp_path / name)
    assert found == kinds
    assert pictures == 50
    assert 1.99 <= sound <= 2.1
    assert movie.seconds == pytest.approx(2.0)
    assert movie.bytes == (tmp_path / name).stat().st_size


def test_a_recording_may_begin_between_two_pictures(tmp_path):
    """Then all of them are half a step off, and none is lost."""
    movie = Movie(str(tmp_path / "a.mp4"), SIZE)
    for number in range(50):
        movie.put_audio(TONE)
        movie.put_picture(number * SAMPLES_PER_PICTURE + SAMPLES_PER_PICTURE // 2, picture())
    movie.close()
    assert content(tmp_path / "a.mp4")[1] == 50


def test_sound_alone_and_pictures_alone(tmp_path):
    """A WAV has no pictures, a GIF no sound."""
    for name in ("a.wav", "a.gif"):
        movie = Movie(str(tmp_path / name), SIZE)
        write(movie, 1.0)
        movie.close()
    assert content(tmp_path / "a.wav")[1:3] == (0, pytest.approx(1.0))
    kinds, pictures, sound, _ = content(tmp_path / "a.gif")
    assert (kinds, pictures, sound) == (["gif"], 13, 0)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_captions_are_a_track(tmp_path, name):
    """At their time, in whatever script."""
    movie = Movie(str(tmp_path / name), SIZE, captions="track")
    write(movie, 2.0)
    movie.put_cue(Cue(0.5, 1.0, "Grüße, 你好"))
    movie.put_cue(Cue(1.0, 1.2, "joins"))
    movie.put_cue(Cue(1.2, 1.9, "Two."))
    movie.close()
    captions = content(tmp_path / name)[3]
    assert [text for _, text in captions] == ["Grüße, 你好", "joins", "Two."]
    assert [at for at, _ in captions] == pytest.approx([0.5, 1.0, 1.2], abs=0.03)


def test_captions_in_the_picture(tmp_path):
    """While they last, and white on dark."""
    movie = Movie(str(tmp_path / "a.mp4"), SIZE, captions="burn")
    movie.show(Cue(0.0, 0.5, "Hello"))
    write(movie, 1.0)
    movie.close()
    with av.open(tmp_path / "a.mp4") as file:
        feet = [frame.to_ndarray(format="gray")[140:175] for frame in file.decode(video=0)]
    assert feet[5].max() > 200
    assert feet[5].min() < 80
    assert feet[20].min() > 80


def test_chapters(tmp_path):
    """With their titles, from where they begin to where the next one does."""
    movie = Movie(str(tmp_path / "a.mp4"), SIZE)
    write(movie, 2.0)
    movie.close([(0.0, "One"), (1.0, "Zwei")])
    with av.open(tmp_path / "a.mp4") as file:
        titles = [chapter["metadata"]["title"] for chapter in file.chapters()]
    assert titles == ["One", "Zwei"]


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_a_movie_that_was_never_ended_plays(tmp_path, name):
    """What was written before the last fragment is there."""
    movie = Movie(str(tmp_path / name), SIZE)
    write(movie, 9.0)
    (tmp_path / f"cut{name}").write_bytes((tmp_path / name).read_bytes())
    movie.close()
    _, pictures, sound, _ = content(tmp_path / f"cut{name}")
    assert pictures >= 150
    assert sound >= 6.0


def test_where_there_is_no_room_for_captions_the_movie_stays(tmp_path):
    """Its track is added to a copy: what was recorded is not lost by that."""
    path = tmp_path / "a.mp4"
    movie = Movie(str(path), SIZE, captions="track")
    write(movie, 2.0)
    movie.put_cue(Cue(0.5, 1.0, "One."))
    (tmp_path / "a.mp4.part").mkdir()  # so that no copy can be made
    with pytest.raises(MediaError, match="complete, but for its captions"):
        movie.close()
    assert content(path)[1] == 50


class FullDisk:
    """Limits how long this process's files may get."""

    def __init__(self, limit):
        self.limit = limit

    def __enter__(self):
        resource = pytest.importorskip("resource")
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, self.before[1]))

    def __exit__(self, *_error):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.wav"])
def test_a_full_disk_is_said_and_what_was_written_plays(tmp_path, name):
    """The error names the file, the reason and what is there; closing it adds no damage."""
    movie = Movie(str(tmp_path / name), SIZE)
    with FullDisk(400_000 if name == "a.wav" else 90_000):
        with pytest.raises(MediaError, match=r"cannot be written: File too large.*s play"):
            write(movie, 60.0)
        movie.close()
    _, pictures, sound, _ = content(tmp_path / name)
    assert sound >= 2.0
    assert pictures >= 50 or name == "a.wav"


def test_a_file_that_cannot_be_opened(tmp_path):
    """The error names it and what to do."""
    with pytest.raises(MediaError, match=r"no/a\.mp4' cannot be written: No such file.*folder"):
        Movie(str(tmp_path / "no" / "a.mp4"), SIZE)


def test_what_no_file_can_be():
    """Each is named, with what there is."""
    with pytest.raises(UnknownName, match=r"'\.avi'.*\.mp4"):
        format_of("a.avi")
    with pytest.raises(UnknownName, match=r"Did you mean '\.webm'"):
        format_of("a.webn")
    with pytest.raises(UnknownName, match=r"codec 'vp9' for \.mp4"):
        format_of("a.mp4", "vp9")
    with pytest.raises(InvalidArgument, match=r"\.wav file has no pictures"):
        format_of("a.wav", "vp8")
    with pytest.raises(UnknownName, match="captions 'sub'"):
        check_captions("a.mp4", "sub")
    with pytest.raises(InvalidArgument, match=r"\.gif file has no track"):
        check_captions("a.gif", "track")
    with pytest.raises(InvalidArgument, match=r"\.wav file has no picture"):
        check_captions("a.wav", "burn")


@pytest.mark.parametrize("captions", ["none", "track"])
@pytest.mark.parametrize("kind", ["mp4", "webm", "gif", "wav"])
def test_a_movie_of_nothing_plays(tmp_path, kind, captions):
    """A recording that is stopped at once; FFmpeg ended the process over such an MP4."""
    if captions == "track" and not format_of(f"a.{kind}")[0].captions:
        captions = "none"
    path = str(tmp_path / f"a.{kind}")
    movie = Movie(path, SIZE, captions=captions)
    movie.close()
    kinds = {"mp4": {"video", "audio"}, "webm": {"video", "audio"}, "gif": {"video"}}
    with av.open(path) as file:
        frames = {frame_kind(frame) for packet in file.demux() for frame in packet.decode()}
    assert frames >= kinds.get(kind, {"audio"})
    assert movie.seconds == pytest.approx(0.04)


def frame_kind(frame):
    return "video" if isinstance(frame, av.VideoFrame) else "audio"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_refused(tmp_path):
    """Nobody can go back in it, as the end of a movie needs."""
    path = tmp_path / "a.mp4"
    os.mkfifo(path)
    with pytest.raises(MediaError, match="it is a pipe"):
        Movie(str(path), SIZE)
