"""Values that users give an avatar: at its making and later."""

import pytest
import traitlets

from ipyavatar import Avatar
from ipyavatar.errors import InvalidArgument
from ipyavatar.widget.traits import TOLD
from tests.support.memory_sessions import make_avatar, make_session
from tests.support.users_code import all_heard, values_of

pytestmark = pytest.mark.usefixtures("hosts_closed")


# ---- values -------------------------------------------------------------------------------------

WRONG = [
    *(("volume", value) for value in (5, -0.1, float("nan"), float("inf"), "loud", None, True, [])),
    *(("width", value) for value in (-1, 10**6, 10**400, 1.5, float("nan"), "wide", None, True)),
    *((name, value) for name in ("muted", "badge", "captions_on") for value in ("yes", 1, None)),
    *(("quality", value) for value in ("ultra", "Low", None, 720, ["low"])),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=lambda one: f"{one!r:.20}")
def test_a_value_that_cannot_work_is_refused_alike_at_the_making_and_later(made, name, value):
    """By our own error that names it and is one of traitlets, too; nothing has changed then."""
    avatar, host = made
    before = values_of(avatar)
    if value is not None:  # there it counts as not given
        with pytest.raises(InvalidArgument, match=name):
            Avatar(host="thread", **{name: value})
    with pytest.raises(InvalidArgument, match=name) as caught:
        setattr(avatar, name, value)
    assert isinstance(caught.value, traitlets.TraitError)
    assert caught.value.fix

    def change_several():
        with avatar.hold_trait_notifications():
            avatar.width, avatar.muted, avatar.badge = 333, True, False
            setattr(avatar, name, value)

    with pytest.raises(InvalidArgument, match=name):
        change_several()
    assert values_of(avatar) == before
    assert not host.opened


def test_none_counts_as_not_given():
    """For what only the widget takes, as for what the session is made of."""
    nothing = dict.fromkeys(["muted", "volume", "captions_on", "badge", "width", "quality"])
    avatar, _ = make_avatar(host=None, character=None, **nothing)
    usual, _ = make_avatar()
    assert values_of(avatar) | {"session_id": ""} == values_of(usual) | {"session_id": ""}
    avatar.close()
    usual.close()


@pytest.mark.parametrize("name", sorted(TOLD))
@pytest.mark.parametrize("how", ["assigned", "set_trait", "by a page"])
def test_what_only_tells_is_set_by_nobody_else(made, name, how):
    """Then `status` would say what is not so."""
    avatar, _ = made
    before = values_of(avatar)
    value = {"status": "live", "speaking": True, "provider": "heygen"}.get(name, before[name])
    if how == "by a page" and name not in avatar.keys:
        avatar.set_state({name: value})  # nothing of it is taken
        return
    change = {
        "assigned": lambda: setattr(avatar, name, value),
        "set_trait": lambda: avatar.set_trait(name, value),
        "by a page": lambda: avatar.set_state({"width": 300, name: value}),
    }[how]
    with pytest.raises(InvalidArgument, match=f"{name} cannot be set"):
        change()
    assert values_of(avatar) == before


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("volum", "Did you mean 'volume'"),
        ("caption_on", "Did you mean 'caption"),
        ("voice", "chosen when the avatar is made"),
        ("avatar_id", "chosen when the avatar is made"),
        ("api_key", "chosen when the avatar is made"),
        ("session", "cannot be set"),
    ],
)
def test_what_would_have_no_effect_is_not_kept_in_silence(name, told):
    """An attribute of nearly a trait's name, an option of the session."""
    avatar, _ = make_avatar(Avatar)
    with pytest.raises(InvalidArgument, match=told):
        setattr(avatar, name, "x")
    avatar.own_notes = "kept"  # anything else is the user's
    avatar.close()


@pytest.mark.parametrize("name", ["status", "quality", "voice", "options", "speaking"])
def test_a_session_refuses_alike(name):
    """What tells, and what is chosen at the making."""
    session, _ = make_session()
    with pytest.raises(InvalidArgument, match=name):
        setattr(session, name, "low")


@pytest.mark.parametrize("change", ["trait", "verb"])
def test_a_size_that_can_have_no_effect_is_refused_later_too(change):
    """Kaltura's picture comes in one."""
    kaltura = {"api_key": "k", "avatar_id": "a" * 24, "base_url": "http://127.0.0.1:9"}
    avatar, _ = make_avatar(provider="kaltura", **kaltura)
    changes = {
        "trait": lambda: setattr(avatar, "quality", "high"),
        "verb": lambda: avatar.session.change_quality("high"),
    }
    with pytest.raises(InvalidArgument, match=r"quality=.*no effect"):
        changes[change]()
    assert avatar.quality == "medium"
    avatar.close()


# ---- while notifications are held back ----------------------------------------------------------


def test_a_mistake_of_the_user_does_not_take_back_what_happened_meanwhile(made):
    """The status is what it is, and observers and pages hear of it at once."""
    avatar, host = made
    seen = []
    avatar.observe(lambda change: seen.append(change.new), "status")

    def change_several():
        with avatar.hold_trait_notifications():
            avatar.width = 300
            avatar.start()
            host.settle()
            all_heard(avatar)
            assert seen == ["starting", "live"]
            avatar.volume = 7

    with pytest.raises(InvalidArgument):
        change_several()
    assert (avatar.status, avatar.width) == ("live", 0)
