"""A paid service as a provider: what it is sent of a text."""

import contextlib

import pytest

from ipyavatar.core.speech import Utterance
from ipyavatar.providers.cloud.provider import CloudProvider
from ipyavatar.providers.heygen.spec import SPEC
from tests.support.virtual_time import VirtualClock, run_virtual


class SayingDriver:
    """Notes what it is to say."""

    spec = SPEC

    def __init__(self):
        self.said = []

    def set_room(self, room):
        pass

    async def say(self, utterance, listener):
        self.said.append(utterance.text)
        return []


class OpenLease:
    """A session that is open."""

    async def open(self, grant=None):
        pass

    def speaking(self):
        return contextlib.nullcontext()


class Listener:
    """Notes captions."""

    def on_caption(self, speech, text, words):
        pass


def sent(*texts, mode="repeat"):
    async def go():
        driver = SayingDriver()
        provider = CloudProvider(driver, lambda driver, listener: OpenLease(), VirtualClock())
        await provider.open(Listener())
        for text in texts:
            assert await provider.say(Utterance("s", text, mode)) == []
        return driver.said

    return run_virtual(go())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Bold** and `code`", "Bold and code"),
        ("<b>Bold</b> &amp; plain", "Bold & plain"),
        ("<think>Hm.</think>Yes.", "Yes."),
        ("<|im_start|>assistant\nHello<|im_end|>", "Hello"),
        ("# Title\n\n- one\n- two", "Title\n\none\n\ntwo"),
        ("[docs](https://a.b)", "docs"),
        ("100%|████| 3/3 [00:01<00:00, 3it/s]", "100%, 3 of 3"),
        ("It costs $3.50, or 1,000 ¥.", "It costs $3.50, or 1,000 ¥."),
        ("Привет, 日本!", "Привет, 日本!"),
        ("Hi 😀!", "Hi!"),
    ],
)
def test_a_service_is_sent_no_markup_and_reads_numbers_itself(text, expected):
    assert sent(text) == [expected]


def test_a_question_to_its_language_model_is_sent_as_it_is():
    text = "What does **this** <b>mean</b>?"
    assert sent(text, mode="talk") == [text]


def test_what_is_silent_is_not_sent_and_is_said():
    """It costs no call, and no error."""
    assert sent("", ",", "…", "---", "😀", "<think>only this</think>", "***") == []
