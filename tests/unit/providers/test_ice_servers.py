"""The user's STUN and TURN servers: what is taken, what is refused, what does not show."""

import json

import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.errors import InvalidArgument
from ipyavatar.protocol.options import IceServer
from ipyavatar.providers.cloud.environment import Environment
from ipyavatar.providers.embedded_spec import EmbeddedSpec
from ipyavatar.providers.ice_servers import ICE_VARIABLE, resolve_ice_servers
from ipyavatar.providers.options import hide_secrets, validate_options
from tests.unit.providers.test_options import shown_by

PASSWORD = "hush-7"
TURN = {"urls": "turn:turn.example.org:3478", "username": "me-7", "credential": PASSWORD}
TAKEN = IceServer(("turn:turn.example.org:3478",), Secret("me-7"), Secret(PASSWORD))


def resolve(given, environ=None):
    return resolve_ice_servers(given, Environment(environ or {}))


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ([], ()),
        ([TURN], (TAKEN,)),
        ((TURN, "stun:stun.example.org"), (TAKEN, IceServer(("stun:stun.example.org",)))),
        ([{"urls": ["stun:a", "stuns:b:5349"]}], (IceServer(("stun:a", "stuns:b:5349")),)),
        ([" TURN:10.0.0.1?transport=tcp "], (IceServer(("turn:10.0.0.1?transport=tcp",)),)),
        (["turn:[::1]:3478"], (IceServer(("turn:[::1]:3478",)),)),
        (["turns:a.b:443?transport=tcp"], (IceServer(("turns:a.b:443?transport=tcp",)),)),
        # As some services give them.
        ([TURN | {"url": "turn:old", "credentialType": "password"}], (TAKEN,)),
        ([{"url": "stun:a", "username": None}], (IceServer(("stun:a",)),)),
    ],
)
def test_the_shape_is_that_of_the_browser(given, taken):
    """Mappings as `RTCIceServer`, or addresses; the same as JSON in the environment."""
    assert resolve(given) == taken
    assert resolve(None, {ICE_VARIABLE: json.dumps(given)}) == taken


def test_the_keyword_is_meant_and_the_environment_stands_in_for_it():
    """An empty list says that there are none."""
    environ = {ICE_VARIABLE: json.dumps([TURN])}
    assert resolve(None, environ) == (TAKEN,)
    assert resolve(["stun:a"], environ) == (IceServer(("stun:a",)),)
    assert resolve([], environ) == ()
    assert resolve(None, {ICE_VARIABLE: "  "}) == ()
    assert EmbeddedSpec().validate({}, environ).ice_servers == (TAKEN,)
    assert EmbeddedSpec().validate({"ice_servers": ["stun:a"]}, environ).ice_servers != (TAKEN,)


WRONG = [
    (TURN, "takes a list"),
    ("turn:a", "takes a list"),
    (5, "int"),
    ([5], "neither an address nor a mapping"),
    ([None], "neither"),
    ([[TURN]], "neither"),
    ([{}], "no urls"),
    ([{"urls": []}], "no urls"),
    ([{"urls": None}], "no urls"),
    ([{"urls": [5]}], "no text"),
    ([{"urls": {"turn": 1}}], "no text"),
    ([""], "begins with"),
    (["turn.example.org:3478"], "begins with"),
    (["http://turn.example.org"], "begins with"),
    (["turn://turn.example.org"], "//"),
    ([f"turn:me:{PASSWORD}@turn.example.org"], "name or password in it"),
    (["turn:"], "not like"),
    (["turn:a b"], "not like"),
    (["turn:a?transport=sctp"], "not like"),
    (["turn:a\nb"], "not like"),
    (["turn:a:0"], "port"),
    (["turn:a:65536"], "port"),
    (["stun:a?transport=udp"], "only turn"),
    (["turns:a?transport=udp"], "use tcp"),
    ([TURN | {"password": PASSWORD}], "name that no server has"),
    ([TURN | {PASSWORD: 1}], "name that no server has"),
    ([TURN | {"credentialType": "oauth"}], "credentialType"),
    ([{"urls": "turn:a", "username": "me"}], "no credential"),
    ([{"urls": "turn:a", "credential": PASSWORD}], "no username"),
    ([TURN | {"credential": 5}], "credential that is no text"),
    ([TURN | {"username": b"x"}], "username that is no text"),
    ([TURN | {"credential": PASSWORD + "\x00"}], "cannot be sent"),
    ([TURN | {"credential": PASSWORD * 1000}], "cannot be sent"),
]


@pytest.mark.parametrize(("given", "told"), WRONG)
def test_what_cannot_work_is_refused_with_its_place_and_nothing_of_it_shows(given, told):
    """Not in the message, and not in what a verbose traceback shows of our frames."""
    with pytest.raises(InvalidArgument) as caught:
        validate_options("embedded", hide_secrets({"ice_servers": given}), {})
    assert told in str(caught.value)
    assert caught.value.what.startswith("ice_servers")
    assert "turn.example.org:3478" in caught.value.fix
    shown = shown_by(caught.value)
    assert PASSWORD not in shown
    assert "me-7" not in shown


@pytest.mark.parametrize(
    "text", ["{", "turn:a", f'{{"credential": "{PASSWORD}"', "[" * 100_000, "5", "null", '"turn:a"']
)
def test_an_environment_that_is_no_list_in_json_is_named(text):
    """The error has no other one behind it, which would hold the text."""
    with pytest.raises(InvalidArgument, match=f"{ICE_VARIABLE} takes a list") as caught:
        EmbeddedSpec().validate({}, {ICE_VARIABLE: text})
    assert caught.value.__context__ is None
    assert PASSWORD not in shown_by(caught.value)


def test_the_place_of_a_mistake_is_told():
    """The number counts from 0, as in the list."""
    with pytest.raises(InvalidArgument, match=r"^ice_servers\[1\] has an address with a port"):
        resolve(["stun:a", "turn:a:0"])
    with pytest.raises(InvalidArgument, match=rf"^{ICE_VARIABLE}\[0\] has no urls"):
        resolve(None, {ICE_VARIABLE: "[{}]"})


@pytest.mark.parametrize("given", [["stun:a"] * 33, [{"urls": ["stun:a"] * 33}]])
def test_nobody_needs_more_than_a_few(given):
    """Browsers ask all of them."""
    with pytest.raises(InvalidArgument, match="ice_servers has 33 addresses; 32 are the most"):
        resolve(given)
    assert resolve(given[:32] if len(given) > 1 else ["stun:a"])


def test_services_that_bring_their_own_servers_take_none():
    """It would have no effect."""
    with pytest.raises(InvalidArgument, match="no ice_servers=: it would have no effect"):
        validate_options("heygen", {"ice_servers": [TURN]}, {"HEYGEN_API_KEY": "k"})
