"""Readers, snapshots and recordings of a session in memory: asked for, lost, ended."""

import gc
import os

import numpy as np
import pytest

from ipyavatar.client.session_media import SessionMedia
from ipyavatar.core.subtitles import Cue
from ipyavatar.errors import AvatarError, HostError, InvalidArgument, MediaError
from ipyavatar.protocol import media as mm
from ipyavatar.protocol.errors import Failure

PICTURE = mm.MediaItem(0.5, np.full(96, 128, np.uint8).tobytes(), 8, 8)


@pytest.fixture
def sent():
    return []


@pytest.fixture
def media(sent):
    return SessionMedia("s", sent.append)


def test_each_is_asked_for_once(media, sent):
    """When the host has the session, and not again."""
    reader = media.frames(None)
    media.begin()
    media.begin()
    assert sent == [reader.command]


def test_one_that_nobody_holds_is_not_asked_for(media, sent):
    """Left before the session was open."""
    media.audio(None)
    gc.collect()
    sent.clear()
    media.begin()
    assert sent == []


def test_a_snapshot_is_the_first_picture(media, sent):
    """An array, a PNG, and what a notebook shows; the reader behind it is closed."""
    shot = media.snapshot()
    media.begin()
    media.take(mm.MediaRead("s", "m1", [PICTURE]))
    media.take(mm.MediaRead("s", "m1", [], ended=True))
    assert shot.wait(1) is shot
    assert shot.array.shape == (8, 8, 3)
    assert shot.timestamp == 0.5
    assert shot.png.startswith(b"\x89PNG")
    assert shot._repr_png_() == shot.png
    assert sent[1:] == [mm.CloseReader("s", "m1")]


def test_a_snapshot_is_saved_or_the_reason_said(media, tmp_path):
    """A folder that is not there is named."""
    shot = media.snapshot()
    shot.take(mm.MediaRead("s", "m1", [PICTURE]))
    assert shot.save(tmp_path / "a.png").read_bytes() == shot.png
    with pytest.raises(MediaError, match=r"no/a\.png' cannot be written: No such file"):
        shot.save(tmp_path / "no" / "a.png")
    with pytest.raises(InvalidArgument, match="is a PNG"):
        shot.save(tmp_path / "a.jpg")
    assert not (tmp_path / "a.jpg").exists()


def test_a_snapshot_that_never_comes_is_answered(media):
    """The session ended before."""
    shot = media.snapshot()
    media.end()
    with pytest.raises(MediaError, match="ended before there was a picture"):
        shot.wait(1)


def test_a_recording_ends_when_its_file_is_complete(media, sent, tmp_path):
    """Stopped at the end of the block, and not before the host says so."""
    recording = media.record(tmp_path / "a.mp4", None, "none")
    media.begin()
    media.take(mm.RecordingChanged("s", "m1", 1.5, 1000, 2))
    assert (recording.seconds, recording.bytes, recording.dropped) == (1.5, 1000, 2)
    assert not recording.stop().done
    media.take(mm.RecordingChanged("s", "m1", 2.0, 2000, 2, ended=True))
    assert recording.wait(1) is recording
    assert sent == [recording.command, mm.EndRecording("s", "m1")]
    assert recording.stop() is recording
    assert len(sent) == 2


def test_a_recording_has_captions_that_fit_it(media, tmp_path):
    """As far as it is: they come with its progress, in its own time, the pauses included."""
    recording = media.record(tmp_path / "a.mp4", None, "none")
    assert recording.to_srt() == ""
    first, second = (
        Cue(
            begin,
            begin + 1.0,
            f"{word} said.",
            ((word, begin, begin + 0.4), ("said.", begin + 0.5, begin + 1.0)),
        )
        for begin, word in ((0.5, "One"), (9.5, "Two"))
    )
    media.take(mm.RecordingChanged("s", "m1", 2.0, cues=(first,)))
    assert recording.to_srt() == "1\n00:00:00,500 --> 00:00:01,500\nOne said.\n\n"
    media.take(mm.RecordingChanged("s", "m1", 11.0, ended=True, cues=(second,)))
    assert "00:00:09.500 --> 00:00:10.500\nTwo said." in recording.to_vtt()
    assert "Two <00:00:10.000>said." in recording.to_vtt(word_times=True)


def test_a_recording_that_fails_says_why(media, tmp_path):
    """Also at the end of the block; what the block raised goes first."""
    media.record(tmp_path / "a.mp4", None, "none")
    failed = Failure.of(MediaError("The disk is full.", "Free some space."))
    with pytest.raises(MediaError, match="The disk is full"), media._kept["m1"]:
        media.take(mm.RecordingChanged("s", "m1", ended=True, failure=failed))
    recording = media.record(tmp_path / "b.mp4", None, "none")
    recording.take(mm.RecordingChanged("s", "m2", ended=True, failure=failed))
    with pytest.raises(ZeroDivisionError), recording:
        raise ZeroDivisionError


def test_two_recordings_to_one_file_are_refused(media, tmp_path):
    """Two to two files are not, and a name is free again after the end."""
    path = tmp_path / "a.mp4"
    media.record(path, None, "none")
    media.record(tmp_path / "b.mp4", None, "none")
    with pytest.raises(InvalidArgument, match=r"a\.mp4' is being recorded to already"):
        media.record(tmp_path / "." / "a.mp4", None, "none")
    media.take(mm.RecordingChanged("s", "m1", ended=True))
    media.record(path, None, "none")


@pytest.mark.parametrize("path", ["/proc/a.mp4", "no/where/a.mp4", "a\0b.mp4"])
def test_a_file_that_cannot_be_written_is_refused_at_the_call(media, path):
    """With its name and the reason."""
    with pytest.raises(MediaError, match="cannot be written"):
        media.record(path, None, "none")


def test_a_lost_host_ends_what_it_was_asked_for(media, tmp_path, sent):
    """What it was not asked for yet is asked of the next one."""
    recording = media.record(tmp_path / "a.mp4", None, "none")
    media.begin()
    later = media.frames(None)
    media.lose(HostError("The companion process ended."))
    with pytest.raises(MediaError, match="what was recorded until then plays"):
        recording.wait(1)
    media.begin()
    assert sent[-1] == later.command


def test_everything_is_answered_at_the_end(media, tmp_path):
    """A loop ends, a recording that was not finished says so."""
    reader, recording = media.frames(None), media.record(tmp_path / "a.mp4", None, "none")
    media.end()
    assert list(reader) == []
    with pytest.raises(AvatarError, match="was not finished"):
        recording.wait(1)


def test_two_sessions_do_not_record_to_one_file(media, tmp_path, monkeypatch):
    """However the file is named."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    first = media.record(tmp_path / "a.mp4", None, "none")
    with pytest.raises(InvalidArgument, match="is being recorded to already"):
        SessionMedia("other", [].append).record("~/a.mp4", None, "none")
    assert not first.done


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_refused_instead_of_waited_for(media, tmp_path):
    """Nobody may ever read it, and the session would be locked until then."""
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(MediaError, match="it is a pipe"):
        media.record(tmp_path / "pipe.mp4", None, "none")
