"""What the page's browser can do, and how messages get to it and back."""

from __future__ import annotations

import statistics
from typing import Any

from ..context import PAGE_S, Context
from ..registry import check
from ..report import Finding

GROUP = "Browser"

PINGS = 15
PING_S = 3.0
SLOW_MS = 150.0

FRAMES, FRAME_BYTES, BURST_S = 40, 10_000, 1.0
"""What comes by widget messages at most: how many, bytes in each, over so many seconds."""

LEAST_SHARE = 0.9

IN_TERMINAL = "No browser was asked: this is no Jupyter notebook."
RUN_IN_NOTEBOOK = "Run ipyavatar.doctor() in a notebook to ask it."
HTTPS = "Use https, or http://localhost by a tunnel (ssh -L)."


@check(GROUP, "Page", within_s=PAGE_S + 5)
def check_page(context: Context) -> Finding:
    """One shows widgets, and is heard while this cell runs."""
    if not context.notebook:
        return Finding("not asked", IN_TERMINAL, RUN_IN_NOTEBOOK)
    facts = context.browser
    if facts is None:
        what = (
            f"No page has answered within {PAGE_S:.0f} s: it shows no widgets, or cannot be heard "
        )
        fix = "Use JupyterLab 4.4 or Notebook 7 with ipykernel 7, and reload the page once."
        return Finding("warning", f"{what}while a cell runs.", fix)
    name = str(facts.get("browser", ""))[:40]
    found = {"browser": name}
    if context.probe is not None and context.probe.waits_for_cell:
        what = (
            f"{name} is heard where wait() waits; else what it says waits for the cell that runs."
        )
        return Finding("warning", what, "Use ipykernel 7, which has subshells.", found)
    return Finding("ok", f"{name} answers while a cell runs.", facts=found)


@check(GROUP, "Messages while busy", within_s=PAGE_S + PINGS * PING_S)
def check_messages(context: Context) -> Finding:
    """Their way to the page and back, while this cell runs."""
    probe = context.probe
    if probe is None:
        return _unknown(context)
    times = []
    for _ in range(PINGS):
        taken = probe.ping(PING_S)
        if taken is None:
            break
        times.append(taken * 1000)
    if not times:
        return Finding("failed", "The page was heard once, and then no more.", "Reload the page.")
    median, worst = statistics.median(times), max(times)
    facts = {"median_ms": round(median, 1), "worst_ms": round(worst, 1), "answers": len(times)}
    what = f"To the page and back in {median:.0f} ms, {worst:.0f} ms at most."
    if len(times) < PINGS or median > SLOW_MS:
        return Finding("warning", what, "The line is slow or busy; buttons answer late.", facts)
    return Finding("ok", what, facts=facts)


@check(GROUP, "Rate limits", within_s=PAGE_S + 12)
def check_rates(context: Context) -> Finding:
    """What the notebook server lets through, at the rate that widget messages may need."""
    probe = context.probe
    if probe is None:
        return _unknown(context)
    counted = probe.send_burst(FRAMES, FRAME_BYTES, BURST_S, 8.0)
    arrived = 0 if counted is None else int(_number(counted, "frames"))
    facts = {"sent": FRAMES, "arrived": arrived, "bytes": FRAMES * FRAME_BYTES}
    rate = FRAMES * FRAME_BYTES / BURST_S / 1000
    what = f"{arrived} of {FRAMES} messages arrived, at {rate:.0f} kB/s."
    if arrived < FRAMES * LEAST_SHARE:
        fix = "Raise the server's iopub_data_rate_limit, or print less while the avatar speaks."
        return Finding("warning", what, fix, facts)
    return Finding("ok", what, facts=facts)


@check(GROUP, "Secure context", within_s=PAGE_S)
def check_secure(context: Context) -> Finding:
    """Whether the browser lets the page use all it has."""
    if (facts := context.browser) is None:
        return _unknown(context)
    if facts.get("secure") is True:
        return Finding("ok", "The page may use all that the browser has.")
    what = "The page came by http from another machine, so the browser keeps things from it."
    return Finding("warning", what, HTTPS)


@check(GROUP, "WebRTC", within_s=PAGE_S)
def check_webrtc(context: Context) -> Finding:
    """Whether it is there, and has found an address."""
    if (facts := context.browser) is None:
        return _unknown(context)
    told = facts.get("candidates")
    kinds = [str(kind)[:10] for kind in told[:5]] if isinstance(told, list) else []
    if facts.get("webrtc") is not True:
        return Finding("warning", "The browser has none.", "Widget messages are used instead.")
    if not kinds:
        what = "It is there, and has found no address: an extension or a policy forbids UDP."
        return Finding("warning", what, "Widget messages are used instead.")
    return Finding("ok", f"It is there (addresses: {', '.join(kinds)}).", facts={"kinds": kinds})


@check(GROUP, "WebCodecs", within_s=PAGE_S)
def check_webcodecs(context: Context) -> Finding:
    """Decoders for pictures and sound that come by widget messages."""
    if (facts := context.browser) is None:
        return _unknown(context)
    if facts.get("webcodecs") is True:
        return Finding("ok", "It can play what comes by widget messages.")
    fix = HTTPS if facts.get("secure") is not True else "Use a newer browser where UDP is blocked."
    return Finding("warning", "It cannot play what comes by widget messages.", fix)


@check(GROUP, "Autoplay", within_s=PAGE_S)
def check_autoplay(context: Context) -> Finding:
    """Whether sound plays before a click."""
    if (facts := context.browser) is None:
        return _unknown(context)
    if facts.get("autoplay") is True:
        return Finding("ok", "Sound plays at once.")
    fix = "Click once in the page: the avatar begins muted, with a button for its sound."
    return Finding("ok", "Sound may wait for a click in the page.", fix)


@check(GROUP, "Microphone", within_s=PAGE_S)
def check_microphone(context: Context) -> Finding:
    """Whether the page may ask for it; nobody is asked now."""
    if (facts := context.browser) is None:
        return _unknown(context)
    state = str(facts.get("microphone", ""))[:20]
    told = {
        "granted": ("ok", "The page may use it.", ""),
        "prompt": ("ok", "The browser will ask before it is used.", ""),
        "unknown": ("ok", "The browser will ask before it is used.", ""),
        "denied": (
            "warning",
            "The browser was told not to allow it.",
            "Allow it beside the address.",
        ),
    }
    unavailable = ("warning", "The page cannot have it.", HTTPS)
    kind, what, fix = told.get(state, unavailable)
    return Finding("ok" if kind == "ok" else "warning", what, fix)


def _unknown(context: Context) -> Finding:
    """No page was asked."""
    return Finding("not asked", IN_TERMINAL if not context.notebook else "No page has answered.")


def _number(values: dict[str, Any], name: str) -> float:
    """A number that a page has sent; 0 where it is none."""
    value = values.get(name)
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 1e9 else 0.0
