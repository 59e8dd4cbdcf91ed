"""The widget shows what its session tells; on a host in memory."""

from ipyavatar.client.phases import Phase
from ipyavatar.protocol.host import AnswerTold, UsageCounted
from ipyavatar.protocol.listening import TextHeard
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
