"""The avatar talks for ten minutes into an open microphone that hears it: `make long`."""

from __future__ import annotations

import os

import pytest

from tests.support.fake_user import FakeUser

from .conftest import Open

SECONDS = 600
DELAY_S, GAIN = 0.12, 0.3
"""From loudspeakers through a room; no browser takes it out of this microphone."""

CELL = """
from ipyavatar import Avatar
avatar = Avatar(quality="low", recognizer=lambda samples: f"{len(samples) / 16_000:.1f} s")
listening = avatar.listen()
avatar
"""
SAYING = """
texts = [
    "The river was wide, and nobody could say how deep it was. We sat down to wait for the boat.",
    "What is the mean of these numbers? Add them up, and divide by how many there are.",
    "Yes. No. Perhaps! Three short words, and then a longer sentence, which goes on for a while.",
]
for number in range({count}):
    speech = avatar.speak(texts[number % 3])
"""
ENERGY = """(async () => {
  for (const row of (await root.__ipyavatar.pc().getStats()).values())
    if (row.type === "media-source" && row.kind === "audio") return row.totalAudioEnergy;
  return 0;
})()"""


@pytest.mark.skipif(
    not os.environ.get("IPYAVATAR_TEN_MINUTES"), reason="ten minutes: `make long` runs it"
)
def test_the_avatar_does_not_interrupt_itself(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, SAYING.format(count=SECONDS // 5)], own=True)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    user = FakeUser(view.page)
    user.hear_avatar(DELAY_S, GAIN)
    view.until("root.querySelector('.ipyavatar-microphone')", "a button")
    view.root.locator(".ipyavatar-microphone").click()
    view.until("!root.querySelector('.ipyavatar-lamp').hidden", "an open microphone")
    notebook.run(1)
    view.page.wait_for_timeout(SECONDS * 1000)
    assert view.js(ENERGY) > 0.1, "the microphone has heard it"
    ends = "[one['state'] for one in avatar.transcript if one['state'] != 'queued']"
    assert notebook.value(f"set({ends}) - {{'said', 'speaking'}}") == "set()"
    assert int(notebook.value(f"{ends}.count('said')")) > SECONDS / 10
    assert notebook.value("listening.texts") == "[]"
