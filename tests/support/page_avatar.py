"""One view of an avatar in a page: what a person there would see, hear and press."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Locator, Page

from .patience import patient

SOON_S = 20.0
"""A cold kernel imports for seconds on a busy machine; nothing here should take longer."""

MOVES_FPS = 3
"""A picture that moves, whatever else this machine does; tests marked `alone` count frames."""

LOUD = 0.01
"""Root mean square above which it is speech; between words and in idle there is digital silence."""

MOUTH = (0.44, 0.57, 0.12, 0.12)
"""Where the mouth is: x, y, width and height as parts of the picture."""


class View:
    """The `index`-th avatar shown in a part of the page, from the top."""

    def __init__(self, page: Page, within: str = "body", index: int = 0) -> None:
        self.page = page
        self.root: Locator = page.locator(f"{within} .ipyavatar-root").nth(index)
        self.field = self.root.locator(".ipyavatar-field")

    # ---- what is there ----------------------------------------------------------------------

    def js(self, expression: str, arg: Any = None) -> Any:
        """Value of a JavaScript expression over `root` and `arg`."""
        return self.root.evaluate(
            f"(root, arg) => ({expression})", arg, timeout=patient(SOON_S) * 1000
        )

    def words(self) -> str:
        """The status line."""
        return self.root.locator(".ipyavatar-words").inner_text()

    def state(self) -> dict[str, Any]:
        """What the page believes."""
        state: dict[str, Any] = self.js("root.__ipyavatar.state()")
        return state

    def caption(self) -> str:
        """The caption on the screen; empty when there is none."""
        return " ".join(self.root.locator(".ipyavatar-captions").inner_text().split())

    def panel(self) -> str:
        """The text of the panel that says what is wrong; empty when nothing is."""
        panel = self.root.locator(".ipyavatar-panel")
        return panel.inner_text() if panel.is_visible() else ""

    def button(self, name: str) -> Locator:
        """A control by its accessible name."""
        return self.root.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """Click a control, as one does: with the mouse over the picture."""
        self.root.locator(".ipyavatar-stage").hover()
        self.button(name).click()

    def say(self, text: str) -> None:
        """Type into the text box and press Send."""
        self.field.fill(text)
        self.button("Send").click()

    # ---- conditions -------------------------------------------------------------------------

    def until(self, condition: str, what: str, timeout: float = SOON_S, arg: Any = None) -> Any:
        """Wait until a JavaScript condition over `root` and `arg` holds; else say what did not.

        Returns the condition's value.
        """
        begin = time.monotonic()
        while True:
            try:
                if value := self.js(condition, arg):
                    return value
            except Exception as error:  # the view is being replaced
                if time.monotonic() - begin > patient(timeout):
                    raise AssertionError(f"No {what}: {error}") from error
            if time.monotonic() - begin > patient(timeout):
                raise AssertionError(f"Not within {timeout} s: {what}. Page: {self.summary()}")
            self.page.wait_for_timeout(25)

    def summary(self) -> str:
        """For messages of failed tests."""
        try:
            state = self.state()
            connection = state["connection"]
            return (
                f"{self.words()!r}, panel {self.panel()!r}, status {state['status']},"
                f" stream {connection['stream']}, kernel {connection['kernel']},"
                f" playing {state['playing']}"
            )
        except Exception as error:
            return f"not readable ({error})"

    def shows(self, pattern: str, timeout: float = SOON_S) -> None:
        """Wait until the status line matches."""
        text = "root.querySelector('.ipyavatar-words').textContent"
        self.until(f"RegExp(arg).test({text})", f"status like {pattern!r}", timeout, pattern)

    def plays(self, timeout: float = SOON_S) -> None:
        """Wait until new frames are painted, and they show something. Listens from now on."""
        self.js("__probe.ear(root) && __probe.captions(root) && 1")
        self.until("root.querySelector('video').videoWidth > 0", "a picture", timeout)
        seen = self.js("__probe.eye(root).frames.length")
        self.until("__probe.eye(root).frames.length >= arg", "new frames", timeout, seen + 2)
        self.until("__probe.brightness(root) > 10", "a picture that is not black", timeout)

    def sounds(self, timeout: float = SOON_S) -> None:
        """Wait until there is speech in the stream."""
        self.until("__probe.sounding(root, 200, arg) > 0.3", "sound", timeout, LOUD)

    def now(self) -> float:
        """The page's own clock, in milliseconds."""
        return float(self.js("performance.now()"))

    def has_sounded(self, seconds: float, timeout: float = SOON_S, since: float = 0) -> None:
        """Wait until so much speech has been in the stream since `plays`, or since `now()`.

        For short speeches: they are over before a busy browser has been asked.
        """
        spoken = "__probe.sounded(root, arg[0], arg[2]) >= arg[1]"
        self.until(spoken, f"{seconds} s of sound", timeout, [LOUD, seconds, since])

    def is_quiet(self, timeout: float = SOON_S, for_s: float = 0.6) -> None:
        """Wait until the stream has been silent for `for_s`."""
        self.until(
            "__probe.ear(root).samples.length > 20 && __probe.sounding(root, arg[0], arg[1]) === 0",
            "silence",
            timeout,
            [for_s * 1000, LOUD],
        )

    def is_audible(self, timeout: float = SOON_S) -> None:
        """Wait until the speakers get the stream, and there is speech in it."""
        self.sounds(timeout)
        self.until("__probe.audible(root)", "the sound to be switched on", timeout)

    def caption_comes(self, pattern: str, timeout: float = SOON_S) -> None:
        """Wait until the caption on the screen matches."""
        text = "root.querySelector('.ipyavatar-captions').textContent"
        self.until(f"RegExp(arg).test({text})", f"caption like {pattern!r}", timeout, pattern)

    def has_captioned(self, pattern: str, timeout: float = SOON_S) -> None:
        """Wait until a caption that matches has come since `plays`, or since the one before.

        For short speeches, as `has_sounded`.
        """
        self.until("__probe.captioned(root, arg)", f"caption like {pattern!r}", timeout, pattern)

    # ---- measurements -----------------------------------------------------------------------

    def fps(self, seconds: float = 2.0) -> float:
        """Frames painted a second, over the next `seconds`."""
        before = self.js("[performance.now(), __probe.eye(root).frames.length]")
        self.page.wait_for_timeout(seconds * 1000)
        after = self.js("[performance.now(), __probe.eye(root).frames.length]")
        return float((after[1] - before[1]) / (after[0] - before[0]) * 1000)

    def best_fps(self, enough: float) -> float:
        """The best of up to five measurements; other work on this machine disturbs single ones."""
        best = 0.0
        for _ in range(5):
            best = max(best, self.fps(1.0))
            if best >= enough:
                break
        return best

    def silent_after_ms(self) -> float:
        """From the last click or key in the page to the end of the sound that was on."""
        self.is_quiet()
        return float(
            self.js(
                "Math.max(0, ...__probe.ear(root).samples.filter(s => s[1] > arg)"
                ".map(s => s[0] - __probe.clickedAt))",
                LOUD,
            )
        )

    def mouth_moves(self, seconds: float = 1.5) -> float:
        """How much the mouth's part of the picture changes from frame to frame, 0 to 255."""
        self.js(
            "Object.assign(__probe.eye(root), {region: arg, moves: [], before: null}) && 1", MOUTH
        )
        self.page.wait_for_timeout(seconds * 1000)
        moves = self.js("__probe.eye(root).moves")
        self.js("(__probe.eye(root).region = null) ?? 1")
        return sum(moves) / max(1, len(moves))
