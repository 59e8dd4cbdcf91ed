"""LiveAvatar FULL through our own place in its room, in a real process, against a real twin."""

from __future__ import annotations

import importlib.util
import itertools
import json
import subprocess
import sys

import pytest

from ipyavatar import AvatarSession
from ipyavatar.providers.cloud.speech_tracker import BEGIN_S
from tests.integration.room_speaker import TEXT
from tests.support.patience import patient
from tests.support.sdk import KEY, TwinProcess, twin_process, wait_until

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("livekit") is None or importlib.util.find_spec("livekit.rtc") is None,
    reason="the package livekit has no wheel for this machine",
)


@pytest.fixture(scope="module")
def twin():
    with twin_process("--responder", "json:dumps") as process:
        yield process


class Played:
    """What a scene did: its diary, and what the twin saw of its speeches."""

    def __init__(self, twin: TwinProcess, scene: str) -> None:
        known = {s["id"] for s in twin.state()["sessions"]}
        done = subprocess.run(
            [sys.executable, "-m", "tests.integration.room_speaker", twin.url, KEY, scene],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.errors = done.stderr
        self.result = json.loads(done.stdout.splitlines()[-1])
        self.diary = self.result["diary"]
        (session,) = (s for s in twin.state()["sessions"] if s["id"] not in known)
        self.speeches = session["speeches"]

    def names(self) -> list[str]:
        return [name for name, _, _ in self.diary]

    def at(self, name: str) -> float:
        return next(at for what, _, at in self.diary if what == name)

    def texts(self, name: str) -> list[str]:
        return [text for what, text, _ in self.diary if what == name]


def test_the_words_are_spoken_and_followed(twin):
    played = Played(twin, "repeat")
    assert [(s["text"], s["kind"], s["state"]) for s in played.speeches] == [
        (TEXT, "repeat", "said")
    ]
    assert " ".join(played.texts("avatar.transcription.chunk")) == TEXT
    assert played.texts("caption") == [TEXT]
    # Where it is told late, as on a busy machine, it is taken as begun before.
    begun = min(played.at("avatar.speak_started"), played.at("asked") + BEGIN_S["repeat"])
    assert 0 <= played.at("first sound") - begun < patient(0.5)
    assert 0 <= played.at("said") - played.at("avatar.speak_ended") < patient(0.5)
    assert played.at("said") - played.at("first sound") > 3
    assert played.result["left"] == []


def test_an_answer_is_shown_as_it_is_spoken(twin):
    """The twin's responder puts what it is asked in quotes."""
    played = Played(twin, "talk")
    assert [s["kind"] for s in played.speeches] == ["talk"]
    captions = [text for text in played.texts("caption") if text != "…"]
    assert " ".join(captions) == f'"{TEXT}"'
    assert "".join(played.texts("answer")) == f'"{TEXT}"'
    assert len(captions) == 2
    times = [at for name, text, at in played.diary if name == "caption" and text in captions]
    told = [at for name, _, at in played.diary if name == "avatar.transcription.chunk"]
    assert all(0 <= shown - when < patient(0.5) for shown, when in zip(times, told, strict=True))


def test_an_interrupt_cuts_the_words(twin):
    """Over at once, and the next speech is not hurt by its end."""
    played = Played(twin, "interrupt")
    assert [s["state"] for s in played.speeches] == ["interrupted", "said"]
    assert 0 < played.at("avatar.speak_ended") - played.at("interrupt") < patient(0.5)
    spoken = " ".join(played.texts("avatar.transcription.chunk"))
    assert len(spoken) < len(TEXT * 5)
    assert played.texts("caption")[-1] == "Short."
    assert "said" in played.names()


def test_the_end_of_the_session_ends_the_room(twin):
    played = Played(twin, "stopped")
    assert played.result["gone"] == "the service has closed the room"
    assert not played.result["hears"]
    assert played.result["error"].startswith("SpeechFailed: The service's room takes no orders")


def test_ways_of_not_getting_in(twin):
    """Each in words, in time, and without the token or what is in the address."""
    played = Played(twin, "refused")
    ways = played.result["ways"]
    assert {name: kind for name, (kind, _, _) in ways.items()} == {
        "token": "AuthenticationError",
        "deaf": "NoAnswer",
        "nobody": "NoAnswer",
        "garbage": "NoAnswer",
    }
    assert "within 4 s" in ways["deaf"][1]
    assert max(seconds for _, _, seconds in ways.values()) < patient(6)
    shown = [text for _, text, _ in ways.values()]
    for text, secret in itertools.product([*shown, played.errors], ["seeded-secret", "access_tok"]):
        assert secret not in text


def test_joined_too_late_is_left_again(twin):
    """The library cannot be told to stop; nobody must be put out of the room by a ghost."""
    played = Played(twin, "late")
    assert played.result["error"].startswith("NoAnswer")
    assert played.result["there"] == []
    assert played.result["left"] == []


def test_plain_python_with_our_own_voice_is_in_the_room_as_well():
    """LITE is told what to say elsewhere; but the service ends a session that nobody joins."""
    with twin_process("--join-timeout", "60") as twin:

        def clients():
            return [who["identity"] for room in twin.state()["rooms"].values() for who in room]

        options = {"avatar_id": "a", "api_key": KEY, "base_url": twin.url, "host": "thread"}
        with AvatarSession("liveavatar", **options) as session:
            session.start().wait(30)
            wait_until(lambda: clients() == ["client"], 15, "us in the room")
            twin.call("POST", "/_twin/clock", {"advance_s": 61})
            assert session.speak("Heard from the room.").wait(30).state == "said"
            assert clients() == ["client"]
        wait_until(lambda: clients() == [], 10, "the room to be closed")
