"""Typed code of a user: mypy checks it in `make lint`, nothing runs it.

All of the public surface is used once. Where a line here has to change, so has users' code.
"""

from __future__ import annotations

import datetime as dt
import pathlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import ipyavatar
from ipyavatar import (
    Audio,
    Avatar,
    AvatarSession,
    ChatModel,
    Speech,
    SpeechApi,
    TranscriptionApi,
    errors,
)


def make() -> list[Avatar]:
    return [
        Avatar(),
        Avatar("embedded", character="leo", voice="miles", quality="auto"),
        Avatar(muted=True, volume=0.5, captions_on=False, badge=False, width=360),
        Avatar(floating=True, save_transcript=True),
        Avatar(floating="auto"),
        Avatar(host="thread"),
        Avatar(voice="june", speed=1.2, pitch=0.9),
        Avatar(voice=SpeechApi("http://127.0.0.1:1", model="m", voice="v", api_key="k"), speed=1.5),
        Avatar(voice=Path("anna.onnx")),
        Avatar(voice="espeak:de", language="de"),
        Avatar(voice=lambda text: [0.0] * len(text), language="fr", voice_timeout_s=5.0),
        Avatar("heygen", avatar_id="a", voice_id="v", idle_timeout_s=60, max_idle_s=300.0),
        Avatar(
            "liveavatar", api_key="k", base_url="http://127.0.0.1:8765", sandbox=True, lite=True
        ),
        Avatar("kaltura", avatar_id="a", relay=False, credits_per_minute=1.5, max_duration_s=600),
    ]


def speak(avatar: Avatar) -> None:
    speech: Speech = avatar.speak("Hello!", mode="repeat", interrupt=True)
    said: Speech = speech.wait(10)
    speech.interrupt()
    identifier: str = said.id
    text: str = said.text
    state: str = said.state
    reason: str = said.reason
    done: bool = said.done
    started: float = said.started_at
    first: float | None = said.first_audio_at
    finished: float | None = said.finished_at
    latency: float | None = said.latency_ms
    words: list[tuple[str, float, float]] = said.words
    error: errors.AvatarError | None = said.error
    avatar.interrupt()
    print(identifier, text, state, reason, done, started, first, finished, latency, words, error)


async def understand(samples: NDArray[np.float32], language: str = "") -> str:
    return f"{len(samples)} {language}"


async def listen(avatar: Avatar, session: AvatarSession) -> None:
    Avatar(recognizer=understand, responder=lambda text: text)
    with session.listen(TranscriptionApi("http://127.0.0.1:1", api_key="k"), language="en") as one:
        for text in one:
            avatar.speak(text)
    listening = avatar.listen(Path("model"), push_to_talk=True, half_duplex=True)
    async for text in listening:
        print(text, listening.state, listening.texts, listening.problem)
    await listening.stop()


def speak_sound(avatar: Avatar) -> None:
    audio = Audio([0.0, 0.1], 24_000, text="Hm.")
    length: float | None = audio.duration
    avatar.speak(audio)
    avatar.speak(Path("lesson.mp3"))
    avatar.speak(Path("lesson.mp3").read_bytes(), interrupt=True)
    print(length)


def talk() -> None:
    avatar = Avatar(responder=lambda text: text.upper(), system="", answer_within_s=5)
    Avatar(responder="http://127.0.0.1:11434/v1", system="Be short.")
    Avatar(responder=ChatModel("http://127.0.0.1:11434/v1", model="m", api_key=None))
    answer: Speech = avatar.speak("Why?", mode="talk")
    avatar.speak(["One. ", None, "Two."]).wait()
    avatar.speak(word for word in ("One.", "Two."))
    history: list[dict[str, str]] = avatar.history
    print(answer.answer, answer.heard, history)


def gesture(avatar: Avatar) -> None:
    avatar.express("smile")


def teach(avatar: Avatar) -> None:
    lesson = avatar.present(["# One\nText.", ("Two", "More."), lambda: None], pause=0.5)
    lesson.pause()
    lesson.resume()
    lesson.skip()
    lesson.back()
    lesson.wait(10)
    lesson.stop()
    where: str = lesson.progress
    error: BaseException | None = lesson.error
    print(lesson.state, lesson.position, lesson.title, where, error, avatar.lesson)
    ipyavatar.lesson("lesson.ipynb", avatar, pause=0)


def film() -> None:
    made = ipyavatar.record_lesson(
        "lesson.ipynb",
        [Path("lesson.mp4"), "lesson.srt"],
        character="leo",
        voice="miles",
        captions="burn",
        allow_errors=True,
    )
    chapters: tuple[tuple[float, str], ...] = made.chapters
    print(made.seconds / made.took_s, chapters, [one.number for one in made.failures])


def open_and_close(avatar: Avatar) -> None:
    started: None = avatar.start().wait()
    kept: None = avatar.keep_alive().wait(20)
    stopped: None = avatar.stop().wait(timeout=10.0)
    avatar.close()
    print(started, kept, stopped)


def look(avatar: Avatar) -> None:
    status: str = avatar.status
    speaking: bool = avatar.speaking
    muted: bool = avatar.muted
    avatar.muted = not muted
    avatar.volume = 0.3
    avatar.captions_on = False
    avatar.width = 480
    avatar.quality = "low"
    avatar.observe(print, "caption")
    print(status, speaking, avatar.transcript, avatar.error, avatar.stats, avatar.usage)
    print(avatar.provider, avatar.character, avatar.session_id, avatar.playback, avatar.notices)
    print(avatar.status_text, avatar.stream, avatar.badge)


def keep(session: AvatarSession, avatar: Avatar) -> None:
    times: list[float] = [frame.timestamp for frame in session.frames(until=session.speak("Hi."))]
    with session.audio() as sounds:
        for sound in sounds:
            print(sound.shape, sound.timestamp, times)
    print(sounds.dropped)
    png: bytes = session.snapshot().wait(5).png
    array = avatar.snapshot().array
    with avatar.record("a.webm", captions="burn", codec="vp9") as movie:
        avatar.speak("Hi.")
    seconds: float = session.record(pathlib.Path("b.mp4"), progress=True).stop().wait().seconds
    print(png, array.shape, movie.path, movie.bytes, seconds)
    print(session.transcript.to_vtt(word_times=True), session.transcript.to_srt())
    print(session.transcript.to_text(), session.transcript.rows(), session.transcript.to_frame())


async def watch(session: AvatarSession) -> list[float]:
    return [frame.timestamp async for frame in session.frames()]


async def wait_for_it(avatar: Avatar) -> str:
    await avatar.start()
    speech: Speech = await avatar.speak("One.")
    await avatar.stop()
    return speech.state


def functions(avatar: Avatar) -> None:
    state: str = ipyavatar.run(wait_for_it(avatar))
    characters: dict[str, str] = ipyavatar.characters()
    voices: dict[str, str] = ipyavatar.voices()
    faces = ipyavatar.avatars("heygen", api_key="k", base_url="http://127.0.0.1:8765")
    names: dict[str, str] = faces
    previews = [(row.id, row.name) for row in faces.rows]
    theirs = ipyavatar.voices("liveavatar").rows
    known: dict[str, str] = ipyavatar.contexts(api_key="k")
    version: str = ipyavatar.__version__
    print(state, characters, voices, names, previews, theirs, known, version, avatar.session.phase)


def paid() -> None:
    table = ipyavatar.sessions()
    for row in table:
        print(row.provider, row.session_id, row.state, row.seconds, row.credits, row.note)
    plain: dict[str, object] = table.as_json()
    report = ipyavatar.stop_all(foreign=False)
    left: int = len(report.left)
    days = ipyavatar.usage(days=14)
    today = days.days[dt.date.today()]
    seconds: float = days.total.seconds
    found = ipyavatar.doctor()
    advice: list[str] = [row.fix for row in found if row.state != "ok"]
    print(plain, left, today, seconds, days.by_provider, found.ok, advice, found.as_json())


def mistakes(avatar: Avatar) -> str:
    try:
        avatar.speak("Hello!").wait()
    except errors.SpeechFailed as error:
        return error.fix
    except errors.ConcurrencyLimitError as error:
        return ", ".join(error.open_sessions)
    except errors.NoAnswer as error:
        return f"{error.sent} {error.retry_after_s}"
    except errors.ServiceError as error:
        return f"{error.service} {error.call} {error.status} {error.code} {error.retryable}"
    except (errors.InvalidArgument, errors.UnknownName, errors.SessionClosed) as error:
        return error.what
    except (errors.HostError, errors.MediaError, errors.MissingPart, errors.AvatarError) as error:
        return error.what
    return ""


# ---- AvatarSession: the same without a widget ----------------------------------------------------


def script() -> None:
    with AvatarSession("embedded", character="leo", quality="low") as session:
        end = session.observe(print)
        speech: Speech = session.speak("From a script.", interrupt=False).wait(60)
        session.interrupt()
        session.interrupt(speech.id)
        session.change_quality("medium")
        end()
        look_at_session(session)
    with AvatarSession(host="process") as other:
        stopped: None = other.stop().wait(10)
        closed: None = other.close().wait(10)
        print(stopped, closed)


def look_at_session(session: AvatarSession) -> None:
    status: str = session.status
    line: str = session.status_text
    caption: str = session.caption
    error: errors.AvatarError | None = session.error
    speaking: bool = session.speaking
    phase: str = session.phase.name
    entries: list[dict[str, str]] = session.transcript.entries()
    texts = [entry["text"] for entry in session.transcript]
    usage: dict[str, float | None] = session.usage
    stats: dict[str, object] = session.stats
    pid: int = session.host_pid
    print(session.id, session.provider, status, line, caption, error, speaking, phase)
    print(entries, texts, usage, stats, pid)


async def async_script() -> None:
    async with AvatarSession("heygen", avatar_id="a") as session:
        await session.start()
        speech: Speech = await session.speak("Hello!", mode="talk")
        mode: str = speech.mode
        asked_at: float = speech.utterance.asked_at
        await session.keep_alive()
        await session.stop()
    print(mode, asked_at)


# ---- wrong code that a type checker should refuse: `warn_unused_ignores` fails where it does not -


def wrong(avatar: Avatar) -> None:
    avatar.speak(7)  # type: ignore[arg-type]
    Avatar(host="cloud")  # type: ignore[arg-type]
    Avatar("heygen", colour="red")  # type: ignore[call-arg]
    Avatar(character=7)  # type: ignore[arg-type]
    AvatarSession(captions_on=False)  # type: ignore[call-arg]
