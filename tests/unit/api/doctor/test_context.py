"""What the checks of one run share."""

import pytest

from ipyavatar.api.doctor.context import Context
from ipyavatar.client import session as client
from ipyavatar.errors import SessionClosed
from ipyavatar.providers.cloud.environment import Environment


def test_a_session_that_is_made_after_ctrl_c_is_closed(monkeypatch):
    """The check that makes it is left alone, on its thread; a process would be left as well."""
    closed = []

    class Made:
        def __init__(self, *given, **more):
            context.close()

        def close(self):
            closed.append(self)

    context = Context(Environment({}), notebook=False)
    monkeypatch.setattr(client, "AvatarSession", Made)
    with pytest.raises(SessionClosed):
        context.session()
    assert len(closed) == 1
