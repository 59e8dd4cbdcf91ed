"""When a face does what marks ask for."""

import asyncio

from ipyavatar.providers.gestures import NOD_BEFORE_END_S, Gestures
from tests.support.virtual_time import run_virtual


async def perform(texts, captions, *, cancel_after=None):
    loop, done = asyncio.get_running_loop(), []
    gestures = Gestures(lambda name: done.append((round(loop.time(), 2), name)))
    for text in texts:
        gestures.add_text(text)
    for text, seconds in captions:
        words = [(word, i * 0.5, i * 0.5 + 0.4) for i, word in enumerate(text.split())]
        gestures.on_caption(text, words, seconds)
        if cancel_after is not None:
            await asyncio.sleep(cancel_after)
            gestures.cancel()
        await asyncio.sleep(seconds)
    gestures.finish()
    await asyncio.sleep(10)
    return done


def test_a_mark_is_done_with_the_word_behind_it():
    text = "One [smile] two three. [nod] Four five. [think]"
    done = run_virtual(perform([text], [("One two three.", 2.0), ("Four five.", 1.0)]))
    assert done == [(0.5, "smile"), (2.0, "nod"), (3.0, "think")]


def test_marks_of_a_stream_count_from_its_beginning():
    texts = ["One two.", "Three [smile] four."]
    done = run_virtual(perform(texts, [("One two.", 1.0), ("Three four.", 1.0)]))
    assert done == [(1.5, "smile")]


def test_the_face_nods_at_the_end_of_a_question():
    done = run_virtual(perform(["Is it?"], [("Is it?", 2.0)]))
    assert done == [(2.0 - NOD_BEFORE_END_S, "nod")]


def test_an_interrupt_drops_what_was_to_come():
    done = run_virtual(
        perform(["One two [smile] three?"], [("One two three?", 2.0)], cancel_after=0.1)
    )
    assert done == []
