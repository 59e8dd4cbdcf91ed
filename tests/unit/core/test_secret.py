"""A secret shows itself to `reveal()` only."""

import copy
import json
import logging
import pickle
from pathlib import Path

import msgspec
import pytest

from ipyavatar import ChatModel, SpeechApi, TranscriptionApi
from ipyavatar.core.secret import (
    HIDDEN,
    Secret,
    can_be_key,
    hide_address,
    hide_within,
    one_line,
    redact,
)
from ipyavatar.errors import InvalidArgument

KEY = "sk-hush-4711"


def test_it_is_hidden_wherever_text_is_made(caplog):
    secret = Secret(KEY)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("x").debug("key %s %r %s", secret, secret, {"k": [secret]})
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", f"{secret!r}"]
    shown += [repr([secret]), repr({"key": secret}), caplog.text]
    assert all(KEY not in text for text in shown)
    assert HIDDEN in caplog.text


@pytest.mark.parametrize(
    "write", [pickle.dumps, json.dumps, msgspec.json.encode, msgspec.msgpack.encode]
)
def test_it_is_not_written_by_accident(write):
    with pytest.raises(TypeError):
        write({"key": Secret(KEY)})


def test_it_compares_hashes_and_copies_like_a_value():
    secret = Secret(KEY)
    assert secret == Secret(KEY) != Secret("other")
    assert secret != KEY
    assert {secret: 1}[Secret(KEY)] == 1
    assert copy.deepcopy([secret]) == [copy.copy(secret)]
    assert (bool(secret), bool(Secret(""))) == (True, False)
    assert secret.reveal() == KEY


def test_it_has_no_attributes_to_look_into():
    assert not hasattr(Secret(KEY), "__dict__")


def test_redact_blanks_all_of_them_longest_first():
    text = "abc, abcdef and abc again"
    assert redact(text, [Secret("abc"), Secret("abcdef"), Secret("")]) == (
        f"{HIDDEN}, {HIDDEN} and {HIDDEN} again"
    )


def test_what_may_hold_a_secret_is_hidden_in_all_its_parts():
    """Lists and mappings keep their shape; names stay where they are words; nothing is endless."""
    given = [{"urls": ("a", "b"), "credential": "hush", "hush-7": 5}, "hush", None]
    hidden = hide_within(given)
    assert hidden[0]["urls"] == (Secret("a"), Secret("b"))
    assert hidden[0]["credential"] == hidden[1] == Secret("hush")
    assert hidden[2] is None
    assert "hush" not in repr(hidden)
    given.append(given)
    assert "hush" not in repr(hide_within(given))


@pytest.mark.parametrize(
    "given", ["https://me:hush@host/v1", "http://host?key=hush", ["https://hush"], {"k": "hush"}]
)
def test_an_address_is_hidden_where_one_may_stand(given):
    """A verbose traceback shows it before anything is checked."""
    assert "hush" not in repr(hide_address(given))


@pytest.mark.parametrize("given", [None, print, "models/whisper", Path("whisper")])
def test_functions_and_paths_are_no_addresses(given):
    assert hide_address(given) is given


@pytest.mark.parametrize("odd", ['"abc"', "<abc>", "${KEY}", "a b", "a\nb", "ключ", "a" * 9000])
def test_what_was_copied_wrong_is_no_key(odd):
    assert can_be_key(Secret("abc-123_=."))
    assert not can_be_key(Secret(odd))
    for make in (
        lambda: TranscriptionApi("https://example.com", api_key=odd),
        lambda: SpeechApi("https://example.com", api_key=odd),
        lambda: ChatModel("https://example.com", api_key=odd),
    ):
        with pytest.raises(InvalidArgument) as caught:
            make()
        assert odd not in str(caught.value)


def test_a_token_that_nobody_knows_yet_is_not_quoted():
    """A service may put it into its error; what only begins alike is shown."""
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjbGllbnQifQ.c2lnbmF0dXJl"
    shown = one_line(f"no session for {token}, see eyJ.txt", ())
    assert shown == f"no session for {HIDDEN}, see eyJ.txt"
    assert one_line(f"no key for {token}.c2lnbmF0dXJl.dGFn", ()) == f"no key for {HIDDEN}"
