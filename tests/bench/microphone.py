"""What the user says: until the avatar is silent, until it answers, what is understood of it."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tests.integration.recogniser import hear, word_errors, words
from tests.support.fake_user import FakeUser
from tests.support.microphone import spoken

from .latency import SOUNDING_MS, TEXTS, silence
from .numbers import median, percentile, spread
from .probe import Probe
from .rows import Part, Reading, Spec
from .sound import AUDIBLE, onset
from .stand import Lab, Stand

TRIALS = 12
PAUSE_MS = 5000

BARGE_P50 = "microphone: user speaks -> avatar silent, p50"
BARGE_P95 = "microphone: user speaks -> avatar silent, p95"
ANSWER = "microphone: user has spoken -> first audible sample of the answer, p50"
ERRORS = "microphone: words not understood of ten sentences"

CELL = """
from ipyavatar import Avatar
heard = []
def recognize(samples):
    heard.append(samples)
    return "yes"
avatar = Avatar(recognizer=recognize{more})
listening = avatar.listen()
avatar
"""
ANSWERS = ", responder=lambda text: 'Yes.'"

USER_VOICE = "cole"
"""Not the avatar's own: what sounds like it is taken for its echo, until it is sure."""

INTERRUPTION = "No, wait a moment, please."
QUESTION = "Is it seven?"

SENTENCES = (
    "The library closes at six, but the reading room stays open until midnight.",
    "My grandmother keeps a jar of honey on the highest shelf in the kitchen.",
    "Please remember to switch off the lights before you leave the building.",
    "A sudden storm delayed the ferry, and everybody had to wait on the pier.",
    "The experiment failed because somebody forgot to calibrate the scale.",
    "We should plant the tomatoes in spring, when the ground is warm enough.",
    "Her younger brother plays the trumpet in a jazz band every Friday night.",
    "Modern computers can solve this equation in a fraction of a second.",
    "He bought a pair of brown leather shoes and a heavy winter coat.",
    "Nobody knows exactly why the ancient city was suddenly abandoned.",
)


def open_microphone(lab: Lab) -> FakeUser:
    """Show the avatar and press its button; who talks to it."""
    lab.start(0)
    lab.wait_for_picture()
    user = FakeUser(lab.page)
    button = lab.page.locator(".ipyavatar-microphone")
    button.click()
    lab.page.wait_for_function(
        "() => document.querySelector('.ipyavatar-microphone').dataset.microphone === 'on'"
    )
    lab.page.wait_for_timeout(2000)
    return user


def barge_in(stand: Stand) -> Iterator[Reading]:
    """Talk while the avatar does, again and again."""
    sound = spoken(INTERRUPTION, USER_VOICE)
    hushed: list[float] = []
    with stand.notebook(CELL.format(more="")) as lab:
        user = open_microphone(lab)
        probe = Probe(lab.page)
        for number in range(TRIALS):
            lab.ask(f"speech = avatar.speak({TEXTS[number % len(TEXTS)]!r})")
            lab.page.wait_for_timeout(1500 + 70 * number)
            began, _ = user.say(sound)
            lab.page.wait_for_timeout(3500)
            recording = probe.read()
            if recording.graph.between(began - SOUNDING_MS, began).peak.max() > AUDIBLE:
                hushed.append(silence(recording, began) - began)
            lab.ask("avatar.interrupt()")
            probe.forget()
    yield Reading(BARGE_P50, median(hushed), len(hushed), spread(hushed))
    yield Reading(BARGE_P95, percentile(hushed, 95), len(hushed), spread(hushed))


def answer(stand: Stand) -> Iterator[Reading]:
    """Ask, and hear a rule's answer."""
    sound = spoken(QUESTION, USER_VOICE)
    waited: list[float] = []
    with stand.notebook(CELL.format(more=ANSWERS)) as lab:
        user = open_microphone(lab)
        probe = Probe(lab.page)
        for _ in range(TRIALS):
            _, ended = user.say(sound)
            lab.page.wait_for_timeout(4500)
            waited.append(onset(probe.read().graph, ended) - ended)
            probe.forget()
    yield Reading(ANSWER, median(waited), len(waited), spread(waited))


def understood(stand: Stand) -> Iterator[Reading]:
    """Say ten sentences, and have what the recognizer got recognized by Whisper."""
    said = [word for sentence in SENTENCES for word in words(sentence)]
    got: list[str] = []
    direct: list[str] = []
    with stand.notebook(CELL.format(more="")) as lab:
        user = open_microphone(lab)
        for sentence in SENTENCES:
            sound = spoken(sentence)
            direct += words(hear(sound, 48_000))
            user.say(sound)
            lab.page.wait_for_timeout(1000 * len(sound) / 48_000 + 2000)
        lab.page.wait_for_timeout(PAUSE_MS)  # the last one has ended
        for index in range(int(lab.ask("", "len(heard)"))):
            got += words(hear(_sound(lab, index), 16_000))
    errors = word_errors(said, got)
    told = f"{errors} of {len(said)}; {word_errors(said, direct)} as the voice says them"
    yield Reading(ERRORS, 100 * errors / len(said), len(said), told)


def _sound(lab: Lab, index: int) -> NDArray[np.float32]:
    encoded = f"__import__('base64').b64encode(heard[{index}].tobytes()).decode()"
    return np.frombuffer(base64.b64decode(lab.ask("", encoded)), np.float32)


_USER = (
    "the page's microphone is an audio graph that says a sentence of our own voice when told to; "
    "WebRTC, JupyterLab, one machine"
)

PARTS = (
    Part(
        "microphone",
        (
            Spec(BARGE_P50, "ms", None, f"first audible sample of the user's to silence; {_USER}"),
            Spec(BARGE_P95, "ms", 200, "as above"),
        ),
        barge_in,
    ),
    Part(
        "microphone",
        (
            Spec(
                ANSWER,
                "ms",
                None,
                "last audible sample of a question to the first of a rule's answer, of which 700 "
                f"are the pause that ends an utterance; {_USER}",
            ),
        ),
        answer,
    ),
    Part(
        "microphone",
        (
            Spec(
                ERRORS,
                "%",
                None,
                f"whisper-base, offline, of the sound that the recognizer was called with; {_USER}",
            ),
        ),
        understood,
    ),
)
