"""The embedded avatar on virtual time: real voice, face and tracks, no network, no waiting."""

import asyncio
from typing import ClassVar

import numpy as np
import pytest
from av.packet import Packet

from ipyavatar.core.speech import Utterance
from ipyavatar.engine.animator import Animator
from ipyavatar.engine.playout import SAMPLE_RATE
from ipyavatar.engine.synthesis import synthesize
from ipyavatar.engine.voice import VOICES, load_voice
from ipyavatar.errors import MediaError
from ipyavatar.media.encoders import SILENT_OPUS
from ipyavatar.media.frame_subscriptions import MOST_SUBSCRIPTIONS
from ipyavatar.media.media_pump import PACKET, Subscriber
from ipyavatar.media.shared_encoder import SharedEncoders
from ipyavatar.protocol.frames import Acknowledge, Frames, Missed, Subscribe
from ipyavatar.protocol.page import Goodbye, Media, Offer
from ipyavatar.providers import embedded
from ipyavatar.providers.embedded import EmbeddedProvider
from tests.support.media import InlineExecutor, OpusEar
from tests.support.virtual_time import VirtualClock, run_virtual

VOICE = next(iter(VOICES))
TEXT = "Papa baked a pie. Mama may bathe the baby. Far calm arms. Bob, pop, map. Hot pots on rocks."


class InlineResources:
    """The provider's resources without threads."""

    def __init__(self):
        self.voice_executor = self.drawing_executor = InlineExecutor()
        self._voice = load_voice(VOICE)

    def release_memory(self):
        pass

    def animator(self, character, size, seed):
        return Animator(character, size, seed)

    def voice(self, name):
        return self._voice


class Listener:
    def __init__(self):
        self.captions, self.first, self.heard = [], [], []
        self.widget_messages, self.left, self.clocks = [], [], []

    def on_first_sound(self, speech):
        self.first.append(speech)

    def on_caption(self, speech, text, words, clock_ms=None):
        self.captions.append((speech, text, words))
        self.clocks.append(clock_ms)

    def on_page_opened(self, page):
        pass

    def on_page_message(self, page, message):
        self.heard.append(message)

    def on_page_closed(self, page):
        self.left.append(page)

    def on_unheard(self, since):
        self.left.append(since)

    def on_gap(self, seconds):
        self.left.append(f"{seconds:.0f} s")

    def on_widget_message(self, message, buffers=()):
        self.widget_messages.append((message, buffers))


class Recording:
    """Everything both tracks of a subscriber hand out."""

    def __init__(self, subscriber):
        self.audio, self.opus, self.pictures = [], [], []
        self._tasks = [
            asyncio.ensure_future(self._hear(subscriber.audio)),
            asyncio.ensure_future(self._see(subscriber.video)),
        ]

    async def _hear(self, track):
        ear = OpusEar()
        while True:
            packet = await track.recv()
            self.opus.append(bytes(packet))
            self.audio.append((packet.pts, ear.hear(packet)))

    async def _see(self, track):
        while True:
            frame = await track.recv()
            self.pictures.append((frame.pts / 90_000, frame.to_ndarray().copy()))

    async def close(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def sound(self):
        """All of it as one `float32[n]`, and the time of its first sample."""
        first = self.audio[0][0]
        return np.concatenate([sound for _, sound in self.audio]), first / SAMPLE_RATE


def make_provider(clock):
    return EmbeddedProvider(
        InlineResources(), clock, character="ava", voice=VOICE, quality="low", seed=3
    )


@pytest.fixture(scope="module")
def performance():
    """`TEXT` performed once: what both tracks handed out, the words, and its segments."""

    async def go():
        provider, listener = make_provider(VirtualClock()), Listener()
        await provider.open(listener)
        recording = Recording(provider._player.pump.subscribe())
        await asyncio.sleep(0.5)
        words = await provider.say(Utterance("s1", TEXT))
        await asyncio.sleep(0.5)
        await provider.close("done")
        await recording.close()
        return recording, listener, words

    recording, listener, words = run_virtual(go())
    import threading

    segments = list(synthesize(load_voice(VOICE), "s1", TEXT, threading.Event()))
    return recording, listener, words, segments


def openness(picture):
    """How much dark shows between the lips: luma below 75 in the mouth's part of the picture."""
    height = len(picture) * 2 // 3
    width = picture.shape[1]
    mouth = picture[round(height * 0.55) : round(height * 0.72), width * 9 // 20 : width * 11 // 20]
    return float((mouth < 75).mean())


def timeline(segments, start):
    """The segments one behind the other: seconds of the first sample of each."""
    at = start
    for segment in segments:
        yield at, segment
        at += len(segment.audio) / SAMPLE_RATE


def found_at(sound, segment, first):
    """Where in `sound` the segment begins, in seconds: by its own samples, not by what we noted."""
    piece = segment.audio[: SAMPLE_RATE // 2]
    size = 1 << (len(sound) + len(piece)).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(piece, size))
    return first + int(np.argmax(np.fft.irfft(spectrum, size)[: len(sound)])) / SAMPLE_RATE


def wanted_gap(segments, start, when):
    """How far the lips should be apart at `when`, by the phonemes."""
    for at, segment in timeline(segments, start):
        if at <= when < at + len(segment.audio) / SAMPLE_RATE:
            mouth = segment.mouth.at(when - at)
            return mouth.jaw * (1 - mouth.press)
    return 0.0


def test_lips_and_sound_are_in_step_within_20_ms(performance):
    """The gap seen in the pictures fits the gap the phonemes ask for best at no lag."""
    recording, _, _, segments = performance
    sound, first = recording.sound()
    start = found_at(sound, segments[0], first)
    times = np.array([time for time, _ in recording.pictures])
    seen = np.array([openness(picture) for _, picture in recording.pictures])
    lags = np.arange(-0.2, 0.2001, 0.005)
    fits = []
    for lag in lags:
        wanted = np.array([wanted_gap(segments, start, time - lag) for time in times])
        fits.append(np.corrcoef(seen, wanted)[0, 1])
    best = lags[int(np.argmax(fits))]
    print(f"best lag {best * 1000:.0f} ms, correlation {max(fits):.2f}")
    assert max(fits) > 0.7
    assert abs(best) <= 0.020


def test_the_mouth_is_shut_on_p_b_m_and_open_on_aa(performance):
    """In the pictures themselves: next to nothing dark in closures, much of it in open vowels."""
    recording, _, _, segments = performance
    sound, first = recording.sound()
    start = found_at(sound, segments[0], first)
    shut, wide = [], []
    for time, picture in recording.pictures:
        for at, segment in timeline(segments, start):
            if at <= time < at + len(segment.audio) / SAMPLE_RATE:
                mouth = segment.mouth.at(time - at)
                if mouth.press > 0.98:
                    shut.append(openness(picture))
                elif mouth.jaw > 0.55 and mouth.press == 0:
                    wide.append(openness(picture))
    print(f"{len(shut)} pictures shut: {np.mean(shut):.4f}; {len(wide)} open: {np.mean(wide):.4f}")
    assert len(shut) >= 10
    assert len(wide) >= 10
    assert max(shut) < 0.25 * float(np.median(wide))


def test_all_of_the_sound_comes_out_unbroken(performance):
    """What the voice made is heard: what Opus changes is 15 dB below it, 3 in each of its tenths.

    Hissing comes out as another hiss; where sound were missing it would be 0 dB.
    """
    recording, _, _, segments = performance
    sound, first = recording.sound()
    start = round((found_at(sound, segments[0], first) - first) * SAMPLE_RATE)
    made = np.concatenate([segment.audio for segment in segments])
    tenths = len(made) * 10 // SAMPLE_RATE
    length = tenths * SAMPLE_RATE // 10
    made, heard = (
        part.reshape(tenths, -1) for part in (made[:length], sound[start : start + length])
    )
    loud = made.std(1) > 0.01
    below = 20 * np.log10(made[loud].std(1) / (made - heard)[loud].std(1))
    print(f"{loud.sum()} of {tenths} loud; {below.min():.1f} dB, median {np.median(below):.1f}")
    assert loud.sum() > tenths / 2
    assert below.min() > 3
    assert np.median(below) > 15
    stamps = [pts for pts, _ in recording.audio]
    assert set(np.diff(stamps)) == {PACKET}


def test_words_and_captions_cover_the_text(performance):
    """Every word has a time within the sound, in order; captions hold the whole text."""
    _, listener, words, segments = performance
    total = sum(len(segment.audio) for segment in segments) / SAMPLE_RATE
    starts = [start for _, start, _ in words]
    assert starts == sorted(starts)
    assert all(0 <= start < end <= total + 0.05 for _, start, end in words)
    assert [word.strip(".,") for word, _, _ in words] == [word.strip(".,") for word in TEXT.split()]
    shown = " ".join(text for _, text, _ in listener.captions if text)
    assert shown.split() == TEXT.split()
    assert listener.captions[-1][1] == ""
    assert listener.first == ["s1"]


def test_captions_tell_the_times_of_the_media_that_their_sound_has(performance):
    """Each begins as long after the one before as that lasts; the end is that of the last."""
    _, listener, _, segments = performance
    lengths = [1000 * len(segment.audio) / SAMPLE_RATE for segment in segments]
    assert np.diff(listener.clocks) == pytest.approx(lengths, abs=40)


def test_a_caption_that_is_cut_off_is_over_now():
    """Without a time of the media: a page holds nothing of it back."""

    async def go():
        provider, listener = make_provider(VirtualClock()), Listener()
        await provider.open(listener)
        saying = asyncio.ensure_future(provider.say(Utterance("s1", TEXT)))
        await asyncio.sleep(1.5)
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        await provider.close("done")
        return listener

    listener = run_virtual(go())
    assert [text for _, text, _ in listener.captions][-1] == ""
    assert listener.clocks[0] is not None
    assert listener.clocks[-1] is None


def test_cancelling_is_silence_in_the_next_packet():
    """After an interrupt one packet fades; from the next on there is nothing; the lips close."""

    async def go():
        provider = make_provider(VirtualClock())
        await provider.open(Listener())
        recording = Recording(provider._player.pump.subscribe())
        saying = asyncio.ensure_future(provider.say(Utterance("s1", TEXT)))
        await asyncio.sleep(1.5)
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        heard = len(recording.audio)
        await asyncio.sleep(0.5)
        await provider.close("done")
        await recording.close()
        return recording, heard

    recording, heard = run_virtual(go())
    assert max(np.abs(sound).max() for _, sound in recording.audio[heard - 5 : heard]) > 0.01
    assert set(recording.opus[heard + 1 :]) == {SILENT_OPUS}
    assert openness(recording.pictures[-1][1]) < 0.02


def test_the_first_speech_waits_for_the_page_that_is_expected():
    """Nothing is said before the page plays, and then at once."""

    async def go():
        provider, loop = make_provider(VirtualClock()), asyncio.get_running_loop()
        listener = Listener()
        await provider.open(listener)
        provider.expect_page(10.0)
        saying = asyncio.ensure_future(provider.say(Utterance("s1", "Hello there.")))
        await asyncio.sleep(3.0)
        before = list(listener.first)
        provider.on_page_text("page", _media_playing(), Subscriber(SharedEncoders()))
        asked = loop.time()
        while not listener.first:
            await asyncio.sleep(0.01)
        waited = loop.time() - asked
        await saying
        await provider.close("done")
        return before, waited

    before, waited = run_virtual(go())
    assert before == []
    assert waited <= 0.05


def test_a_page_that_never_comes_does_not_hold_up_speech():
    """After the time it was given, the speech is said to nobody."""

    async def go():
        provider, loop = make_provider(VirtualClock()), asyncio.get_running_loop()
        await provider.open(Listener())
        provider.expect_page(10.0)
        await provider.say(Utterance("s1", "Hello."))
        ended = loop.time()
        await provider.close("done")
        return ended

    assert 10.0 <= run_virtual(go()) <= 13.0


def _media_playing():
    import msgspec

    return msgspec.json.encode(Media("p", "playing")).decode()


def test_a_page_without_webrtc_gets_frames_flush_and_farewell():
    """Sound that can be decoded, a keyframe first, a flush with the interrupt, one goodbye."""

    async def go():
        provider, listener = make_provider(VirtualClock()), Listener()
        await provider.open(listener)
        provider.subscribe(Subscribe("page", "page.1"))
        speech = asyncio.ensure_future(provider.say(Utterance("s1", TEXT)))
        while not listener.first or len(listener.widget_messages) < 100:
            await asyncio.sleep(0.1)
            message, _ = listener.widget_messages[-1]
            if message.frames:
                provider.on_page_report(Acknowledge("page", "page.1", message.frames[-1].number))
        speech.cancel()
        await asyncio.gather(speech, return_exceptions=True)
        flushed = [message.flushes for message, _ in listener.widget_messages]
        stats = provider.stats()
        await provider.close("done")
        return listener.widget_messages, flushed, stats

    messages, flushed, stats = run_virtual(go())
    frames = [
        (frame, data)
        for message, buffers in messages
        if isinstance(message, Frames)
        for frame, data in zip(message.frames, buffers, strict=True)
    ]
    assert next(frame.kind for frame, _ in frames if frame.key) == "picture"
    ear = OpusEar()
    heard = [ear.hear(Packet(data)) for frame, data in frames if frame.kind == "sound"]
    assert np.abs(np.concatenate(heard)).max() > 0.1
    assert set(flushed) == {0, 1}
    assert flushed == sorted(flushed)
    assert isinstance(messages[-1][0], Goodbye)
    assert stats["pages"] == 1.0


def test_a_speech_waits_for_a_page_that_looks_for_a_way():
    """It is not said to nobody while WebRTC is tried in vain and messages take over."""

    async def go():
        provider, listener = make_provider(VirtualClock()), Listener()
        await provider.open(listener)
        provider._expect_found_page()  # an offer has come
        speech = asyncio.ensure_future(provider.say(Utterance("s1", "Hi.")))
        await asyncio.sleep(2.0)
        early = list(listener.first)
        provider.subscribe(Subscribe("page", "page.2"))
        await asyncio.sleep(0.3)
        provider.on_page_report(Media("page", "playing"))
        await asyncio.sleep(0.3)
        late = list(listener.first)
        await speech
        await provider.close("done")
        return early, late

    assert run_virtual(go()) == ([], ["s1"])


def test_whatever_pages_ask_for_there_are_few_subscriptions():
    """One for a page, the newest; and of all pages no more than so many."""

    async def go():
        provider, listener = make_provider(VirtualClock()), Listener()
        await provider.open(listener)
        for number in range(200):
            provider.subscribe(Subscribe("greedy", f"greedy.{number}"))
            await asyncio.sleep(0.01)
        one = provider.stats()["pages"]
        provider.on_page_report(Acknowledge("greedy", "greedy.3", 2**53, True, 1, 2**53))
        for number in range(200):
            provider.subscribe(Subscribe(f"page{number}", f"page{number}.1"))
            await asyncio.sleep(0.01)
        many = provider.stats()["pages"]
        for number in range(400):
            await provider.hang_up(f"page{number}.1")
        none = provider.stats()["pages"]
        await provider.close("done")
        return one, many, none

    assert run_virtual(go()) == (1.0, float(MOST_SUBSCRIPTIONS), 0.0)


class DeadPeer:
    """Its line is cut, and it has not noticed."""

    page = "page"
    connected = True

    def __init__(self, subscriber):
        self.subscriber, self.sent = subscriber, []

    def send(self, text):
        self.sent.append(text)
        return True

    async def close(self):
        pass


def test_what_a_page_is_told_that_takes_messages_in_place_of_webrtc_goes_by_message_too():
    async def go():
        provider, listener = make_provider(VirtualClock()), Listener()
        await provider.open(listener)
        peer = provider._peers["page.1"] = DeadPeer(provider.media().subscribe())
        told = Goodbye("Bye.", "")
        before = provider.send_to_page("page", told)
        provider.subscribe(Subscribe("page", "page.2"))
        after = provider.send_to_page("page", told)
        sent = len(peer.sent)
        await provider.close("done")
        return before, after, sent

    assert run_virtual(go()) == (True, False, 2)


@pytest.mark.parametrize(
    ("how", "others"), [("it was told", False), ("it was told", True), ("frames were lost", False)]
)
def test_what_the_only_page_has_missed_is_said_again(how, others):
    """Sound that was sent ahead is flushed; where another page has heard it, it goes on."""

    async def go():
        provider, listener = make_provider(VirtualClock()), Listener()
        await provider.open(listener)
        provider.subscribe(Subscribe("page", "page.1"))
        if others:
            provider.subscribe(Subscribe("other", "other.1"))
        speech = asyncio.ensure_future(provider.say(Utterance("s1", TEXT)))
        while len([text for _, text, _ in listener.captions if text]) < 3:
            await asyncio.sleep(0.1)
        if how == "it was told":
            provider.on_page_report(Missed("page", 60_000 if others else 1_500))
        else:
            newest = max(one.number for told, _ in listener.widget_messages for one in told.frames)
            provider.on_page_report(Acknowledge("page", "page.1", newest, False, 1, newest))
        words = await speech
        await provider.close("done")
        return [text for _, text, _ in listener.captions if text], words, listener.widget_messages

    captions, words, messages = run_virtual(go())
    assert (len(captions) > len(set(captions))) is not others
    assert " ".join(dict.fromkeys(captions)).split() == TEXT.split()
    assert [word.strip(".,") for word, _, _ in words] == [word.strip(".,") for word in TEXT.split()]
    flushes = max(message.flushes for message, _ in messages if isinstance(message, Frames))
    assert flushes == int(not others)


@pytest.mark.parametrize("others", [False, True])
def test_what_the_only_page_has_missed_for_long_is_told_and_not_said_again(others):
    async def go():
        provider, listener = make_provider(VirtualClock()), Listener()
        await provider.open(listener)
        for page in ["page", "other"][: 1 + others]:
            provider.subscribe(Subscribe(page, f"{page}.1"))
        speech = asyncio.ensure_future(provider.say(Utterance("s1", TEXT)))
        await asyncio.sleep(2.0)
        provider.on_page_report(Missed("page", 20_000))
        await speech
        await provider.close("done")
        return [text for _, text, _ in listener.captions if text], listener.left

    captions, left = run_virtual(go())
    assert len(captions) == len(set(captions))
    assert left == ([] if others else ["20 s"])


class StandInPeer:
    """A peer connection that is lost when a test says so."""

    made: ClassVar = []

    def __init__(self, page, subscriber, *, on_closed, **_):
        self.page, self.subscriber, self.lose = page, subscriber, on_closed
        self.closed = False
        StandInPeer.made.append(self)

    async def answer(self, sdp):
        await asyncio.sleep(0.1)
        if self.closed:
            raise MediaError("The connection is closed.")
        return f"answer to {sdp}"

    async def close(self):
        self.closed = True

    def send(self, text):
        return True


@pytest.mark.parametrize("apart_s", [0.0, 0.05, 5.0])
def test_an_offer_that_comes_again_under_one_name_leaves_one_connection(monkeypatch, apart_s):
    """The one before is closed, and what becomes of it does not concern the one that came after."""
    StandInPeer.made = []
    monkeypatch.setattr(embedded, "Peer", StandInPeer)

    async def go():
        provider, listener = make_provider(VirtualClock()), Listener()
        await provider.open(listener)
        before = asyncio.ensure_future(provider.answer(Offer("a", "a.1", "one")))
        await asyncio.sleep(apart_s)
        answer = await provider.answer(Offer("a", "a.1", "two"))
        await asyncio.gather(before, return_exceptions=True)
        old, new = StandInPeer.made
        old.lose()
        await asyncio.sleep(1)
        state = old.closed, new.closed, list(listener.left), provider.stats()["pages"]
        new.lose()
        await asyncio.sleep(1)
        pages = provider.stats()["pages"]
        await provider.close("done")
        return answer.sdp, state, list(listener.left), pages, new.closed

    sdp, (old_closed, new_closed, left, pages), left_at_end, at_end, closed = run_virtual(go())
    assert sdp == "answer to two"
    assert (old_closed, new_closed, left, pages) == (True, False, [], 1.0)
    assert (left_at_end, at_end, closed) == (["a"], 0.0, True)
