"""Avatars on hosts in memory, and what tests of whole processes leave behind."""

import weakref

import pytest

from ipyavatar.client import host_client, paid_sessions, session_life
from tests.support import memory_sessions


@pytest.fixture(autouse=True)
def _own_paid_sessions(monkeypatch):
    """A test lists its own: others may not have been collected yet, and their twins are gone."""
    monkeypatch.setattr(paid_sessions, "_sessions", weakref.WeakSet())


@pytest.fixture(scope="module")
def hosts_closed():
    """At the end of the module no companion process is left."""
    yield
    host_client.close_all()


@pytest.fixture
def rescued(monkeypatch):
    """What was left to be stopped by other means."""
    grants = []
    monkeypatch.setattr(
        session_life, "stop_without_host", lambda options, grant: grants.append(grant)
    )
    return grants


@pytest.fixture
def made():
    """An avatar on a host in memory, and the host."""
    avatar, host = memory_sessions.make_avatar()
    yield avatar, host
    avatar.close()
    host.settle()


@pytest.fixture
def make_avatar():
    """Makes avatars on a host in memory, and closes them."""
    made = []

    def make(*, paid=False):
        avatar, host = memory_sessions.make_avatar(paid=paid)
        made.append(avatar)
        return avatar, host

    yield make
    for avatar in made:
        avatar.close()
