"""What an avatar costs the machine: CPU of its host while it idles and while it talks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .numbers import median
from .rig import Rig, rig
from .rows import Part, Reading, Spec
from .stand import Stand

SECONDS = 4.0
RUNS = 3
BUDGETS = {"medium": (4.0, 20.0)}

# No pauses to rest in.
TALK = (
    "Well, she was sure that many more people would be coming along the river road all day long. "
)

_COUNTS = """async () => {
  const all = [...(await window.pc.getStats()).values()].filter((e) => e.type === "inbound-rtp");
  const video = all.find((e) => e.kind === "video"), audio = all.find((e) => e.kind === "audio");
  return {frames: video.framesDecoded, bytes: video.bytesReceived, keys: video.keyFramesDecoded,
    packets: video.packetsReceived + audio.packetsReceived};
}"""


def names(quality: str) -> tuple[str, str]:
    """The two rows of a quality."""
    return f"cpu: host, idle, {quality}", f"cpu: host, talking, {quality}"


def cpu_of(quality: str, stand: Stand) -> Iterator[Reading]:
    """Idle, then talking, in the same host."""
    idle, talking = names(quality)
    with rig(stand, quality) as stage:
        # The voice loads in the background; a first speech makes sure that it has.
        stage.say("Hello.")
        stage.hush()
        stage.page.wait_for_timeout(2500)
        yield reading(idle, stage)
        stage.say(TALK * 12)
        stage.page.wait_for_timeout(2500)
        yield reading(talking, stage)


def reading(name: str, stage: Rig) -> Reading:
    """CPU and what was done with it."""
    before = stage.page.evaluate(_COUNTS)
    shares = [stage.cpu_percent(SECONDS) for _run in range(RUNS)]
    after = stage.page.evaluate(_COUNTS)
    per_s = {key: (after[key] - before[key]) / (RUNS * SECONDS) for key in after}
    where = (
        f"runs: {', '.join(f'{share:.1f}' for share in shares)}; a second"
        f" {per_s['frames']:.1f} pictures, {per_s['packets']:.0f} packets,"
        f" {per_s['bytes'] * 8 / 1000:.0f} kbit of video; {after['keys'] - before['keys']:.0f}"
        " keyframes; rows `encode` and `render` have the cost of one picture"
    )
    return Reading(name, median(shares), RUNS, where)


def part(quality: str) -> Part:
    """The rows of one quality."""
    how = (
        f"psutil cpu_times of the host process over {SECONDS:.0f} s, percent of one core, median; "
        f"one avatar at {quality} to a bare Chromium page in other processes, {{}}"
    )
    budgets: Iterable[float | None] = BUDGETS.get(quality, (None, None))
    states = ("saying nothing", "talking without pauses (voice, lips, face, codecs, transport)")
    specs = tuple(
        Spec(name, "%", budget, how.format(state))
        for name, budget, state in zip(names(quality), budgets, states, strict=True)
    )
    return Part("cpu", specs, lambda stand: cpu_of(quality, stand))


PARTS = tuple(part(quality) for quality in ("low", "medium", "high"))
