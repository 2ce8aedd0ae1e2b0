"""The list of all events: a time line, filters, and what prices did at each."""

from __future__ import annotations

import math

import pandas as pd

from book.site.drawings import spark
from book.site.events import BY, local_time
from book.site.markup import fill, html_table, plain, unbroken
from book.site.paths import Paths
from book.site.reactions import WATCHED
from helpers import load_instruments
from helpers.notebook import day, percent, short_day

# Of a dot and from one to the next above it, in CSS pixels.
RADIUS, STEP = 4.5, 11
# Dots of fewer days apart would meet on a phone, where a pixel is a day.
NEAR = 13
# Where an event stands: above the line, below it, or on it.
PLACES = {
    "us-government": -1,
    "us-firm": -1,
    "chinese-government": 1,
    "chinese-firm": 1,
}


def event_index(ledger: pd.DataFrame, reactions: pd.DataFrame, paths: Paths) -> str:
    """Return the page, as Markdown: a time line, and a table for each year.

    `reactions` are those of ``measure`` in :mod:`book.site.reactions`.
    """
    events = ledger.assign(
        date=[local_time(event) for _, event in ledger.iterrows()],
        nvidia=reactions["car"].xs(WATCHED[0], level="symbol"),
    )
    years = range(events["date"].min().year, events["date"].max().year + 1)
    of_year = {
        year: events[[date.year == year for date in events["date"]]] for year in years
    }
    names = load_instruments().loc[list(WATCHED), "name"]
    heads = ("Event", *(name.partition(" ")[0] for name in names))
    tables = []
    for year, inside in of_year.items():
        rows = [
            (_named(event_id, event), *_cells(str(event_id), reactions, paths))
            for event_id, event in inside.iterrows()
        ]
        if rows:
            tables += [f"## {year}", html_table(f"Events of {year}", heads, rows)]
    types = {code: code.replace("-", " ") for code in sorted(ledger["type"].unique())}
    actors = {code: words for code, words in BY.items() if code in set(ledger["actor"])}
    return fill(
        "events.md",
        number=len(ledger),
        first=years[0],
        last=years[-1],
        timeline="\n".join(_year(year, inside) for year, inside in of_year.items()),
        types=_options(types),
        actors=_options(actors),
        years="\n\n".join(tables),
    )


def _link(event_id: object, event: pd.Series, shown: str, about: str = "") -> str:
    """A link to an event's page, by which the script of the page filters."""
    return (
        f'<a href="{event_id}.html" data-type="{event["type"]}" '
        f'data-actor="{event["actor"]}"{about}>{shown}</a>'
    )


def _named(event_id: object, event: pd.Series) -> str:
    kind = event["type"].replace("-", " ")
    return (
        f"{unbroken(short_day(event['date']))}<br>"
        f"{_link(event_id, event, plain(event['title']))}<br>"
        f"<small>{plain(kind)}, by {BY[event['actor']]}; "
        f"{plain(event['verification'].replace('-', ' '))}</small>"
    )


def _cells(event_id: str, reactions: pd.DataFrame, paths: Paths) -> list[str]:
    cells = []
    for symbol in WATCHED:
        change = reactions.at[(event_id, symbol), "car"]
        if math.isnan(change):
            cells.append("")
            continue
        found = paths.of(event_id, symbol)
        drawn = spark(symbol, *found) if found else ""
        cells.append(f"{unbroken(percent(change, 1))}{drawn}")
    return cells


def _options(words: dict[str, str]) -> str:
    return "".join(
        f'<option value="{code}">{plain(name)}</option>' for code, name in words.items()
    )


def _year(year: int, events: pd.DataFrame) -> str:
    """A year of the time line: a dot for each event, and Nvidia's largest move."""
    days = pd.Timestamp(year, 12, 31).dayofyear
    dots: list[tuple[float, int, object, pd.Series]] = []
    taken: dict[int, list[int]] = {-1: [], 0: [], 1: []}
    for event_id, event in events.sort_values("date").iterrows():
        at, place = event["date"].dayofyear, PLACES.get(event["actor"], 0)
        # The lowest level on which the last dot is far enough away.
        levels = taken[place]
        clear = (n for n, last in enumerate(levels) if at - last >= NEAR)
        level = next(clear, len(levels))
        levels[level : level + 1] = [at]
        dots.append((100 * (at - 1) / days, place * (level + 1), event_id, event))
    above = STEP * max([1, *(-height for _, height, *_ in dots)]) + RADIUS + 2
    below = STEP * max([1, *(height for _, height, *_ in dots)]) + RADIUS + 2
    drawn = "".join(
        _dot(x, above + STEP * height, event_id, event)
        for x, height, event_id, event in dots
    )
    ticks = "".join(
        f'<line x1="{at}%" x2="{at}%" y2="{above + below:g}"/>'
        for at in (0, 25, 50, 75)
    )
    return (
        f'<div class="year"><strong>{year}</strong><div><svg width="100%" '
        f'height="{above + below:g}">{ticks}'
        f'<line class="axis" x2="100%" y1="{above:g}" y2="{above:g}"/>{drawn}</svg>'
        f"{_largest(events)}</div></div>"
    )


def _dot(x: float, y: float, event_id: object, event: pd.Series) -> str:
    words = plain(f"{day(event['date'])}: {event['title']}")
    kind = "firm" if event["actor"].endswith("firm") else "state"
    circle = (
        f'<circle class="{kind}" cx="{x:.1f}%" cy="{y:g}" r="{RADIUS}">'
        f"<title>{words}</title></circle>"
    )
    return _link(event_id, event, circle, f' aria-label="{words}"')


def _largest(events: pd.DataFrame) -> str:
    moves = events["nvidia"].dropna()
    if moves.empty:
        return ""
    event_id = moves.abs().idxmax()
    event = events.loc[event_id]
    return (
        f"<small>Nvidia’s largest: {unbroken(percent(moves[event_id], 1))} on "
        f"{unbroken(short_day(event['date']))}, "
        f'<a href="{event_id}.html">{plain(event["title"])}</a></small>'
    )
