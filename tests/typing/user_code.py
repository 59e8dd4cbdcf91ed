"""Typed code of a user: mypy checks it in `make lint`, nothing runs it.

All of the public surface is used once. Where a line here has to change, so has users' code.
"""

from __future__ import annotations

import datetime as dt

import ipyavatar
from ipyavatar import Avatar, Speech, errors


def make() -> list[Avatar]:
    return [
        Avatar(),
        Avatar("embedded", character="leo", voice="miles", quality="auto"),
        Avatar(muted=True, volume=0.5, captions_on=False, badge=False, width=360),
        Avatar(host="thread"),
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


async def wait_for_it(avatar: Avatar) -> str:
    await avatar.start()
    speech: Speech = await avatar.speak("One.")
    await avatar.stop()
    return speech.state


def functions(avatar: Avatar) -> None:
    state: str = ipyavatar.run(wait_for_it(avatar))
    characters: dict[str, str] = ipyavatar.characters()
    voices: dict[str, str] = ipyavatar.voices()
    version: str = ipyavatar.__version__
    print(state, characters, voices, version)


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
    print(plain, left, today, seconds, days.by_provider)


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


# ---- AvatarSession: the same without a widget. To be enabled once it exists. ---------------------
#
# from ipyavatar import AvatarSession
#
#
# def script() -> None:
#     with AvatarSession("embedded", character="leo", quality="low") as session:
#         speech: Speech = session.speak("From a script.").wait(60)
#         session.interrupt()
#         print(speech.state, session.phase)
#
#
# async def async_script() -> None:
#     async with AvatarSession("heygen", avatar_id="a") as session:
#         await session.start()
#         await session.speak("Hello!", mode="talk")
#         await session.keep_alive()
#         await session.stop()
#
# ---- wrong code that a type checker should refuse: `warn_unused_ignores` fails where it does not -


def wrong(avatar: Avatar) -> None:
    avatar.speak(7)  # type: ignore[arg-type]
    Avatar(host="cloud")  # type: ignore[arg-type]
