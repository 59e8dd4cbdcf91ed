"""`ipyavatar doctor` on this machine, with secrets in every place that it looks at."""

import json
import os
import subprocess
import sys

import pytest

from ipyavatar.api.doctor.checks import network, services
from ipyavatar.api.doctor.context import Context
from ipyavatar.cli import main
from ipyavatar.client import host_client
from ipyavatar.providers.cloud.environment import Environment
from ipyavatar.twin import TwinSettings
from ipyavatar.twin.faults import Fault
from tests.support.faults import create_app
from tests.support.services import KEY, one_server

SERVERS = json.dumps(
    [{"urls": "turn:127.0.0.1:9", "username": "relay-user-77", "credential": "relay-word-77"}]
)
SECRET = ("seeded-key-77", "relay-user-77", "relay-word-77", "jane77", "proxy-word-77")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """One run in a terminal, as JSON: exit code, what it wrote on both outputs."""
    home = tmp_path_factory.mktemp("home") / "jane77"
    home.mkdir()
    names = ("HEYGEN_API_KEY", "LIVEAVATAR_API_KEY", "KALTURA_KS")
    environment = os.environ | dict.fromkeys(names, SECRET[0])
    environment |= {
        f"IPYAVATAR_{n}_URL": "http://127.0.0.1:9" for n in ("HEYGEN", "LIVEAVATAR", "KALTURA")
    }
    environment |= {
        "HOME": str(home),
        "USER": "jane77",
        "LOGNAME": "jane77",
        "IPYAVATAR_ICE_SERVERS": SERVERS,
        "IPYAVATAR_STATE_DIR": str(home / "state"),
        "HTTPS_PROXY": "http://jane77:proxy-word-77@127.0.0.1:9",
    }
    run = subprocess.run(
        [sys.executable, "-m", "ipyavatar.cli", "doctor", "--json"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=170,
    )
    return run.returncode, run.stdout, run.stderr


def test_it_says_what_does_not_work_and_shows_nothing_secret(told):
    """The keys' services and the TURN server are not there; the exit code says so."""
    code, out, err = told
    report = json.loads(out)
    states = {row["name"]: row["state"] for row in report["rows"]}
    assert code == 1
    assert report["ok"] is False
    for name in ("Versions", "State folder", "Companion process", "Voice", "Encoders", "Keys"):
        assert states[name] in ("ok", "warning"), report["rows"]
    assert states["Reachable"] == states["TURN servers"] == "failed"
    assert states["Page"] == "not asked"
    assert "HEYGEN_API_KEY" in out
    for secret in SECRET:
        assert secret not in out + err
    assert all(row["fix"] for row in report["rows"] if row["state"] == "failed")


def test_progress_names_each_row(told):
    _, out, err = told
    for row in json.loads(out)["rows"]:
        assert f"{row['group']}: {row['name']}" in err


@pytest.fixture(scope="module")
def server():
    with one_server() as running:
        yield running
    host_client.close_all()


@pytest.mark.parametrize(
    ("key", "fault", "state"),
    [
        (KEY, None, "ok"),
        ("another-key", None, "failed"),
        (KEY, "503", "failed"),
        (KEY, "html", "failed"),
    ],
)
def test_a_service_is_asked_with_its_key(server, key, fault, state):
    faults = () if fault is None else (Fault(fault, "heygen", "list"),)
    server.app = create_app(TwinSettings(api_key=KEY, faults=faults))
    values = {"HEYGEN_API_KEY": key, "IPYAVATAR_HEYGEN_URL": server.url}
    context = Context(Environment(values), notebook=False)
    finding = services.check_reachable(context)
    assert finding.state == state, finding
    assert bool(finding.fix) == (state == "failed")
    assert "Without a key, not asked: HeyGen LiveAvatar, Kaltura." in finding.what
    assert key not in repr(finding)
    assert services.check_skew(context).state == "ok"


def test_servers_that_cannot_be_are_named_without_what_stands_in_them():
    context = Context(
        Environment({"IPYAVATAR_ICE_SERVERS": "[{'username': 'relay'}"}), notebook=False
    )
    finding = network.check_turn(context)
    assert finding.state == "failed"
    assert "relay" not in finding.what + finding.fix


def test_in_a_terminal_it_prints_a_table(monkeypatch, capsys):
    """Text on standard output, exit code 0 where nothing has failed."""
    from ipyavatar.api import doctor
    from ipyavatar.api.doctor.registry import Check
    from ipyavatar.api.doctor.report import Finding

    found = (Check("Group", "One", lambda context: Finding("ok", "Fine."), 5.0),)
    monkeypatch.setattr(doctor, "all_checks", lambda: found)
    assert main(["doctor"]) == 0
    assert "✓ One  Fine." in capsys.readouterr().out
    found = (Check("G", "Two", lambda context: 1 / 0, 5.0),)
    monkeypatch.setattr(doctor, "all_checks", lambda: found)
    assert main(["doctor"]) == 1
    assert "✗ Two" in capsys.readouterr().out
