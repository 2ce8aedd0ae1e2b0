"""The front page's figure once more, drawn for a phone from the numbers behind it.

A figure of a chapter is as wide as a page; on a phone its reader would have to push it
to and fro. Lines with their names can be set anew, in type that keeps its size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from book.site.drawings import Box
from book.site.markup import plain
from helpers.figures.style import PALETTE

INKS = {PALETTE[name]: name for name in ("blue", "orange", "green", "purple")}
# In CSS pixels.
WIDE, HIGH = 358, 270
LEFT, RIGHT, TOP, BOTTOM, LINE = 34, 104, 34, 20, 14
LONGEST = 13  # letters of a name that fits beside its line


def phone_plate(drawn: Mapping[str, Any], alt: str) -> str:
    """Return a figure as SVG with its title, or nothing if it is not made of lines.

    Parameters
    ----------
    drawn : mapping
        What is stored of the figure: one panel of lines with a text at the end of each,
        in their order, and uprights with a text above each.
    alt : str
    """
    panels = drawn.get("panels", [])
    marks = [mark for panel in panels for mark in panel.get("marks", [])]
    if len(panels) != 1 or {mark["mark"] for mark in marks} != {"line"}:
        return ""
    panel = panels[0]
    lines = [mark for mark in marks if not mark.get("within")]
    uprights = [_values(mark["x"])[0] for mark in marks if mark.get("within")]
    texts = panel.get("texts", [])
    ends = [text for text in texts if "y" in text]
    above = [text["text"] for text in texts if "y" not in text]
    if len(ends) != len(lines) or len(above) != len(uprights):
        return ""
    box, parts = _box(panel), [*_axes(panel)]
    for number, (share, name) in enumerate(zip(uprights, above, strict=True)):
        x, y = LEFT + share * (WIDE - LEFT - RIGHT), 12 + LINE * (number % 2)
        parts += [
            f'<path class="upright" d="M{x:.1f} {y + 4}V{HIGH - BOTTOM}"/>',
            f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{plain(name)}</text>',
        ]
    for mark, text, down in zip(lines, ends, _apart(panel, ends), strict=True):
        way = box.line(zip(_values(mark["x"]), _values(mark["y"]), strict=True))
        ink = f"ink ink-{INKS.get(mark['colours'][:7], 'text')}"
        parts.append(f'<path class="{ink}" d="{way}"/>')
        for row, words in enumerate(_rows(text["text"])):
            parts.append(
                f'<text class="{ink}" x="{WIDE - RIGHT + 6}" '
                f'y="{down + row * LINE:.1f}">{plain(words)}</text>'
            )
    title = plain(" ".join(drawn.get("texts", [""])[0].split()))
    return (
        f'<figure class="phone"><figcaption>{title}<br><small>'
        f"{plain(panel['y'].get('label', ''))}</small></figcaption>"
        f'<svg role="img" viewBox="0 0 {WIDE} {HIGH}" aria-label="{plain(alt)}">'
        f"{''.join(parts)}</svg></figure>"
    )


def _rows(name: str) -> list[str]:
    """A name on one row, or on two if it would be cut off."""
    return name.split(" ", 1) if len(name) > LONGEST else [name]


def _values(numbers: str) -> list[float]:
    return [float(one) for one in numbers.split()]


def _box(panel: Mapping[str, Any]) -> Box:
    """Where the values of a panel stand, by the limits that it was drawn with."""
    return Box(
        *(LEFT, WIDE - RIGHT, TOP, HIGH - BOTTOM),
        *(*_values(panel["y"]["limits"]), *_values(panel["x"]["limits"])),
    )


def _axes(panel: Mapping[str, Any]) -> Iterator[str]:
    """Ticks with their labels: a line for each of the upright axis."""
    box = _box(panel)
    for side, at in (("x", box.x), ("y", box.y)):
        low, high = _values(panel[side]["limits"])
        ticks = _values(panel[side].get("ticks", ""))
        for tick, words in zip(ticks, panel[side].get("tick_labels", []), strict=False):
            if not low <= tick <= high:
                continue
            place = at(tick)
            if side == "y":
                yield f'<path d="M{LEFT} {place:.1f}H{WIDE - RIGHT}"/>'
                where = f'x="{LEFT - 5}" y="{place + 4:.1f}" text-anchor="end"'
            else:
                where = f'x="{place:.1f}" y="{HIGH - 4}" text-anchor="middle"'
            yield f"<text {where}>{plain(words)}</text>"


def _apart(panel: Mapping[str, Any], ends: Sequence[Mapping[str, Any]]) -> list[float]:
    """How far down the name of each line stands, in the order of `ends`."""
    wanted = [_box(panel).y(float(text["y"])) + 4 for text in ends]
    tall = [LINE * len(_rows(text["text"])) for text in ends]
    order = sorted(range(len(ends)), key=wanted.__getitem__)
    for before, after in pairwise(order):
        wanted[after] = max(wanted[after], wanted[before] + tall[before])
    return wanted
