"""Keys and places of services: from the call, else from the environment."""

import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.errors import InvalidArgument
from ipyavatar.protocol.options import Credentials
from ipyavatar.providers.cloud.credentials import Environment, check_url
from ipyavatar.providers.registry import service_spec
from tests.support.services import SERVICES

KEYS = {"HEYGEN_API_KEY": "k-hey", "LIVEAVATAR_API_KEY": "k-live", "KALTURA_KS": "djJ8ks"}


def resolve(provider, environ, api_key=None, base_url=None):
    return service_spec(provider).resolve_credentials(api_key, base_url, Environment(environ))


@pytest.mark.parametrize("provider", SERVICES)
def test_key_and_url_come_from_argument_then_environment_then_default(provider):
    spec = SERVICES[provider]
    key = Secret(KEYS[spec.key_variables[0]])
    assert resolve(provider, KEYS) == Credentials(provider, spec.base_url, key)
    env = {**KEYS, f"IPYAVATAR_{provider.upper()}_URL": "http://localhost:99/"}
    assert resolve(provider, env).base_url == "http://localhost:99"
    found = resolve(provider, env, Secret("mine"), "https://other/v1/")
    assert found == Credentials(provider, "https://other", Secret("mine"))


@pytest.mark.parametrize("provider", SERVICES)
@pytest.mark.parametrize("value", ["", "  "])
def test_missing_key_names_its_variable(provider, value):
    variable = SERVICES[provider].key_variables[0]
    with pytest.raises(InvalidArgument, match=variable):
        resolve(provider, {variable: value})


def test_key_with_odd_characters_is_refused_without_showing_it():
    quoted = ('"hush"', "'hush'", "`hush`", "<hush>", "${hush}", "{{hush}}", "hush" * 5000)
    for key in ("ab\ncd-hush", "“hush”", "a b-hush", *quoted):
        with pytest.raises(InvalidArgument, match="HEYGEN_API_KEY") as caught:
            resolve("heygen", {}, key)
        assert "hush" not in str(caught.value)


def test_a_key_that_is_no_text_is_told_by_its_type():
    with pytest.raises(InvalidArgument, match="of type int"):
        resolve("heygen", {}, 5)
    with pytest.raises(InvalidArgument, match="base_url= is of type int"):
        resolve("heygen", KEYS, None, 5)


def test_kaltura_takes_partner_and_admin_secret_and_names_what_is_missing():
    both = {"KALTURA_PARTNER_ID": "12", "KALTURA_ADMIN_SECRET": "s"}
    found = resolve("kaltura", both)
    assert (found.key, found.partner, found.admin) == (None, "12", Secret("s"))
    for missing in both:
        with pytest.raises(InvalidArgument, match=f"{missing} is not set"):
            resolve("kaltura", {k: v for k, v in both.items() if k != missing})
    assert resolve("kaltura", both, "ks").key == Secret("ks")


@pytest.mark.parametrize(
    "url",
    ["ftp://x", "localhost:8765", "file:///etc", "http://", "https://x?y=1", "https://x#y", "//x",
     "http://[::1", "http://x:99999", "javascript:alert(1)", "https://a b.com", "https://a.com/a b",
     "https://a\tb.com", "https://a\u200bb.com", "https://a..b", "https://.a", "https://a<b>", "https://a%20b"],
)  # fmt: skip
def test_url_that_cannot_work_is_refused(url):
    with pytest.raises(InvalidArgument, match="IPYAVATAR_HEYGEN_URL"):
        check_url(Secret(url), "IPYAVATAR_HEYGEN_URL")


def test_url_with_a_password_is_refused_without_showing_it():
    with pytest.raises(InvalidArgument) as caught:
        check_url(Secret("https://me:hush@x"), "IPYAVATAR_HEYGEN_URL")
    assert "hush" not in str(caught.value)


def test_the_environment_does_not_show_itself():
    assert "hush" not in repr(Environment({"X": "hush"}))


@pytest.mark.parametrize(
    "url",
    ["https://a-b.c_d.example.", "https://bücher.example", "http://[::1]:80", "https://10.0.0.1"],
)
def test_every_name_that_there_may_be_is_taken(url):
    assert check_url(Secret(url), "IPYAVATAR_HEYGEN_URL") == url
