"""A lesson goes on by itself, and is led."""

import asyncio
import threading

import pytest

from ipyavatar.client.lesson import Lesson, Lessons, check_pause
from ipyavatar.client.segments import make_segments
from ipyavatar.core.speech import Speech, Utterance
from ipyavatar.errors import InvalidArgument, LessonStopped


class Presenter:
    """Says what it is told at once, but for texts that begin with "Long": those are cut off."""

    def __init__(self):
        self.said, self.shown = [], []
        self.begun = threading.Semaphore(0)
        self.speech = None

    def speak(self, text):
        speech = Speech(Utterance(f"s{len(self.said)}", text), lambda name: self.end(), 0.0)
        self.said.append(text)
        self.speech = speech
        if not text.startswith("Long"):
            speech.change("said", 1.0)
        self.begun.release()
        return speech

    def end(self, state="interrupted"):
        self.speech.change(state, 1.0, "It broke.")

    def show_progress(self, progress):
        self.shown.append(progress)

    def wait_for(self, count):
        for _ in range(count):
            assert self.begun.acquire(timeout=10)


def present(*given, pause_s=0.0):
    presenter = Presenter()
    lesson = Lesson(presenter, make_segments(given), pause_s)
    lesson.start()
    return lesson, presenter


def test_segments_come_in_turn_and_functions_between_them():
    order, presenter = [], Presenter()
    given = ["# One\na", lambda: order.append(list(presenter.said)), ("Two", "b"), "c"]
    lesson = Lesson(presenter, make_segments(given), 0.0)
    lesson.start()
    lesson.wait(10)
    assert presenter.said == ["# One\na", "b", "c"]
    assert order == [["# One\na"]]
    assert lesson.state == "done"
    assert presenter.shown[0] == "1 of 4: One"
    assert "4 of 4: Two" in presenter.shown
    assert presenter.shown[-1] == ""


def test_a_function_that_raises_is_kept_and_the_lesson_can_go_on_there():
    calls = []

    def fails_once():
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("bad luck")

    lesson, presenter = present("a", fails_once, "b")
    with pytest.raises(LessonStopped, match="bad luck") as stopped:
        lesson.wait(10)
    assert stopped.value.__cause__ is lesson.error
    assert (lesson.state, lesson.position) == ("failed", 1)
    lesson.resume()
    lesson.wait(10)
    assert (len(calls), presenter.said, lesson.error) == (2, ["a", "b"], None)


def test_what_fails_can_be_skipped():
    lesson, presenter = present("a", lambda: 1 / 0, "b")
    with pytest.raises(LessonStopped):
        lesson.wait(10)
    lesson.skip()
    lesson.wait(10)
    assert presenter.said == ["a", "b"]


def test_pause_is_silence_at_once_and_resume_begins_the_segment_again():
    lesson, presenter = present("a", "Long b", "c")
    presenter.wait_for(2)
    lesson.pause()
    assert presenter.speech.state == "interrupted"
    with pytest.raises(LessonStopped, match="2 of 3"):
        lesson.wait(10)
    assert presenter.shown[-1] == "2 of 3 (paused)"
    lesson.resume()
    presenter.wait_for(1)
    presenter.end("said")
    lesson.wait(10)
    assert presenter.said == ["a", "Long b", "Long b", "c"]


def test_skip_and_back_cut_off_what_is_said():
    lesson, presenter = present("a", "Long b", "Long c")
    presenter.wait_for(2)
    lesson.skip()
    presenter.wait_for(1)
    lesson.back()
    presenter.wait_for(1)
    assert presenter.said == ["a", "Long b", "Long c", "Long b"]
    lesson.back()
    lesson.stop()
    lesson.wait(10)
    assert lesson.state == "stopped"
    lesson.resume()
    assert lesson.state == "stopped"


def test_an_interrupt_of_the_avatar_pauses_it():
    """Whoever wants silence does not want the next segment."""
    lesson, presenter = present("Long a", "b")
    presenter.wait_for(1)
    presenter.end("interrupted")
    with pytest.raises(LessonStopped):
        lesson.wait(10)
    assert (lesson.state, presenter.said) == ("paused", ["Long a"])


def test_a_text_that_cannot_be_said_fails_there():
    lesson, presenter = present("a", "Long b", "c")
    presenter.wait_for(2)
    presenter.end("failed")
    with pytest.raises(LessonStopped, match="It broke"):
        lesson.wait(10)
    assert (lesson.state, lesson.position) == ("failed", 1)


def test_a_pause_between_segments_ends_when_it_is_led():
    lesson, presenter = present("a", "b", pause_s=3000)
    presenter.wait_for(1)
    lesson.skip()
    lesson.wait(10)
    assert presenter.said == ["a", "b"]


def test_ctrl_c_on_the_users_own_thread_pauses_it():
    def interrupted():
        raise KeyboardInterrupt

    presenter = Presenter()
    lesson = Lesson(presenter, make_segments(["a", interrupted, "b"]), 0.0)
    with pytest.raises(KeyboardInterrupt):
        lesson.run()
    assert (lesson.state, lesson.position) == ("paused", 1)
    lesson.skip()
    lesson.wait(10)
    assert presenter.said == ["a", "b"]


class Unshowable(Exception):
    def __str__(self):
        raise ValueError("no words")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, Unshowable])
def test_whatever_a_function_raises_on_our_thread_is_a_failure(kind):
    """Whoever waits is told, and it can go on."""

    def raises():
        raise kind

    lesson, presenter = present("a", raises, "b")
    with pytest.raises(LessonStopped, match=kind.__name__):
        lesson.wait(10)
    assert (lesson.state, type(lesson.error)) == ("failed", kind)
    lesson.pause()  # of what does not run is nothing
    assert (lesson.state, type(lesson.error)) == ("failed", kind)
    lesson.skip()
    lesson.wait(10)
    assert presenter.said == ["a", "b"]


@pytest.mark.parametrize("how", ["sync", "async", "loop of its own"])
def test_a_function_that_waits_for_its_lesson_is_refused(how):
    """It would wait for itself."""
    lessons = Lessons()

    def waits():
        lessons.last.wait()

    async def awaits():
        await lessons.last

    functions = {"sync": waits, "async": awaits, "loop of its own": lambda: asyncio.run(awaits())}
    lesson = lessons.make(Presenter(), make_segments([functions[how]]), 0.0)
    lesson.start()
    with pytest.raises(LessonStopped, match="waits for the lesson"):
        lesson.wait(10)
    lesson.stop()


def test_an_async_function_is_run_and_cancelled_by_a_skip():
    ran, begun, cancelled = threading.Event(), threading.Event(), threading.Event()

    async def runs():
        await asyncio.sleep(0)
        ran.set()

    async def hangs():
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            cancelled.set()

    lesson, presenter = present(runs, hangs, "a")
    assert begun.wait(10)
    assert ran.is_set()
    lesson.skip()
    lesson.wait(10)
    assert cancelled.wait(10)
    assert presenter.said == ["a"]


def test_one_lesson_at_a_time_whoever_begins_or_goes_on():
    """Also where several threads begin at once, and where one that was paused is resumed."""
    lessons, presenter, made, refused = Lessons(), Presenter(), [], []
    gate = threading.Barrier(4)

    def begin():
        gate.wait(10)
        try:
            made.append(lessons.make(presenter, make_segments(["Long a"]), 0.0))
        except InvalidArgument as error:
            refused.append(error)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (len(made), len(refused)) == (1, 3)
    first = made[0]
    first.pause()
    second = lessons.make(presenter, make_segments(["Long b"]), 0.0)
    for lead in (first.resume, first.skip, first.back):
        with pytest.raises(InvalidArgument, match="under way"):
            lead()
    assert (first.state, first.position) == ("paused", 0)
    second.stop()
    first.resume()
    first.stop()


def test_skips_beyond_the_end_are_forgotten():
    lesson, presenter = present("Long a", "Long b")
    presenter.wait_for(1)
    with lesson._changed:  # nothing goes on meanwhile
        for _ in range(5):
            lesson.skip()
        lesson.back()
    assert lesson.position == 1
    lesson.stop()


@pytest.mark.parametrize("pause", [-1, None, 1e9])
def test_a_pause_that_cannot_be_waited_is_refused(pause):
    with pytest.raises(InvalidArgument):
        check_pause(pause)


def test_a_failure_is_told_in_a_sentence_with_one_end():
    def fails():
        raise InvalidArgument("It broke.", "Mend it.")

    lesson, _ = present("a", fails)
    with pytest.raises(LessonStopped) as caught:
        lesson.wait(10)
    assert caught.value.what.startswith("The lesson has failed at 2 of 2: InvalidArgument: ")
    assert caught.value.what.endswith("Mend it.")
    assert ".." not in caught.value.what


def test_waiting_gives_the_lesson_as_a_speech_gives_itself():
    lesson, _ = present("a")
    assert lesson.wait(10) is lesson

    async def wait():
        return await lesson

    assert asyncio.run(wait()) is lesson
