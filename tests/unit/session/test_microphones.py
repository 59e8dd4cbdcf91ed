"""Who is heard, when, and that the avatar then is silent; by a model that takes loud for speech."""

import asyncio
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from ipyavatar.errors import MediaError
from ipyavatar.protocol.listening import Listen, ListeningUpdate, Microphone, MicrophoneSound
from ipyavatar.session.microphone_level import MUTED, TOO_LOUD, MicrophoneLevel
from ipyavatar.session.microphones import GONE_S, KEPT_S, MOST, MOST_DROPPED, Microphones
from tests.support.virtual_time import VirtualClock, run_virtual

RATE = 16_000
LOUD, QUIET = 0.5, 0.001


class LoudIsSpeech:
    """A model that is simple."""

    def __init__(self):
        self.resets = 0

    def __call__(self, chunk):
        return float(abs(chunk).max() > 0.1)

    def reset(self):
        self.resets += 1


class Shelf:
    """Loads models, each when it is let go on: until then its thread waits."""

    def __init__(self):
        self.loaded = []
        self.go = threading.Event()

    def load(self):
        assert self.go.wait(20)
        self.loaded.append(LoudIsSpeech())
        return self.loaded[-1]


class Player:
    """Where the avatar's sound comes from."""

    def __init__(self):
        self.sinks = []

    def add_sink(self, sink):
        self.sinks.append(sink)

    def remove_sink(self, sink):
        self.sinks.remove(sink)

    def play(self, seconds, level=0.3):
        """Somebody else's noise: no echo is like it."""
        noise = np.random.default_rng(3).normal(0, level, round(seconds * 48_000))
        for at in range(0, len(noise), 960):
            for sink in self.sinks:
                sink.put_audio(at, noise[at : at + 960].astype(np.float32) if level else None)


class Owner:
    """A session, which keeps what its microphones do."""

    id = "s"

    def __init__(self, *, paid=False):
        self.player = Player()
        self.provider = SimpleNamespace(media=self.media)
        self.paid = paid
        self.facts, self.notices, self.requests = [], [], []
        self.interrupted = self.touched = 0

    def media(self):
        if self.paid:
            raise MediaError("It goes to a page.")
        return self.player

    def announce(self, fact):
        assert isinstance(fact, ListeningUpdate)
        self.facts.append((fact.mode, fact.hearing, fact.page, fact.microphones))
        self.dropped = fact.dropped
        self.requests.append(fact.request)

    def tick(self):
        return 0.0

    def interrupt(self, speech=""):
        assert speech == ""
        self.interrupted += 1

    def touch(self):
        self.touched += 1

    def on_notice(self, kind, text):
        assert kind == "microphone"
        self.notices.append(text)


class Scene:
    """Microphones that listen, and what came of them."""

    def __init__(self, mode="open", *, half_duplex=False, paid=False, load=None):
        self.owner, self.events = Owner(paid=paid), []
        self.clock = VirtualClock()
        self.noise = np.random.default_rng(5)
        self.microphones = Microphones(
            self.owner, self.events.append, self.clock, load or LoudIsSpeech
        )
        self.microphones.listen(Listen("s", mode, half_duplex))

    async def turn_on(self, page="p"):
        self.microphones.handle(Microphone(page, "on", "messages"))
        await asyncio.sleep(0.01)  # its model is loaded

    async def hear(self, seconds, level=LOUD, page="p"):
        """Sound comes as it does from a page, in time."""
        for _ in range(round(seconds / 0.06)):
            await asyncio.sleep(0.06)
            noise = self.noise.uniform(-level, level, 960)
            self.microphones.hear(page, noise.astype(np.float32))

    async def say(self, seconds=1.0, page="p"):
        await self.hear(seconds, page=page)
        await self.hear(1.0, QUIET, page)

    @property
    def lengths(self):
        return [round(len(event.samples) / 2 / RATE, 1) for event in self.events]


def run(scene_of, play):
    async def scene():
        one = scene_of()
        try:
            return await play(one)
        finally:
            one.microphones.stop()
            await one.microphones.close()

    return run_virtual(scene())


def test_what_is_said_is_told_with_when_it_was():
    """And who speaks silences the avatar, and is there."""

    async def play(scene):
        await scene.turn_on()
        await scene.hear(1.0, QUIET)
        await scene.say(1.2)
        (event,) = scene.events
        assert event.ended_at - event.began_at == pytest.approx(1.5, abs=0.1)
        assert scene.clock.now() - event.ended_at == pytest.approx(1.0, abs=0.1)
        assert (event.page, event.cut) == ("p", False)
        assert scene.owner.interrupted == scene.owner.touched == 1
        told = [("open", False, "", 0), ("open", False, "", 1)]
        assert scene.owner.facts == [*told, ("open", True, "p", 1), ("open", False, "", 1)]

    run(Scene, play)


def test_nobody_is_heard_whose_microphone_is_not_on():
    """Sound without the button's word is no sound; nor after it was turned off."""

    async def play(scene):
        await scene.say()
        await scene.turn_on()
        scene.microphones.handle(Microphone("p", "off", "messages"))
        await scene.say()
        scene.microphones.handle(MicrophoneSound("p", 1, RATE), (b"\0\1" * 960,))
        assert (scene.events, scene.owner.interrupted) == ([], 0)

    run(Scene, play)


def test_nobody_is_heard_where_nobody_listens():
    async def play(scene):
        await scene.turn_on()
        await scene.say()
        assert (scene.events, scene.owner.facts, scene.owner.player.sinks) == ([], [], [])

    run(lambda: Scene("off"), play)


def test_turning_off_ends_what_is_being_said_at_once():
    async def play(scene):
        await scene.turn_on()
        await scene.hear(1.0)
        assert scene.events == []
        scene.microphones.handle(Microphone("p", "off"))
        assert scene.lengths == [1.3]
        assert scene.owner.facts[-1] == ("open", False, "", 0)

    run(Scene, play)


def test_push_to_talk_is_one_utterance_a_press():
    """Pressing silences the avatar; a press without a word is told as an empty one."""

    async def play(scene):
        for level in (LOUD, QUIET):
            await scene.turn_on()
            await scene.hear(0.6, level)
            await scene.hear(1.8, QUIET)
            await scene.hear(0.6, level)
            scene.microphones.handle(Microphone("p", "off"))
        assert scene.lengths == [3.0, 0.0]
        assert scene.owner.interrupted == 2

    run(lambda: Scene("push_to_talk"), play)


def test_half_duplex_hears_nothing_while_the_avatar_sounds():
    """And hears again when that is over."""

    async def play(scene):
        await scene.turn_on()
        await scene.hear(0.12, QUIET)
        scene.owner.player.play(1.0)
        await scene.say()
        assert (scene.events, scene.owner.interrupted) == ([], 0)
        scene.owner.player.play(2.0, 0.0)
        await scene.say()
        assert len(scene.events) == 1

    run(lambda: Scene(half_duplex=True), play)


def test_an_avatar_that_begins_while_somebody_speaks_is_silenced():
    async def play(scene):
        await scene.turn_on()
        await scene.hear(0.5)
        scene.owner.player.play(0.1)
        await scene.hear(0.2)
        assert scene.owner.interrupted > 1

    run(Scene, play)


def test_several_pages_are_heard_each_for_itself():
    """With too many the first ones are given up."""

    async def play(scene):
        for number in range(MOST + 2):
            await scene.turn_on(f"p{number}")
        await scene.say(page="p0")
        await scene.say(page="p4")
        assert [event.page for event in scene.events] == ["p4"]
        assert scene.owner.facts[-1][-1] == MOST
        assert scene.owner.dropped == ("p0", "p1")
        await scene.turn_on("p0")  # its user presses the button again
        assert scene.owner.dropped == ("p1", "p2")
        await scene.say(page="p0")
        assert [event.page for event in scene.events] == ["p4", "p0"]

    run(Scene, play)


def test_a_microphone_that_falls_silent_in_the_middle_of_a_word_ends_it():
    """Its page is gone, or its line is cut: and after a while it is off."""

    async def play(scene):
        await scene.turn_on()
        await scene.hear(1.0)
        await asyncio.sleep(3)
        assert len(scene.events) == 1
        await asyncio.sleep(GONE_S + 2)
        assert scene.owner.facts[-1] == ("open", False, "", 0)
        assert scene.owner.player.sinks == []
        assert scene.owner.dropped == ("p",)
        scene.microphones.handle(Microphone("p", "off"))
        await scene.turn_on("q")
        assert scene.owner.dropped == ()

    run(Scene, play)


def test_pages_that_never_come_back_are_forgotten():
    async def play(scene):
        for number in range(MOST_DROPPED + MOST + 9):
            scene.microphones.handle(Microphone(f"p{number}", "on", "messages"))
        assert len(scene.owner.dropped) == MOST_DROPPED
        assert scene.owner.dropped[-1] == f"p{MOST_DROPPED + 8}"

    run(Scene, play)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 40.0])
def test_sound_that_is_no_sound_does_no_harm(value):
    async def play(scene):
        await scene.turn_on()
        scene.microphones.hear("p", np.full(16_000, value, np.float32))
        await scene.hear(1.0, QUIET)
        await scene.say()
        assert len(scene.events) >= 1
        assert not any(np.isnan(np.frombuffer(e.samples, "<i2")).any() for e in scene.events)

    run(Scene, play)


def test_a_model_that_cannot_be_loaded_is_told():
    def load():
        raise OSError("no such library")

    async def play(scene):
        await scene.turn_on()
        await scene.say()
        (notice,) = scene.owner.notices
        assert "no such library" in notice

    run(lambda: Scene(load=load), play)


@pytest.mark.parametrize("ends_meanwhile", [False, True])
def test_what_is_said_while_the_model_is_being_loaded_is_heard(ends_meanwhile):
    """It is judged once that is there, also where the key was let go of meanwhile."""
    shelf = Shelf()

    async def play(scene):
        off = Microphone("p", "off", "messages")
        scene.microphones.handle(Microphone("p", "on", "messages"))
        push(scene, 0.6)
        if ends_meanwhile:
            scene.microphones.handle(off)
        shelf.go.set()
        await asyncio.sleep(0.01)
        if not ends_meanwhile:
            push(scene, 0.6)
            scene.microphones.handle(off)
        assert scene.lengths == [0.6 if ends_meanwhile else 1.2]
        assert scene.owner.facts[-1] == ("push_to_talk", False, "", 0)

    run(lambda: Scene("push_to_talk", load=shelf.load), play)


@pytest.mark.parametrize("fails", [False, True])
def test_a_microphone_is_told_to_be_off_when_all_that_it_heard_is_known(fails):
    """Who has it heard to its end, as a script's sound, may then stop listening."""
    shelf = Shelf()

    def load():
        model = shelf.load()
        if fails:
            raise OSError("no such file")
        return model

    async def play(scene):
        scene.microphones.handle(Microphone("p", "on", "messages"))
        push(scene, 0.6)
        scene.microphones.handle(Microphone("p", "off", "messages"))
        assert [fact[-1] for fact in scene.owner.facts][-1] == 1
        assert scene.lengths == []
        shelf.go.set()
        await asyncio.sleep(0.01)
        assert [fact[-1] for fact in scene.owner.facts][-1] == 0
        assert len(scene.lengths) == (0 if fails else 1)
        scene.microphones.handle(Microphone("p", "on", "messages"))
        push(scene, 0.6)
        await asyncio.sleep(0.01)
        scene.microphones.handle(Microphone("p", "off", "messages"))
        assert [fact[-1] for fact in scene.owner.facts][-1] == 0

    run(lambda: Scene("open", load=load), play)


def push(scene, seconds):
    """So much loud sound, at once."""
    for _ in range(round(seconds / 0.06)):
        scene.microphones.hear("p", np.full(960, LOUD, np.float32))


def test_what_is_kept_for_a_model_is_bounded():
    shelf = Shelf()

    async def play(scene):
        scene.microphones.handle(Microphone("p", "on", "messages"))
        push(scene, KEPT_S + 5)
        scene.microphones.handle(Microphone("p", "off", "messages"))
        shelf.go.set()
        await asyncio.sleep(0.01)
        assert scene.lengths == [pytest.approx(KEPT_S, abs=0.2)]

    run(lambda: Scene("push_to_talk", load=shelf.load), play)


def test_nothing_of_before_another_listening_is_heard_in_it():
    """What was kept for a model belongs to who listened then."""
    shelf = Shelf()

    async def play(scene):
        scene.microphones.handle(Microphone("p", "on", "messages"))
        push(scene, 0.6)
        scene.microphones.listen(Listen("s", "off"))
        scene.microphones.listen(Listen("s", "push_to_talk"))
        shelf.go.set()
        await asyncio.sleep(0.01)
        scene.microphones.handle(Microphone("p", "off", "messages"))
        assert scene.lengths == [0.0]

    run(lambda: Scene("push_to_talk", load=shelf.load), play)


def test_what_is_told_has_the_number_of_who_asked_for_it():
    """Who listens next can tell what is of the one before: that is still under way."""

    async def play(scene):
        scene.microphones.listen(Listen("s", "open", request=1))
        await scene.turn_on()
        await scene.hear(1.0)
        scene.microphones.listen(Listen("s", "open", request=2))  # ends what is being said
        await scene.say()
        assert [event.request for event in scene.events] == [1, 2]
        assert scene.owner.requests[-1] == 2
        assert set(scene.owner.requests[1:]) == {1, 2}

    run(Scene, play)


def test_one_that_is_turned_on_again_is_not_told_to_be_off():
    """Who hears that turns it on again, and so on: no word would be heard to its end."""

    async def play(scene):
        await scene.turn_on()
        before = len(scene.owner.facts)
        await scene.turn_on()
        assert {fact[3] for fact in scene.owner.facts[before:]} == {1}
        await scene.say()
        assert len(scene.events) == 1

    run(Scene, play)


def test_a_model_is_loaded_once_and_used_again():
    """However often a key is pressed, or the mode changes, while it is being loaded, and after."""
    shelf = Shelf()

    async def play(scene):
        for _ in range(50):
            scene.microphones.handle(Microphone("p", "on", "messages"))
            scene.microphones.handle(Microphone("p", "off", "messages"))
        scene.microphones.handle(Microphone("p", "on", "messages"))
        for mode in ("off", "open") * 20:
            scene.microphones.listen(Listen("s", mode))
        shelf.go.set()
        await asyncio.sleep(0.01)
        for count in range(1, 4):
            await scene.say()
            assert len(scene.events) == count
            await scene.turn_on()
        (model,) = shelf.loaded
        assert model.resets == 3

    run(lambda: Scene(load=shelf.load), play)


def test_of_free_models_no_more_are_kept_than_can_be_used():
    shelf = Shelf()
    shelf.go.set()

    async def play(scene):
        for _ in range(2):
            for page in range(MOST + 2):
                await scene.turn_on(f"p{page}")
            for page in range(MOST + 2):
                scene.microphones.handle(Microphone(f"p{page}", "off"))
        assert len(shelf.loaded) == len(scene.microphones._free) == MOST

    run(lambda: Scene(load=shelf.load), play)


def test_a_page_that_has_none_says_why():
    async def play(scene):
        failed = Microphone("p", "failed", what="It was refused.", fix="Allow it.")
        scene.microphones.handle(failed)
        assert scene.owner.notices == ["It was refused. Allow it."]

    run(Scene, play)


def test_it_works_where_nobody_knows_what_is_played():
    """A service's sound goes straight to a page."""

    async def play(scene):
        await scene.turn_on()
        await scene.say()
        assert len(scene.events) == 1

    run(lambda: Scene(paid=True), play)


def test_pieces_in_messages_become_the_same_sound():
    async def play(scene):
        await scene.turn_on()
        loud = (np.full(2880, 16_000, "<i2").tobytes(),)
        for number in range(1, 20):
            await asyncio.sleep(0.06)
            scene.microphones.handle(MicrophoneSound("p", number, 48_000), loud)
        assert scene.owner.facts[-1] == ("open", True, "p", 1)

    run(Scene, play)


def test_a_microphone_that_gives_nothing_or_too_much_is_told_once():
    level = MicrophoneLevel()
    zeros = np.zeros(1600, np.float32)
    assert [t for _ in range(300) if (t := level.find_trouble(zeros))] == [MUTED]
    clipped = np.ones(1600, np.float32)
    assert [t for _ in range(300) if (t := level.find_trouble(clipped))] == [TOO_LOUD]
    noise = np.random.default_rng(1).normal(0, 0.05, 1600).astype(np.float32)
    assert not any(MicrophoneLevel().find_trouble(noise) for _ in range(300))
    assert level.find_trouble(zeros[:0]) == ""
