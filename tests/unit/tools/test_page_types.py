"""The page's message types are those of `ipyavatar.protocol.page`."""

from __future__ import annotations

import typing

import msgspec
import pytest

from ipyavatar.protocol import page
from tools import page_types as tool


def test_committed_file_is_up_to_date() -> None:
    """js/src/model/messages.ts is what the tool writes today."""
    assert tool.TARGET.read_text() == tool.render(), "run python tools/page_types.py"


def test_every_message_and_field_is_there() -> None:
    """No message and no field of the table is left out, under the names that travel."""
    text = tool.render()
    for cls in typing.get_args(page.FromPage) + typing.get_args(page.ToPage):
        start = text.index(f"export interface {cls.__name__} {{")
        body = text[start : text.index("\n}", start)]
        assert f'type: "{cls.__struct_config__.tag}"' in body
        for field in msgspec.structs.fields(cls):
            assert f"  {field.encode_name}" in body, (cls, field.encode_name)


def test_only_what_the_page_sends_may_be_left_out() -> None:
    """Python always sends every field, so the page need not check for missing ones."""
    text = tool.render()
    assert "interrupt?: boolean" in text
    assert "words: Array<[string, number, number]>" in text


def test_a_type_without_a_rule_is_refused() -> None:
    """A new kind of field stops the tool instead of becoming `any`."""
    with pytest.raises(TypeError, match="cannot write"):
        tool._type(msgspec.inspect.type_info(bytes), {})
