"""Voices that are streamed to us: how soon what has come is heard."""

from __future__ import annotations

from collections.abc import Iterator

from ipyavatar import AvatarSession, SpeechApi
from tests.support.speech_server import speech_server

from .numbers import median, spread
from .rows import Part, Reading, Spec
from .stand import Stand

RUNS = 12

FIRST_SAMPLE = "voices: first chunk of a streamed voice -> first sample"


def first_samples(_: Stand) -> Iterator[Reading]:
    """A speech address on loopback; its time is that of the chunk it has just begun to send."""
    found, whole = [], []
    with speech_server() as server:
        server.seconds, server.pause_s = 0.6, 0.05
        voice = SpeechApi(server.url)
        with AvatarSession(voice=voice, quality="low", host="process") as session:
            session.speak("Once, to begin with.").wait(60)
            for _run in range(RUNS):
                speech = session.speak("Hello there.").wait(60)
                assert speech.latency_ms is not None
                heard = speech.utterance.asked_at + speech.latency_ms / 1000
                found.append((heard - server.chunk_sent_at) * 1000)
                whole.append(speech.latency_ms)
    told = f"{spread(found)}; from speak(): p50 {median(whole):.0f}"
    yield Reading(FIRST_SAMPLE, median(found), RUNS, told)


_HOW = "a chunk of 100 ms leaves a speech address on loopback -> first sample leaves the host, p50"

PARTS = (Part("voices", (Spec(FIRST_SAMPLE, "ms", None, _HOW),), first_samples),)
