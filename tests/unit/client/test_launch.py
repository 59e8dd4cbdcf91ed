"""How the companion process is started: without keys."""

import sys

from ipyavatar.client.launch import companion_environment


def test_its_environment_has_no_key_and_no_folder_of_the_users(tmp_path, monkeypatch):
    """And what is relative in it is meant from where we are."""
    monkeypatch.chdir(tmp_path)
    environment = {
        "HEYGEN_API_KEY": "k",
        "KALTURA_ADMIN_SECRET": "k",
        "IPYAVATAR_ICE_SERVERS": "[]",
        "PYTHONPATH": "folder",
        "PYTHONINSPECT": "1",
        "PYTHONHOME": sys.base_prefix,
        "HTTPS_PROXY": "http://proxy:3128",
        "SSL_CERT_FILE": "certs/ca.pem",
        "IPYAVATAR_STATE_DIR": "state",
        "SSL_CERT_DIR": "",
    }
    assert companion_environment(environment) == {
        "PYTHONHOME": sys.base_prefix,
        "HTTPS_PROXY": "http://proxy:3128",
        "SSL_CERT_FILE": str(tmp_path / "certs" / "ca.pem"),
        "IPYAVATAR_STATE_DIR": str(tmp_path / "state"),
        "SSL_CERT_DIR": "",
    }


def test_the_key_of_a_chat_address_stays_in_the_kernel():
    """The responder that uses it runs there."""
    assert companion_environment({"IPYAVATAR_CHAT_KEY": "k", "LANG": "C"}) == {"LANG": "C"}
