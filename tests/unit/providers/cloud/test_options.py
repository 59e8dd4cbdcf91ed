"""What `Avatar(...)` makes of the options of paid services: every mistake is named at the call."""

import pytest

from ipyavatar import cli
from ipyavatar.core.secret import Secret
from ipyavatar.errors import InvalidArgument, UnknownName
from ipyavatar.protocol import host as m
from ipyavatar.providers.cloud.credentials import credentials_from_environment, strip_keys
from ipyavatar.providers.cloud.spec import SERVICES
from ipyavatar.providers.options import check_mode, validate_service

FACE = {"heygen": {}, "liveavatar": {"sandbox": True}, "kaltura": {"avatar_id": "a" * 24}}


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for facts in SERVICES.values():
        for name in (*facts.key_variables, facts.url_variable):
            monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("provider", SERVICES)
def test_a_missing_key_names_its_variable(provider):
    with pytest.raises(InvalidArgument, match=SERVICES[provider].key_variables[0]):
        validate_service(provider, "low", FACE[provider])


@pytest.mark.parametrize("provider", SERVICES)
def test_key_and_place_come_from_the_environment_or_the_call(provider, monkeypatch):
    facts = SERVICES[provider]
    monkeypatch.setenv(facts.key_variables[0], "from-env")
    monkeypatch.setenv(facts.url_variable, "http://127.0.0.1:9/")
    account = validate_service(provider, "low", FACE[provider]).account
    assert account == m.Credentials(provider, "http://127.0.0.1:9", Secret("from-env"))
    given = {**FACE[provider], "api_key": "given", "base_url": "https://example.com/v1"}
    account = validate_service(provider, "low", given).account
    assert account == m.Credentials(provider, "https://example.com", Secret("given"))


def test_kaltura_takes_partner_and_admin_secret(monkeypatch):
    monkeypatch.setenv("KALTURA_PARTNER_ID", "12")
    monkeypatch.setenv("KALTURA_ADMIN_SECRET", "hush")
    account = validate_service("kaltura", "low", FACE["kaltura"]).account
    assert (account.key, account.partner, account.admin) == (None, "12", Secret("hush"))


@pytest.mark.parametrize(
    ("provider", "options", "told"),
    [
        ("heygen", {"idle_timeout_s": 29}, "30 to 3599"),
        ("heygen", {"idle_timeout_s": 3600}, "30 to 3599"),
        ("heygen", {"max_idle_s": 0}, "no session for ever"),
        ("heygen", {"max_duration_s": float("inf")}, "no session for ever"),
        ("heygen", {"disable_idle_timeout": True}, "never sent as true"),
        ("heygen", {"base_url": "ftp://x"}, "http"),
        ("heygen", {"lite": True}, "no lite="),
        ("heygen", {"relay": False}, "no relay="),
        ("heygen", {"credits_per_minute": -1}, "0 or more"),
        ("kaltura", {"avatar_id": ""}, "no default face"),
        ("liveavatar", {"sandbox": False}, "no default face"),
        ("liveavatar", {"voice_id": "v"}, "our own voice"),
    ],
)
def test_a_value_that_cannot_work_is_refused(provider, options, told):
    with pytest.raises(InvalidArgument, match=told):
        validate_service(provider, "low", {"api_key": "k", **FACE[provider], **options})


def test_talking_needs_a_language_model():
    assert check_mode("talk", m.Options("heygen")) == "talk"
    lite = m.Options(
        "liveavatar", service=m.ServiceSettings(m.Credentials("liveavatar", ""), lite=True)
    )
    for options in (m.Options(), m.Options("kaltura"), lite):
        with pytest.raises(InvalidArgument, match="no language model"):
            check_mode("talk", options)
    with pytest.raises(UnknownName, match="repeat"):
        check_mode("sing", m.Options("heygen"))


def test_keys_at_hand_and_a_child_without_them():
    env = {"HEYGEN_API_KEY": "k", "KALTURA_KS": "ks", "KALTURA_ADMIN_SECRET": "s", "PATH": "/"}
    assert [key.provider for key in credentials_from_environment(env)] == ["heygen", "kaltura"]
    assert strip_keys(env) == {"PATH": "/"}


def test_the_command_line_without_any_session(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    assert cli.main(["sessions"]) == 0
    assert "No paid session is open." in capsys.readouterr().out
    assert cli.main(["sessions", "--stop-all", "--json"]) == 0
    assert '"stopped": []' in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.main(["nonsense"])
