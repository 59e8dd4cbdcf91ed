"""The widget shows what its session tells; on a host in memory."""

import contextvars
import subprocess
import sys

import pytest

from ipyavatar.client.phases import Phase
from ipyavatar.core import log
from ipyavatar.protocol.host import AnswerTold, Noticed, UsageCounted
from ipyavatar.protocol.listening import TextHeard
from ipyavatar.widget import avatar as avatar_module
from ipyavatar.widget.frontends.jupyter import Batch, JupyterFrontEnd, Terminal
from tests.support.memory_sessions import bring_to, make_avatar


def test_what_a_user_said_is_in_the_trait_at_once_though_nobody_answers():
    """Where the service answers by itself, that is there when it is over."""
    avatar, host = make_avatar(paid=True)
    bring_to(avatar.session, host, Phase.LIVE)
    avatar.session.listen()
    avatar.session.on_event(TextHeard(avatar.session.id, "p", "Hello there.", 100.0, 101.0))
    (entry,) = avatar.transcript
    assert (entry["text"], entry["role"], entry["state"]) == ("Hello there.", "user", "heard")
    avatar.session.on_event(AnswerTold(avatar.session.id, "", "Good morning."))
    assert avatar.transcript == [{**entry, "answer": "Good morning."}]
    avatar.close()


def test_usage_is_as_of_now_whenever_it_is_read():
    """Also before the first keep-alive, and in the state of the widget."""
    avatar, host = make_avatar(paid=True)
    assert avatar.usage == {}
    bring_to(avatar.session, host, Phase.LIVE)
    avatar.session.on_event(UsageCounted(avatar.session.id, 0.0, 0.0, 1e9))  # grows as one looks
    first = avatar.usage["credits"]
    second = avatar.get_state("usage")["usage"]["credits"]
    assert 0 < first < second < avatar.usage["credits"]
    avatar.close()


def test_in_a_terminal_its_text_says_that_it_cannot_be_shown(monkeypatch):
    """And not that running a cell again would bring it back."""
    monkeypatch.setattr(avatar_module, "find_front_end", Terminal)
    avatar, _ = make_avatar()
    text = avatar._repr_mimebundle_()[0]["text/plain"]
    assert text.startswith("<Avatar 'ava' (embedded): ")
    assert "No page can show it here" in text
    avatar.close()


@pytest.mark.parametrize(("front_end", "logged"), [(JupyterFrontEnd, 1), (Batch, 0)])
def test_where_no_page_has_a_view_the_log_says_that_nobody_hears(
    front_end, logged, monkeypatch, caplog
):
    """There nobody could see it; a job that nobody looks at is none the wiser for it."""
    monkeypatch.setattr(avatar_module, "find_front_end", lambda: front_end(None))
    avatar, _ = make_avatar()
    cell = contextvars.ContextVar("cell")
    cells = []
    monkeypatch.setattr(caplog.handler, "filter", lambda _: cells.append(cell.get()) or True)
    cell.set("asks")
    avatar.speak("Hello.")
    cell.set("another")
    avatar.session.on_event(Noticed(avatar.session.id, "unheard", "Nobody was watching."))
    avatar.page_says(type="media", page="p", playback="sound-blocked")
    avatar.session.on_event(Noticed(avatar.session.id, "unheard", "Nobody was watching."))
    log.flush()
    assert caplog.text.count("Nobody was watching.") == logged
    assert cells == ["asks"] * logged, "a notebook shows it below that cell"
    assert len(avatar.notices) == 2
    avatar.close()


def test_importing_it_loads_nothing_that_only_other_processes_and_verbs_need():
    """NumPy alone took as long as all of ours."""
    code = "import sys; from ipyavatar import Avatar; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "ipyavatar.widget.avatar" in loaded
    assert not {"numpy", "cv2", "av", "aiortc", "httpx", "onnxruntime"} & loaded
    assert not {"ipyavatar.core.markup.steps", "ipyavatar.engine.voice"} & loaded
