"""What the paid sessions took, day by day: numbers, and a small picture of them."""

from __future__ import annotations

import datetime as dt
import html
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.secret import hides_keys
from ..core.validate import number_of
from ..errors import InvalidArgument, describe
from ..paid.ledger import Ledger, Row
from ..paid.usage import Usage, by_day, by_provider, total
from ..providers.registry import find_service
from .sessions import LEDGER_S

WIDTH, HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 24, 30, 24
# The picture takes the page's own text colour, so that it reads on light and dark themes.


@dataclass(frozen=True)
class UsageReport:
    """Usage over some days. In a notebook it shows itself as a picture.

    Attributes:
        days: Each day's usage by service, oldest first, days with nothing included.
        by_provider: Each service's usage.
        total: All together.
        problems: What is wrong with the ledger: then some may be missing here.
    """

    days: Mapping[dt.date, Mapping[str, Usage]]
    by_provider: Mapping[str, Usage]
    total: Usage
    problems: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [f"{name}: {_words(usage)}" for name, usage in self.by_provider.items()]
        return "\n".join([f"{len(self.days)} days: {_words(self.total)}", *lines, *self.problems])

    def _repr_html_(self) -> str:
        told = "".join(f"<p>{html.escape(problem)}</p>" for problem in self.problems)
        return _svg(self) + told


@hides_keys
def usage(days: int = 30, *, ledger: Ledger | None = None) -> UsageReport:
    """What paid sessions took in the last `days` days, today included.

    Args:
        days: How many, 1 to 400 (the ledger forgets older ones).
        ledger: Another one than the user's own.

    Raises:
        InvalidArgument: `days` is out of range.
    """
    number = number_of(days)
    if number is None or not (1 <= number <= 400 and number.is_integer()):
        what = f"days={describe(days)} cannot work."
        raise InvalidArgument(what, "Give a whole number, 1 to 400.")
    own = ledger is None
    ledger = Ledger(busy_s=LEDGER_S) if ledger is None else ledger
    now = ledger.now()
    today = dt.datetime.fromtimestamp(now).date()
    first = today - dt.timedelta(days=int(number) - 1)
    since = time.mktime(first.timetuple())
    try:
        rows = [row for row in ledger.rows(since=since) if row.state != "refused"]
        problems = tuple(warning.text for warning in ledger.warnings)
    finally:
        if own:
            ledger.close()
    return replace(report_of(rows, first, today, now), problems=problems)


def report_of(rows: Sequence[Row], first: dt.date, last: dt.date, now: float) -> UsageReport:
    """The report of `rows` from `first` to `last`; open sessions count until `now`."""
    services = sorted({row.provider for row in rows})
    daily = {
        name: by_day([row for row in rows if row.provider == name], now=now) for name in services
    }
    span = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    days = {
        day: {name: daily[name][day] for name in services if day in daily[name]} for day in span
    }
    return UsageReport(days, by_provider(rows, now=now), total(rows, now=now))


def _colour_of(provider: str) -> str:
    spec = find_service(provider)
    return "#888" if spec is None else spec.colour


def _words(usage: Usage) -> str:
    credits = "" if usage.credits is None else f", {usage.credits:.1f} credits"
    plural = "" if usage.sessions == 1 else "s"
    return f"{usage.sessions} session{plural}, {usage.seconds / 60:.1f} min{credits}"


def _svg(report: UsageReport) -> str:
    """Stacked bars: minutes per day, by service."""
    days = list(report.days.items())
    most = max((sum(u.seconds for u in per.values()) / 60 for _, per in days), default=0.0)
    top = _round_up(most)
    wide, high = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    step = wide / max(1, len(days))
    parts = [*_grid(top, wide, high)]
    for index, (day, per) in enumerate(days):
        y = _TOP + float(high)
        for name, usage in per.items():
            tall = usage.seconds / 60 / top * high
            y -= tall
            title = html.escape(f"{day:%d %b}, {name}: {_words(usage)}")
            parts.append(
                f'<rect x="{_LEFT + index * step + step * 0.14:.1f}" y="{y:.1f}" '
                f'width="{step * 0.72:.1f}" height="{tall:.1f}" '
                f'fill="{_colour_of(name)}"><title>{title}</title></rect>'
            )
    parts += _dates([day for day, _ in days], lambda i: _LEFT + (i + 0.5) * step)
    parts += _legend(report)
    label = html.escape(f"Minutes of paid sessions per day. {report!r}")
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="{label}" '
        'style="max-width:100%;color:inherit;font:11px system-ui,sans-serif" fill="currentColor">'
        + "".join(parts)
        + "</svg>"
    )


def _grid(top: float, wide: float, high: float) -> list[str]:
    lines = []
    for part in (0.0, 0.5, 1.0):
        y = _TOP + high * (1 - part)
        lines.append(
            f'<line x1="{_LEFT}" x2="{_LEFT + wide}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="currentColor" stroke-opacity="0.18"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" opacity="0.75">'
            f"{top * part:g}</text>"
        )
    return lines


def _dates(days: Sequence[dt.date], x_of: Callable[[int], float]) -> list[str]:
    every = max(1, -(-len(days) // 6))
    return [
        f'<text x="{x_of(i):.1f}" y="{HEIGHT - 7}" text-anchor="middle" opacity="0.75">'
        f"{day:%d %b}</text>"
        for i, day in enumerate(days)
        if (len(days) - 1 - i) % every == 0
    ]


def _legend(report: UsageReport) -> list[str]:
    parts = ['<text x="6" y="17" font-weight="600">Minutes a day</text>']
    x = 110
    for name, usage in report.by_provider.items():
        credits = "" if usage.credits is None else f", {usage.credits:.1f} credits"
        text = f"{name} {usage.seconds / 60:.1f} min{credits}"
        parts.append(
            f'<rect x="{x}" y="8" width="10" height="10" rx="2" '
            f'fill="{_colour_of(name)}"/>'
            f'<text x="{x + 15}" y="17">{html.escape(text)}</text>'
        )
        x += 28 + round(6.1 * len(text))
    if not report.by_provider:
        parts.append(f'<text x="{x}" y="17" opacity="0.75">no paid session in these days</text>')
    return parts


def _round_up(minutes: float) -> float:
    """The next round number, for the top of the scale."""
    for scale in (1, 10, 100, 1000, 10_000):
        for step in (1, 2, 5):
            if minutes <= step * scale:
                return float(step * scale)
    return minutes
