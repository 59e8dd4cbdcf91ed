"""What `say` refuses, before anything is made."""

import pytest

from ipyavatar.api.say import SayOptions, say
from ipyavatar.errors import AvatarError, InvalidArgument, MediaError, SpeechFailed, UnknownName


@pytest.mark.parametrize(
    ("outputs", "options", "error"),
    [
        (["a.avi"], {}, "kind of file '.avi'"),
        (["a.mp4"], {"character": "lea"}, "Did you mean 'leo'"),
        (["a.mp4"], {"voices": {"ava": "junee"}}, "Did you mean 'june'"),
        (["a.mp4"], {"quality": "auto"}, "quality 'auto'"),
        (["a.mp4"], {"layout": "row"}, "layout 'row'"),
        (["a.mp4"], {"captions": "subs"}, "captions 'subs'"),
        (["a.mp4"], {"codec": "vp9"}, "codec 'vp9' for .mp4"),
    ],
)
def test_unknown_names(tmp_path, outputs, options, error):
    """Each is named, with what there is; no file is left."""
    with pytest.raises(UnknownName, match=error):
        say("Hello.", [tmp_path / name for name in outputs], SayOptions(**options))
    assert list(tmp_path.iterdir()) == []


def test_what_the_voice_cannot_read_is_no_movie(tmp_path):
    """All of it is in another alphabet; a part is left out and told."""
    with pytest.raises(SpeechFailed, match="nothing in the text that the voice can read"):
        say("Привет, мир.", [tmp_path / "a.srt"])
    assert list(tmp_path.iterdir()) == []
    told = []
    say("Hello, мир.", [tmp_path / "a.srt"], notify=told.append)
    assert len(told) == 1


def test_progress_is_told_sentence_by_sentence(tmp_path):
    """From nothing on, and at last of all."""
    told = []
    text = "This is one. This is two. This is three."
    say(text, [tmp_path / "a.srt"], on_progress=lambda done, total: told.append((done, total)))
    done = [one for one, _ in told]
    assert done[0] == 0
    assert done[-1] == len(text)
    assert len(set(done)) > 3
    assert {total for _, total in told} == {len(text)}


def test_what_does_not_go_together(tmp_path):
    """Two movies, no file, nothing to say, captions in sound."""
    with pytest.raises(InvalidArgument, match="One movie is made at a time"):
        say("Hello.", ["a.mp4", "b.webm"])
    with pytest.raises(InvalidArgument, match="no file"):
        say("Hello.", [])
    with pytest.raises(InvalidArgument, match="nothing to say"):
        say(" \n# Only a title\n", [tmp_path / "a.mp4"])
    with pytest.raises(InvalidArgument, match="no picture to draw captions in"):
        say("Hello.", [tmp_path / "a.wav"], SayOptions(captions="burn"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "a.srt"])
def test_a_folder_that_is_not_there(tmp_path, name):
    """The error names the file and what to do."""
    with pytest.raises(MediaError, match=rf"no/{name}' cannot be written: No such file.*folder"):
        say("Hello.", [tmp_path / "no" / name])


@pytest.mark.parametrize(
    ("outputs", "options"),
    [
        (["kept.srt", "no/a.mp4"], {}),
        (["kept.srt"], {"voices": {"ava": "nobody"}}),
        (["kept.srt", "no/a.vtt"], {}),
    ],
)
def test_what_cannot_be_done_costs_no_file_that_was_there(tmp_path, outputs, options):
    """Captions of before are written over when there are new ones."""
    kept = tmp_path / "kept.srt"
    kept.write_text("of before")
    with pytest.raises(AvatarError):
        say("Hello.", [tmp_path / name for name in outputs], SayOptions(**options))
    assert kept.read_text() == "of before"


def test_what_was_said_until_an_interrupt_has_its_captions(tmp_path):
    """As the movie has what was said until then."""

    def interrupt(done, total):
        if 0 < done < total:
            raise KeyboardInterrupt

    path = tmp_path / "a.srt"
    with pytest.raises(KeyboardInterrupt):
        say("Hello.\n\nThis is not said.", [path], on_progress=interrupt)
    assert "Hello." in path.read_text()
    assert "not said" not in path.read_text()


def test_what_has_no_effect_is_told(tmp_path):
    """A mark that no face can do, once; the voice of somebody who says nothing."""
    told = []
    voices = {"leo": "miles"}
    text = "Hello [shrug] there. [smile]\n\nAgain [shrug] and [nod]."
    say(text, [tmp_path / "a.srt"], SayOptions(voices=voices), notify=told.append)
    assert told == [
        "leo says nothing here: the voice has no effect.",
        "No face can do [shrug]; there are [smile], [nod], [think].",
    ]
