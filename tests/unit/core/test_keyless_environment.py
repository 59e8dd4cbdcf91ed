"""What a process that needs no key is started with."""

import sys

from ipyavatar.core.keyless_environment import keyless_environment


def test_it_gets_what_python_and_the_network_need_and_no_key():
    """Whatever a key is called: what is not known to be needed is not passed on."""
    environment = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "https_proxy": "http://proxy:3128",
        "SSL_CERT_FILE": "/ca.pem",
        "PYTHONHOME": sys.base_prefix,
        "SystemRoot": "C",
    }
    keys = {"HEYGEN_API_KEY": "k", "OPENAI_API_KEY": "k", "MY_TOKEN": "k"}
    assert keyless_environment(environment | keys | {"PYTHONPATH": "folder"}) == environment


def test_a_key_whose_name_begins_like_that_of_a_needed_variable_is_not_passed_on():
    """LANG is needed, LANGCHAIN_API_KEY is not."""
    keys = (
        *("LANGCHAIN_API_KEY", "LANGFUSE_SECRET_KEY", "HOMEBREW_GITHUB_API_TOKEN"),
        *("TEMPORAL_API_KEY", "PATHOLOGY_KEY", "PYTHON_KEYRING_TOKEN", "SSL_CERT_KEY"),
    )
    assert keyless_environment(dict.fromkeys(keys, "k")) == {}
