"""Who types a command is told of its options."""

import argparse

import pytest

from ipyavatar.api.command_words import describe_for_command
from ipyavatar.errors import InvalidArgument

GIVEN = argparse.Namespace(kernel=None, cell_timeout=None, pause=1.0, voice=[], codec=None)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("Choose another one: kernel=.", "Choose another one: --kernel."),
        ("kernel=5 cannot work.", "--kernel 5 cannot work."),
        ("codec='vp8' cannot work.", "--codec 'vp8' cannot work."),
        ("pause=-1.0 cannot be waited.", "--pause -1.0 cannot be waited."),
        ("Give it more time: cell_timeout_s=.", "Give it more time: --cell-timeout."),
        ("Leave codec= out.", "Leave --codec out."),
        ("api_key= is for services.", "api_key= is for services."),
        ("See https://example.org/?voice_id=a", "See https://example.org/?voice_id=a"),
    ],
)
def test_a_keyword_that_is_an_option_has_its_name(what, told):
    assert describe_for_command(InvalidArgument(what), GIVEN) == told
