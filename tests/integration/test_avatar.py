"""`Avatar` in a plain Python process: the widget's verbs and traits, on the thread host."""

import asyncio
import itertools
import json
import subprocess
import sys
import threading

import nbconvert
import nbformat
import pytest
import traitlets

import ipyavatar
from ipyavatar import Avatar
from ipyavatar.client import host_client
from ipyavatar.errors import InvalidArgument, SessionClosed, UnknownName, UnreadableText
from ipyavatar.protocol import page as p
from ipyavatar.widget.frontends import cell_rerun
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.processes import until


@pytest.fixture(scope="module", autouse=True)
def _hosts():
    yield
    host_client.close_all()


@pytest.fixture
def avatar():
    avatar = RecordingAvatar(host="thread", quality="low")
    yield avatar
    avatar.stop().wait(30)
    avatar.close()


def test_it_speaks_and_tells(avatar):
    """Status, transcript, latency and words, all in traits and on the handle."""
    speech = avatar.speak("Hello there.")
    assert speech.wait(60) is speech
    assert speech.state == "said"
    assert [word for word, _, _ in speech.words] == ["Hello", "there."]
    assert avatar.status == "live"
    assert not avatar.speaking
    assert avatar.caption == ""
    assert avatar.transcript == [{"speech": speech.id, "text": "Hello there.", "state": "said"}]
    assert avatar.stats["speech_latency_ms"] == pytest.approx(speech.latency_ms, abs=0.1)


def test_speeches_keep_their_order_and_can_be_awaited(avatar):
    """The second begins when the first has ended."""

    async def go():
        first, second = avatar.speak("One."), avatar.speak("Two.")
        await second
        return first, second

    first, second = asyncio.run(go())
    assert first.finished_at <= second.first_audio_at
    assert [entry["text"] for entry in avatar.transcript[-2:]] == ["One.", "Two."]


def test_interrupt_ends_what_is_said_and_queued(avatar):
    """Both handles end as interrupted; nothing hangs."""
    first = avatar.speak("I go on and on and on. " * 10)
    second = avatar.speak("Never said.")
    avatar.interrupt()
    assert first.wait(30).state == "interrupted"
    assert second.wait(30).state == "interrupted"
    cut_in = avatar.speak("Now.")
    assert cut_in.wait(30).state == "said"


def test_stop_twice_then_speak_then_start_again(avatar):
    """A verb after stop says what to do; start opens it anew."""
    avatar.speak("Hello.").wait(60)
    avatar.stop().wait(30)
    avatar.stop().wait(1)
    assert avatar.status == "ended"
    with pytest.raises(SessionClosed, match=r"start\(\)"):
        avatar.speak("Too late.")
    avatar.start().wait(30)
    assert avatar.speak("Back again.").wait(60).state == "said"


def test_stop_before_anything_began():
    """It never opened anything; it ends all the same."""
    avatar = Avatar(host="thread")
    avatar.stop().wait(1)
    assert avatar.status == "ended"
    avatar.close()


def test_stopping_in_the_middle_of_a_speech_reports_it(avatar):
    """What was queued is reported as not said."""
    first, second = avatar.speak("I go on and on. " * 10), avatar.speak("Never said.")
    avatar.stop().wait(30)
    assert (first.wait(5).state, second.wait(5).state) == ("interrupted", "interrupted")
    assert second.reason


@pytest.mark.parametrize(
    ("keyword", "guess"),
    [("charakter", "character"), ("mute", "muted"), ("colour", None)],
)
def test_an_unknown_keyword_is_named_with_a_guess(keyword, guess):
    """Not swallowed, as ipywidgets would."""
    with pytest.raises(UnknownName, match=f"no keyword '{keyword}'") as caught:
        Avatar(**{keyword: 1})
    if guess:
        assert f"Did you mean {guess!r}" in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"provider": "heygem"},
        {"character": "eva"},
        {"voice": "x"},
        {"quality": "4k"},
        {"host": "x"},
    ],
)
def test_an_unknown_name_is_refused_at_the_call(wrong):
    """Before anything is started."""
    with pytest.raises(UnknownName, match="Choose one of"):
        Avatar(**wrong)


def test_a_quality_can_be_changed_only_to_a_known_one(avatar):
    """The trait keeps its value."""
    with pytest.raises(UnknownName):
        avatar.quality = "huge"
    assert avatar.quality == "low"


@pytest.mark.parametrize("text", ["", "  ", "\x00", "🎉", ","])
def test_nothing_to_say_is_a_finished_speech(avatar, text):
    """It is in the transcript, and opens nothing."""
    assert avatar.speak(text).wait(0).state == "said"
    assert [entry["state"] for entry in avatar.transcript] == ["said"]
    assert avatar.status == "idle"


@pytest.mark.parametrize("value", [None, 5, b"hi"])
def test_what_is_no_text_is_refused_at_the_call(avatar, value):
    """And nothing is queued."""
    with pytest.raises(InvalidArgument):
        avatar.speak(value)
    assert avatar.transcript == []


def test_other_scripts_are_a_warning_and_the_rest_is_said(avatar):
    """Never silence without a word."""
    with pytest.warns(UnreadableText, match="世界"):
        speech = avatar.speak("Hello 世界, hello.")
    assert speech.wait(60).state == "said"


def test_read_only_traits_cannot_be_set(avatar):
    """They tell; they do not take."""
    for name in ("status", "speaking", "caption", "transcript", "session_id", "error", "stats"):
        with pytest.raises(traitlets.TraitError):
            setattr(avatar, name, getattr(avatar, name))


def test_a_page_is_welcomed_and_its_offer_starts_the_session(avatar):
    """Hello is answered with this kernel's epoch; garbage offers are refused with a fix."""
    avatar.page_says(type="hello", page="p", protocol=p.PROTOCOL)
    welcome, status = [message for message, _ in avatar.sent]
    assert welcome["type"] == "welcome"
    assert welcome["epoch"]
    assert (status["type"], status["status"]) == ("status", "idle")
    avatar.page_says(type="offer", page="p", peer="p.1", sdp="garbage")
    avatar.page_says(type="offer", page="p", peer="p.1", sdp="garbage")
    avatar.start().wait(30)
    avatar.speak("So that some time goes by.").wait(60)
    # The second one repeats the first, and is answered again where that has been answered by then.
    refused = avatar.answers("refused")
    assert len(refused) in (1, 2)
    for answer in refused:
        assert (answer["page"], answer["peer"]) == ("p", "p.1")
        assert answer["fix"]


def test_what_a_page_types_is_said_and_told(avatar):
    """A speech of the page is in the transcript; one with nothing to say is a finished one."""
    said = threading.Event()
    avatar.observe(lambda change: change["new"] and said.set(), "transcript")
    avatar.page_says(type="say", text="Typed words.")
    assert said.wait(60)
    assert avatar.transcript[0]["text"] == "Typed words."
    avatar.page_says(type="say", text=" ... ")
    until(lambda: len(avatar.transcript) == 2, 60, "it is a speech")
    until(lambda: avatar.transcript[-1]["state"] == "said", 60, "it has nothing to say")
    assert avatar.error == {}
    avatar.page_says(type="interrupt")


def test_the_page_sets_sound_and_reports_what_plays(avatar):
    """Traits follow the page."""
    avatar.page_says(type="set-sound", muted=True, volume=0.25)
    assert (avatar.muted, avatar.volume) == (True, 0.25)
    avatar.page_says(type="media", page="p", playback="sound-blocked")
    assert avatar.playback == "sound-blocked"
    avatar.page_says(type="media", page="p", playback="failed", what="No way.", fix="Another way.")
    assert avatar.error == {"what": "No way.", "fix": "Another way."}
    avatar.start().wait(60)
    assert avatar.error["what"] == "No way.", (
        "a session that is well does not bring the picture back"
    )
    avatar.page_says(type="media", page="p", playback="playing")
    assert avatar.error == {}


def test_mute_moved_in_a_page_is_of_that_page_and_set_in_python_of_all(avatar):
    """Other pages see who has moved it, in one message with what; setting it in Python is told."""
    sent = []
    avatar.send_state = lambda key=None: sent.append(sorted({key} if isinstance(key, str) else key))
    avatar.page_says(type="set-sound", muted=True, volume=0.25, page="one")
    assert sent == [["_sound_page", "muted", "volume"]]
    assert avatar._sound_page == "one"
    avatar.muted = True
    assert avatar._sound_page == "", "the same for all, though the trait has not changed"
    assert avatar.muted is True


def test_auto_quality_follows_what_the_page_measures(monkeypatch):
    """The trait stays what the user asked for; `stats` says what is used."""
    avatar = RecordingAvatar(host="thread", quality="auto")
    avatar.start().wait(30)
    # A second goes by with each measurement. The host's events need the real clock.
    seconds, real = itertools.count(100), avatar.session._clock
    measured = avatar.session.take_page_stats

    def take(*stats):
        monkeypatch.setattr(avatar.session, "_clock", lambda: float(next(seconds)))
        measured(*stats)
        monkeypatch.setattr(avatar.session, "_clock", real)

    monkeypatch.setattr(avatar.session, "take_page_stats", take)
    assert avatar.stats["quality"] == "medium"
    good = {"width": 1280, "height": 720, "bitrateKbps": 900.0, "packetsLost": 0}
    good |= {"framesDropped": 0, "freezes": 0}
    for _ in range(6):
        avatar.page_says(type="stats", page="p", fps=9.0, **good)
    assert (avatar.stats["quality"], avatar.quality) == ("low", "auto")
    for _ in range(40):
        avatar.page_says(type="stats", page="p", fps=25.0, **good)
    assert avatar.stats["quality"] == "medium"
    assert avatar.stats["sample"] == 46
    avatar.quality = "low"
    for _ in range(90):
        avatar.page_says(type="stats", page="p", fps=25.0, **good)
    assert avatar.stats["quality"] == "low"
    avatar.stop().wait(30)
    avatar.start().wait(30)
    assert avatar.stats["quality"] == "low"
    avatar.quality = "auto"  # from the size that is there
    for _ in range(32):
        avatar.page_says(type="stats", page="p", fps=25.0, **good)
    assert avatar.stats["quality"] == "medium"
    avatar.stop().wait(30)
    avatar.close()


@pytest.mark.parametrize("content", [None, 7, "stop", {}, {"type": "x"}, {"type": "say"}])
def test_garbage_of_a_page_changes_nothing(avatar, content):
    """A page of another version must not disturb."""
    avatar._pages.on_widget_message(avatar, content, [])
    assert avatar.status == "idle"


def test_showing_it_starts_the_session(avatar):
    """What a cell does with its last line. The text is for notebooks without a kernel."""
    bundle = avatar._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "Run this cell" in data["text/plain"]
    avatar.start().wait(30)
    assert avatar.status == "live"


class Shell:
    def __init__(self):
        self.parent = {}

    def get_parent(self):
        return self.parent

    def run(self, cell, message):
        self.parent = {"metadata": {"cellId": cell}, "header": {"msg_id": message}}


class Thing:
    closed = False

    def close(self):
        self.closed = True


def test_running_a_cell_again_closes_what_its_last_run_made(monkeypatch):
    """Several of one run live together; other cells are left alone."""
    shell = Shell()
    monkeypatch.setattr(cell_rerun, "get_ipython", lambda: shell)
    monkeypatch.setattr(cell_rerun, "_made", {})
    made = []

    def make():
        made.append(Thing())
        cell_rerun.replace_in_cell(made[-1])

    shell.run("a", "1")
    make()
    make()
    shell.run("b", "2")
    make()
    assert not any(thing.closed for thing in made)
    shell.run("a", "3")
    make()
    assert [thing.closed for thing in made] == [True, True, False, False]
    monkeypatch.setattr(cell_rerun, "get_ipython", lambda: None)
    make()
    assert not made[-1].closed


RUN = """
import asyncio, ipyavatar

async def inner():
    await asyncio.sleep(0)
    return 42

async def as_in_a_cell():
    return ipyavatar.run(inner())

print(ipyavatar.run(inner()), asyncio.run(as_in_a_cell()))
"""


def test_run_works_with_and_without_a_running_loop():
    """A script has no loop, a notebook has one. In a process of its own: nest-asyncio replaces
    `asyncio.run` for good, by one that leaves its loop open.
    """
    ran = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["42", "42"]


def test_the_lists_of_characters_and_voices_are_for_people():
    """Names to descriptions, at least three and four, female and male."""
    assert len(ipyavatar.characters()) >= 3
    voices = ipyavatar.voices()
    assert len(voices) >= 4
    assert {text.split(",")[0] for text in voices.values()} == {"female", "male"}


def saved_notebook(avatar, *, state):
    """A notebook as it is saved with `avatar` in it, with the state of widgets or without."""
    data, metadata = avatar._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("avatar", outputs=[output])])
    if state:
        model = {"model_name": "AnyModel", "model_module": "anywidget", "state": avatar.get_state()}
        book.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": model}}
    return book


@pytest.mark.parametrize("character", ["ava", "leo", "maya", "arthur"])
def test_a_saved_notebook_shows_a_small_portrait_and_how_to_bring_it_back(character):
    """In exported HTML, and in what shows text alone; it adds less than 30 kB."""
    avatar = Avatar(host="thread", character=character)
    try:
        book = saved_notebook(avatar, state=False)
        output, line = (
            book.cells[0].outputs[0],
            "An avatar was here. Run this cell to bring it back.",
        )
        for template in ("lab", "classic"):
            html, _ = nbconvert.HTMLExporter(template_name=template).from_notebook_node(book)
            assert f'src="data:image/png;base64,{output.data["image/png"]}' in html
        assert f'alt="{line}"' in html, "of the two, this template knows descriptions"
        assert output.data["text/plain"] == line
        assert len(json.dumps(book)) < 30_000
    finally:
        avatar.close()


def test_what_was_said_is_saved_only_if_the_user_wants_it():
    """With the state of widgets, too: neither the transcript nor what is being said."""
    avatar = Avatar(host="thread")
    try:
        speech = avatar.speak("Between you and me.")
        until(lambda: speech.state == "speaking", 60, "it speaks")
        assert "you and me" not in json.dumps(saved_notebook(avatar, state=True))
        assert avatar.transcript[0]["text"] == "Between you and me."
        sent = []
        avatar.send_state = sent.append
        avatar.save_transcript = True
        assert set(sent[0]) == {"transcript", "caption"}
        assert "you and me" in json.dumps(saved_notebook(avatar, state=True))
    finally:
        avatar.close()
