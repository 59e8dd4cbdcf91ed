"""A host with one avatar in a bare page: no notebook, no kernel, only what is to be measured."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import psutil
from playwright.sync_api import Page

from ipyavatar.client.transport import ProcessTransport
from ipyavatar.core.speech import Utterance
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.providers.options import validate_options

from .stand import Stand

SESSION = "bench"
SOON_S = 30.0

_OFFER = """async () => {
  const pc = window.pc = new RTCPeerConnection();
  const video = pc.addTransceiver("video", {direction: "recvonly"});
  const codecs = RTCRtpReceiver.getCapabilities("video").codecs;
  const h264 = (c) => Number(c.mimeType.toLowerCase() !== "video/h264");
  video.setCodecPreferences([...codecs].sort((a, b) => h264(a) - h264(b)));
  pc.addTransceiver("audio", {direction: "recvonly"});
  pc.createDataChannel("control");
  const stream = new MediaStream();
  pc.ontrack = ({receiver, track}) => { receiver.jitterBufferTarget = 0; stream.addTrack(track); };
  document.body.innerHTML = "<video muted autoplay playsinline></video><audio autoplay></audio>";
  for (const element of document.body.children) element.srcObject = stream;
  await pc.setLocalDescription(await pc.createOffer());
  const lines = pc.localDescription.sdp.split("\\r\\n");
  return lines.filter((line) => !line.includes(".local ")).join("\\r\\n");
}"""
_ANSWER = "sdp => window.pc.setRemoteDescription({type: 'answer', sdp})"
_PLAYING = "() => document.querySelector('video').videoWidth > 0"

E = TypeVar("E", bound=m.Event | p.Announcement | p.ToPage)


@dataclass
class Rig:
    """The host's process, and what it says."""

    process: psutil.Process
    page: Page
    _link: ProcessTransport
    _heard: queue.SimpleQueue[m.Event]
    _speeches: int = 0

    def say(self, text: str) -> str:
        """Ask for a speech, and return when it sounds; its id."""
        self._speeches += 1
        speech = f"b{self._speeches}"
        self._link.send(m.Speak(SESSION, Utterance(speech, text, asked_at=time.monotonic())))
        self.until(
            p.SpeechUpdate, lambda update: update.speech == speech and update.state == "speaking"
        )
        return speech

    def hush(self) -> None:
        """Cut off whatever is being said."""
        self._link.send(m.FromPage(SESSION, p.Interrupt()))

    def until(self, kind: type[E], fits: Callable[[E], bool] = lambda _: True) -> E:
        """The next event, or message in one, of that kind that fits.

        Raises:
            TimeoutError: None came soon.
        """
        return _until(self._heard, kind, fits)

    def cpu_percent(self, seconds: float) -> float:
        """CPU of the host over the next `seconds`, in percent of one core."""
        before, begin = self.process.cpu_times(), time.monotonic()
        self.page.wait_for_timeout(seconds * 1000)
        after, took = self.process.cpu_times(), time.monotonic() - begin
        return 100 * float(after.user + after.system - before.user - before.system) / took


@contextlib.contextmanager
def rig(stand: Stand, quality: str) -> Iterator[Rig]:
    """A host process with one avatar of that quality, playing in a bare page."""
    heard: queue.SimpleQueue[m.Event] = queue.SimpleQueue()
    lost = threading.Event()
    with stand.page() as page:
        link = ProcessTransport(heard.put, lambda _what: lost.set())
        try:
            link.send(
                m.OpenSession(SESSION, validate_options("embedded", {"quality": quality}), 0.0)
            )
            sdp = page.evaluate(_OFFER)
            link.send(m.FromPage(SESSION, p.Offer("page", "page.1", sdp)))
            answer = _until(heard, p.Answer, lambda _: True)
            page.evaluate(_ANSWER, answer.sdp)
            page.wait_for_function(_PLAYING, timeout=SOON_S * 1000)
            yield Rig(psutil.Process(link.pid), page, link, heard)
        finally:
            link.close()


def _until(heard: queue.SimpleQueue[m.Event], kind: type[E], fits: Callable[[E], bool]) -> E:
    deadline = time.monotonic() + SOON_S
    while True:
        try:
            event = heard.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise TimeoutError(f"no {kind.__name__} within {SOON_S:.0f} s") from None
        value = event if isinstance(event, kind) else getattr(event, "message", None)
        if isinstance(value, kind) and fits(value):
            return value
