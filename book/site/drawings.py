"""Paths around an event, drawn as SVG that follows the page's size and colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor

import pandas as pd

from book.site.markup import below, download, fill, plain
from book.site.paths import FIRST, LAST, SHARE, Paths
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
    """Where sessions and returns stand in a drawing."""

    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float

    def x(self, session: float) -> float:
        """Pixels from the left."""
        part = (session - FIRST) / (LAST - FIRST)
        return round(self.left + part * (self.right - self.left), 1)

    def y(self, value: float) -> float:
        """Pixels from the top."""
        part = (value - self.low) / (self.high - self.low)
        return round(self.bottom - part * (self.bottom - self.top), 1)

    def line(self, values: Iterable[tuple[float, float]]) -> str:
        """Return the way through (session, value) in the language of SVG."""
        return "M" + "L".join(f"{self.x(at):g} {self.y(one):g}" for at, one in values)

    def band(self, ordinary: pd.DataFrame) -> str:
        """Return the ordinary range as an area."""
        there = [*ordinary["low"].items(), *reversed([*ordinary["high"].items()])]
        return f'<path class="ordinary" d="{self.line(there)}Z"/>'


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
        panels.append(
            f'<figure class="path ink-{INKS.get(str(symbol), "text")}"><figcaption>'
            f"<strong>{plain(row['name'])}</strong> <small>against {plain(against)}"
            f"</small></figcaption>\n{_panel(path, usual, _alt(row, path, usual))}"
            "</figure>"
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


def _alt(row: pd.Series, path: pd.DataFrame, usual: pd.DataFrame) -> str:
    last = path.index[-1]
    end, (low, high) = path.loc[last], usual.loc[last]
    place = "below" if end["abnormal"] < low else "above"
    where = "within" if low <= end["abnormal"] <= high else place
    return (
        f"{row['name']} from {day(path['session'].iloc[0])} to {day(end['session'])}: "
        f"cumulative abnormal return {percent(path.loc[0, 'abnormal'], 1)} after day 0 "
        f"and {percent(end['abnormal'], 1)} at the end, {where} the ordinary "
        f"{percent(low, 1)} to {percent(high, 1)}; "
        f"price {percent(end['price'], 1)} at the end."
    )


def _panel(path: pd.DataFrame, usual: pd.DataFrame, alt: str) -> str:
    drawn = [path["abnormal"], path["price"], usual["low"], usual["high"]]
    low, high = min(map(min, drawn)), max(map(max, drawn))
    box = Box(LEFT, WIDE - RIGHT, TOP, HIGH - BOTTOM, low, high)
    step = next(one for one in STEPS if (high - low) / one <= MOST_TICKS)
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
        if session >= 0 and session in path.index:
            date = short_day(path.at[session, "session"])
            parts.append(_label(at, under + LINE, date, "middle"))
    for kind in ("price", "abnormal"):
        line = box.line(path[kind].items())
        parts.append(f'<path class="{kind}" d="{line}"/>')
    at, value = box.x(0), box.y(path.at[0, "abnormal"])
    parts.append(f'<circle cx="{at:g}" cy="{value:g}" r="3.5"/>')
    return (
        f'<svg role="img" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" '
        f'aria-label="{plain(alt)}">{"".join([*parts, *_ends(box, path)])}</svg>'
    )


def _ends(box: Box, path: pd.DataFrame) -> list[str]:
    """The two lines' names and last values beside their ends, clear of each other."""
    last = path.index[-1]
    ends = path.loc[last, ["abnormal", "price"]].sort_values(ascending=False)
    above, under = (box.y(value) + 4 for value in ends)
    push = max(0.0, (LINE - (under - above)) / 2)
    above = min(max(above - push, TOP + 4), box.bottom - LINE)
    under = min(max(under + push, above + LINE), box.bottom)
    return [
        _label(box.x(last) + 7, y, f"{kind} {percent(value, 1)}", "start", kind)
        for (kind, value), y in zip(ends.items(), (above, under), strict=True)
    ]


def _label(x: float, y: float, words: str, anchor: str, kind: str = "") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{x:g}" y="{y:g}" text-anchor="{anchor}">{words}</text>'


def spark(symbol: str, path: pd.DataFrame, usual: pd.DataFrame) -> str:
    """Return the abnormal path of one instrument as a drawing within a line.

    It is hidden from those to whom the number beside it is read out.
    """
    drawn = [path["abnormal"], usual["low"], usual["high"]]
    box = Box(
        *(2, SPARK_WIDE - 2, 2, SPARK_HIGH - 2),
        *(min(map(min, drawn)), max(map(max, drawn))),
    )
    return (
        f'<svg class="spark ink-{INKS[symbol]}" width="{SPARK_WIDE}" '
        f'height="{SPARK_HIGH}" aria-hidden="true">{box.band(usual)}'
        f'<path class="abnormal" d="{box.line(path["abnormal"].items())}"/>'
        f'<circle cx="{box.x(0):g}" cy="{box.y(path.at[0, "abnormal"]):g}" r="2.5"/>'
        "</svg>"
    )
