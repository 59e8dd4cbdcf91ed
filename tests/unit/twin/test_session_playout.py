"""A session whose speeches are played out by media."""

from ipyavatar.twin.session import Rules, TwinSession


def session(**rules):
    it = TwinSession("s", "heygen", "v2", Rules(idle_s=1000, max_s=10_000, **rules), 0.0)
    it.start(0.0)
    it.has_playout = True
    return it


def names(it):
    return [(event.name, event.speech_id) for event in it.events if event.name != "phase"]


def test_a_speech_with_playout_begins_and_ends_when_playout_reports_it():
    it = session()
    speech = it.speak(1.0, "a", 2.0, text="one")
    it.advance(60.0)
    assert (speech.state, names(it)) == ("queued", [])
    it.on_playout_started(61.0, speech)
    assert (speech.state, speech.starts_at) == ("speaking", 61.0)
    it.on_playout_finished(64.5, speech)
    assert (speech.state, speech.seconds) == ("said", 3.5)
    assert names(it) == [("speech_started", "a"), ("speech_ended", "a")]


def test_reports_on_an_interrupted_speech_are_ignored():
    it = session()
    first, second = it.speak(1.0, "a", 2.0), it.speak(1.0, "b", 2.0)
    it.on_playout_started(1.5, first)
    it.interrupt(2.0)
    it.on_playout_finished(2.1, first)
    it.on_playout_started(2.2, second)
    assert (first.state, second.state) == ("interrupted", "interrupted")
    assert it.head is None


def test_listeners_are_called_for_every_piece_of_audio_and_at_its_end():
    it = session()
    times = []
    it.listeners.add(lambda: times.append(it.now))
    it.append_audio(1.0, "a", 0.1, b"12")
    it.append_audio(2.0, "a", 0.1, b"34")
    it.close_speech(3.0, "a")
    assert times == [1.0, 2.0, 3.0]
    assert it.head.audio == [b"12", b"34"]
    assert not it.head.open


def test_a_session_without_playout_keeps_no_audio():
    it = session()
    it.has_playout = False
    it.append_audio(1.0, "a", 0.1, b"12")
    it.append_audio(1.0, "a", 0.1, b"34")
    assert it.head.audio == []
