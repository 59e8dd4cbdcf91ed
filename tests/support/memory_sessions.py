"""Sessions and avatars on a host in memory, led to any phase."""

from __future__ import annotations

import time
from unittest import mock

from ipyavatar.client import session as session_module
from ipyavatar.client.phases import Phase
from ipyavatar.client.session import AvatarSession
from ipyavatar.client.session_setup import SessionSetup
from tests.support.fakes.memory_host import MemoryHost, Ticks
from tests.support.fakes.recording_avatar import RecordingAvatar

PAID = {"provider": "heygen", "api_key": "k", "base_url": "http://127.0.0.1:9"}
"""Nobody is there: with a host in memory nothing is ever sent."""


def make_session(*, paid=False):
    """A session, and its host."""
    host = MemoryHost(Ticks(), paid)
    session = AvatarSession(
        host=host, _setup=SessionSetup(clock=host.clock), **(PAID if paid else {})
    )
    return session, host


def make_avatar(kind=RecordingAvatar, *, paid=False, **options):
    """An avatar, and its host."""
    host = MemoryHost(time.monotonic, paid)
    with mock.patch.object(session_module, "find_host", return_value=host):
        avatar = kind(**(PAID if paid else {}), **options)
    return avatar, host


def bring_to(session, host, phase):
    """Lead a new session to `phase`."""
    match phase:
        case Phase.NEW:
            pass
        case Phase.OPENING:
            session.start()
        case Phase.LIVE | Phase.RECONNECTING:
            session.start()
            host.settle()
            if phase is Phase.RECONNECTING:
                host.trouble(session.id)
                host.settle()
        case Phase.ENDED | Phase.FAILED:
            bring_to(session, host, Phase.LIVE)
            host.end_by_itself(session.id, failed=phase is Phase.FAILED)
            host.settle()
        case Phase.LOST:
            bring_to(session, host, Phase.LIVE)
            host.die()
        case Phase.STOPPING | Phase.STOPPED | Phase.RESTARTING:
            bring_to(session, host, Phase.LIVE)
            session.stop()
            if phase is Phase.RESTARTING:
                session.start()
            if phase is Phase.STOPPED:
                host.settle()
        case Phase.CLOSING | Phase.CLOSED:
            bring_to(session, host, Phase.LIVE)
            session.close()
            if phase is Phase.CLOSED:
                host.settle()
    assert session.phase is phase
