"""What the avatars of a process share."""

from ipyavatar.engine.resources import EngineResources


def test_a_process_that_ends_is_not_disturbed_by_a_voice_that_nobody_needs_any_more():
    resources = EngineResources()
    resources.close()
    resources.warm()
