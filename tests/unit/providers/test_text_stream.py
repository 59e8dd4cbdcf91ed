"""The text of a speech that comes bit by bit, in the host."""

import asyncio

from ipyavatar.core.speech import Utterance
from ipyavatar.providers.text_stream import TextFeed, say_in_turn, split_stream
from tests.support.virtual_time import VirtualClock, run_virtual


def test_bits_are_acknowledged_when_the_next_piece_is_asked_for():
    """So nothing is read ahead of what is said."""

    async def go():
        taken = []
        feed = TextFeed(taken.append)
        feed.add("One is here. ")
        feed.add("Two is here. Three")
        pieces = split_stream(feed, VirtualClock())
        assert await anext(pieces) == "One is here."
        assert taken == [31]
        feed.add(" is here.")
        assert await anext(pieces) == "Two is here."
        assert taken == [31]
        feed.end()
        assert [piece async for piece in pieces] == ["Three is here."]
        assert taken == [31, 9]
        return feed.text

    assert run_virtual(go()) == "One is here. Two is here. Three is here."


def test_a_sentence_is_said_although_the_next_is_late():
    async def go():
        feed = TextFeed(lambda count: None)
        pieces = split_stream(feed, VirtualClock())
        feed.add("One is here.")
        piece = await anext(pieces)
        at = asyncio.get_running_loop().time()
        rest = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(100)
        feed.add(" Late.")
        feed.end()
        return piece, at, await rest

    piece, at, rest = run_virtual(go())
    assert (piece, rest) == ("One is here.", "Late.")
    assert at < 1


def test_words_of_pieces_said_in_turn_go_on_in_time():
    async def go():
        async def say(utterance):
            assert not utterance.streamed
            return [(utterance.text, 0.0, 1.0)]

        feed = TextFeed(lambda count: None)
        feed.add("One is here. Two.")
        feed.end()
        pieces = split_stream(feed, VirtualClock())
        return await say_in_turn(say, Utterance("s", "", streamed=True), pieces)

    assert run_virtual(go()) == [("One is here.", 0.0, 1.0), ("Two.", 1.0, 2.0)]
