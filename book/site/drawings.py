"""Paths around an event, drawn as SVG that follows the page's size and colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

import pandas as pd

from book.site.markup import below, download, fill, plain
from book.site.paths import FIRST, LAST, SHARE, Paths, Step, Usual
from helpers.notebook import day, percent, share, short_day, window

# One colour an instrument wherever its path is drawn; the others have that of text.
INKS = {
    "NVDA": "blue",
    "688256.SS": "orange",
    "0981.HK": "green",
    "688981.SS": "green",
}
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
MOST_TICKS = 5
# In CSS pixels, of a panel that a phone has room for.
WIDE, HIGH = 338, 190
LEFT, RIGHT, TOP, BOTTOM = 50, 122, 10, 36
LINE = 14  # between two labels
SPARK_WIDE, SPARK_HIGH = 64, 22


@dataclass(frozen=True)
class Box:
    """Where values stand in a drawing, by default those of sessions and returns."""

    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float
    first: float = FIRST
    last: float = LAST

    def x(self, at: float) -> float:
        """Pixels from the left."""
        part = (at - self.first) / (self.last - self.first)
        return round(self.left + part * (self.right - self.left), 1)

    def y(self, value: float) -> float:
        """Pixels from the top."""
        part = (value - self.low) / (self.high - self.low)
        return round(self.bottom - part * (self.bottom - self.top), 1)

    def line(self, values: Iterable[tuple[float, float]]) -> str:
        """Return the way through pairs of values in the language of SVG."""
        return "M" + "L".join(f"{self.x(at):g} {self.y(one):g}" for at, one in values)

    def band(self, usual: Sequence[Usual]) -> str:
        """Return the ordinary range as an area."""
        there = [(one.day, one.low) for one in usual]
        back = [(one.day, one.high) for one in reversed(usual)]
        return f'<path class="ordinary" d="{self.line(there + back)}Z"/>'


def path_figure(
    rows: pd.DataFrame, names: Mapping[str, str], paths: Paths, event_id: str
) -> str:
    """Return a panel for each instrument of one event that has a path, as Markdown.

    `rows` have name and benchmark by symbol; `names` has that of each benchmark.
    """
    file = f"files/events/{event_id}-paths.csv"
    panels = []
    for symbol, row in rows.iterrows():
        found = paths.of(event_id, str(symbol))
        if found is None:
            continue
        path, usual = found
        against = names[row["benchmark"]]
        drawing = _panel(path, usual, _alt(row["name"], path, usual))
        panels.append(
            f'<figure class="path ink-{INKS.get(str(symbol), "text")}"><figcaption>'
            f"<strong>{plain(row['name'])}</strong> <small>against {plain(against)}"
            f"</small></figcaption>\n{drawing}</figure>"
        )
    if not panels:
        return ""
    return fill(
        "paths.md",
        panels="\n".join(panels),
        first=window(FIRST, LAST)[1:-1].partition(",")[0],
        last=LAST,
        share=share(SHARE),
        numbers=below(download(file, "Numbers of this figure (CSV)", "../")),
    )


def _alt(name: str, path: Sequence[Step], usual: Sequence[Usual]) -> str:
    end, _, low, high = path[-1], *usual[len(path) - 1]
    place = "below" if end.abnormal < low else "above"
    where = "within" if low <= end.abnormal <= high else place
    return (
        f"{name} from {day(path[0].session)} to {day(end.session)}: "
        f"cumulative abnormal return {percent(_day0(path).abnormal, 1)} after day 0 "
        f"and {percent(end.abnormal, 1)} at the end, {where} the ordinary "
        f"{percent(low, 1)} to {percent(high, 1)}; "
        f"price {percent(end.price, 1)} at the end."
    )


def _day0(path: Sequence[Step]) -> Step:
    return path[-FIRST]


def _panel(path: Sequence[Step], usual: Sequence[Usual], alt: str) -> str:
    drawn = [value for one in (*path, *usual) for value in one[-2:]]
    low, high = min(drawn), max(drawn)
    box = Box(LEFT, WIDE - RIGHT, TOP, HIGH - BOTTOM, low, high)
    fits = (one for one in STEPS if (high - low) / one <= MOST_TICKS)
    step = next(fits, STEPS[-1])
    parts = [box.band(usual)]
    for tick in range(ceil(low / step), floor(high / step) + 1):
        y, zero = box.y(tick * step), "" if tick else ' class="zero"'
        parts += [
            f'<path{zero} d="M{LEFT} {y:g}H{box.right:g}"/>',
            _label(LEFT - 5, y + 4, percent(tick * step, 0) if tick else "0", "end"),
        ]
    parts.append(f'<path class="day0" d="M{box.x(0):g} {TOP}V{box.bottom:g}"/>')
    for session in (FIRST, 0, 5, LAST):
        at, under = box.x(session), HIGH - BOTTOM + LINE
        shown = window(session, session)[1:-1].partition(",")[0] if session else "day 0"
        parts.append(_label(at, under, shown, "middle"))
        if 0 <= session <= path[-1].day:
            date = short_day(path[session - FIRST].session)
            parts.append(_label(at, under + LINE, date, "middle"))
    for kind in ("price", "abnormal"):
        line = box.line((one.day, getattr(one, kind)) for one in path)
        parts.append(f'<path class="{kind}" d="{line}"/>')
    at, value = box.x(0), box.y(_day0(path).abnormal)
    parts.append(f'<circle cx="{at:g}" cy="{value:g}" r="3.5"/>')
    return (
        f'<svg role="img" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" '
        f'aria-label="{plain(alt)}">{"".join([*parts, *_ends(box, path)])}</svg>'
    )


def _ends(box: Box, path: Sequence[Step]) -> list[str]:
    """The two lines' names and last values beside their ends, clear of each other."""
    end = path[-1]
    ends = sorted([(end.abnormal, "abnormal"), (end.price, "price")], reverse=True)
    above, under = (box.y(value) + 4 for value, _ in ends)
    push = max(0.0, (LINE - (under - above)) / 2)
    above = min(max(above - push, TOP + 4), box.bottom - LINE)
    under = min(max(under + push, above + LINE), box.bottom)
    return [
        _label(box.x(end.day) + 7, y, f"{kind} {percent(value, 1)}", "start", kind)
        for (value, kind), y in zip(ends, (above, under), strict=True)
    ]


def _label(x: float, y: float, words: str, anchor: str, kind: str = "") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{x:g}" y="{y:g}" text-anchor="{anchor}">{words}</text>'


def spark(symbol: str, path: Sequence[Step], usual: Sequence[Usual]) -> str:
    """Return the abnormal path of one instrument as a drawing within a line.

    It is hidden from those to whom the number beside it is read out.
    """
    way = [(one.day, one.abnormal) for one in path]
    drawn = [*(value for _, value in way), *(one for each in usual for one in each[1:])]
    box = Box(2, SPARK_WIDE - 2, 2, SPARK_HIGH - 2, min(drawn), max(drawn))
    return (
        f'<svg class="spark ink-{INKS[symbol]}" width="{SPARK_WIDE}" '
        f'height="{SPARK_HIGH}" aria-hidden="true">{box.band(usual)}'
        f'<path class="abnormal" d="{box.line(way)}"/>'
        f'<circle cx="{box.x(0):g}" cy="{box.y(_day0(path).abnormal):g}" r="2.5"/>'
        "</svg>"
    )
