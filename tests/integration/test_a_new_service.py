"""A made-up service, from one folder and one line, is driven like those that come with us."""

import pytest

import ipyavatar
from ipyavatar import Avatar
from ipyavatar.client import host_client
from ipyavatar.errors import InvalidArgument, UnknownName
from ipyavatar.providers import registry
from tests.support.processes import until
from tests.support.services import one_server
from tests.support.toy_service.server import ToyServer

LINE = "tests.support.toy_service.spec:SPEC"


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """The service, known by one line of the registry."""
    monkeypatch.setitem(registry.PROVIDERS, "toy", LINE)
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    host_client.close_all()
    with one_server() as server:
        server.app = ToyServer()
        monkeypatch.setenv("TOY_KEY", "toy-key")
        monkeypatch.setenv("IPYAVATAR_TOY_URL", server.url)
        yield server.app
        host_client.close_all()


def test_its_own_option_goes_from_the_keyword_to_the_call(toy):
    """Started, spoken with, interrupted, kept alive, listed, counted and stopped."""
    avatar = Avatar("toy", mood="jolly", avatar_id="bear", max_idle_s=90, host="thread")
    assert repr(avatar) == "<Avatar 'bear' (toy): idle>"
    assert avatar.character == "Toy Avatars"
    avatar.start().wait(20)
    assert toy.of("open") == [{"face": "bear", "mood": "jolly"}]

    speech = avatar.speak("First come these words. Then come the others.")
    assert speech.wait(20).state == "said"
    pieces = [body["text"] for body in toy.of("say")]
    assert pieces == ["First come these words.", "Then come the others."]

    long = avatar.speak("And so on. " * 40)
    until(lambda: long.state == "speaking", 20, "it sounds")
    avatar.interrupt()
    assert long.wait(20).state == "interrupted"
    until(lambda: toy.of("interrupt"), 20, "it is cut off at the service")

    avatar.keep_alive().wait(20)
    assert len(toy.of("keep_alive")) >= 1
    (row,) = ipyavatar.sessions()
    assert (row.provider, row.session_id, row.state) == ("toy", "toy-1", "open")

    avatar.stop().wait(20)
    assert toy.open == set()
    assert len(ipyavatar.sessions()) == 0
    used = ipyavatar.usage().by_provider["toy"]
    assert used.sessions == 1
    assert used.credits == pytest.approx(used.seconds / 10)  # 6 credits a minute


def test_a_session_that_was_not_opened_here_is_found_and_stopped(toy):
    """By the spec's own calls, with the key from its own variable."""
    toy.open.add("elsewhere")
    (row,) = ipyavatar.sessions()
    assert (row.provider, row.session_id, row.state) == ("toy", "elsewhere", "listed")
    assert len(ipyavatar.stop_all().foreign) == 1
    assert [row.session_id for row in ipyavatar.stop_all(foreign=True).stopped] == ["elsewhere"]
    assert toy.open == set()


def test_its_faces_can_be_listed(toy):
    assert ipyavatar.avatars("toy") == {"bear": "A bear"}


def test_its_mistakes_are_told_like_all_others(toy, monkeypatch):
    """Nothing is opened."""
    with pytest.raises(UnknownName, match="Did you mean 'mood'"):
        Avatar("toy", moot="jolly")
    with pytest.raises(UnknownName, match=r"no mood 'sad'.*calm, jolly"):
        Avatar("toy", mood="sad")
    with pytest.raises(InvalidArgument, match="no lite=: it would have no effect"):
        Avatar("toy", lite=True)
    with pytest.raises(InvalidArgument, match="no mood=: it would have no effect"):
        Avatar("heygen", mood="jolly", api_key="k")
    with pytest.raises(InvalidArgument, match="no language model"):
        Avatar("toy", host="thread").speak("Hm?", mode="talk")
    monkeypatch.delenv("TOY_KEY")
    with pytest.raises(InvalidArgument, match="Set TOY_KEY"):
        Avatar("toy")
    assert toy.calls == []


def test_it_crosses_the_pipe_as_its_own_type(toy):
    """What a companion process would get."""
    from ipyavatar.protocol import host as m
    from ipyavatar.protocol import host_codec
    from ipyavatar.providers.options import validate_options
    from tests.support.toy_service.options import ToyOptions

    command = m.OpenSession("s", validate_options("toy", {"mood": "jolly"}), 0.0)
    again = host_codec.decode_command(host_codec.encode(command)[4:], registry.options_type)
    assert again == command
    assert isinstance(again.options.service, ToyOptions)
