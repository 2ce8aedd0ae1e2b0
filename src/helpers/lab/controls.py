"""The controls of the explorer: they say what is chosen and know no results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from helpers.lab.choices import Choices
from helpers.lab.store import Store
from helpers.study.models import MODELS

OWN_EVENT = "An event of my own, announced:"
OWN_MARKET = "Each instrument's own"
_STYLE = {"description_width": "105px"}
_WIDE = {"width": "330px"}

Pair = tuple[widgets.IntText, widgets.IntText]


class Controls:
    """One widget for each choice, every one with a label.

    Parameters
    ----------
    store : Store
        Where events, instruments and markets are listed.
    changed : callable
        Called after each change, once for all that goes with it.

    Attributes
    ----------
    find, event, announced, symbols, own_instruments, benchmark, model, mask : Widget
    estimation, window, test : pair of Widget
    """

    def __init__(self, store: Store, changed: Callable[[], None]) -> None:
        self._store = store
        self._changed = changed
        self._is_quiet = False
        names = store.instruments["name"]
        markets = names[store.instruments["kind"] != "share"]
        self.find = widgets.Text(
            description="Find event", placeholder="words, or a year and month",
            style=_STYLE, layout=_WIDE,
        )  # fmt: skip
        self.event = widgets.Dropdown(
            options=self._events(""), description="Event", style=_STYLE, layout=_WIDE
        )
        self.announced = widgets.Text(
            description="Announced", placeholder="2025-10-06 or 2025-10-06T08:00-04:00",
            style=_STYLE, layout=_WIDE, continuous_update=False,
        )  # fmt: skip
        self.symbols = widgets.SelectMultiple(
            options=[(f"{symbol}  {name}", symbol) for symbol, name in names.items()],
            description="Instruments", rows=9, style=_STYLE, layout=_WIDE,
        )  # fmt: skip
        self.own_instruments = widgets.Button(
            description="Those that the ledger names",
            layout=widgets.Layout(width="221px", margin="2px 0 8px 109px"),
        )
        self.benchmark = widgets.Dropdown(
            options=[
                (OWN_MARKET, None),
                *((f"{symbol}  {name}", symbol) for symbol, name in markets.items()),
            ],
            description="Benchmark", style=_STYLE, layout=_WIDE,
        )  # fmt: skip
        self.model = widgets.Dropdown(
            options=[name for name in MODELS if name != "factors"],
            description="Model", style=_STYLE, layout=_WIDE,
        )  # fmt: skip
        self.estimation = _ends("Estimation")
        self.window = _ends("Event window")
        self.test = _ends("Tested")
        self.mask = widgets.Checkbox(
            description="Estimate without other events and results",
            indent=False,
            layout=widgets.Layout(width="330px", margin="4px 0 0 8px"),
        )
        self.find.observe(self._on_find, names="value")
        self.own_instruments.on_click(lambda _: self._take_instruments())
        for control in (
            *(self.event, self.announced, self.symbols, self.benchmark, self.model),
            *(*self.estimation, *self.window, *self.test, self.mask),
        ):
            control.observe(self._on_change, names="value")

    @property
    def choices(self) -> Choices:
        """What the controls say."""
        return Choices(
            event=self.event.value or self.announced.value.strip(),
            symbols=tuple(self.symbols.value),
            benchmark=self.benchmark.value,
            model=self.model.value,
            estimation=_values(self.estimation),
            window=_values(self.window),
            test=_values(self.test),
            mask=self.mask.value,
        )

    def set(self, choices: Choices) -> None:
        """Set all controls at once."""
        known = choices.event in self._store.ledger.index
        with self._together():
            self.find.value = ""
            self.event.value = choices.event if known else ""
            self.announced.value = "" if known else choices.event
            self.symbols.value = choices.symbols
            self.benchmark.value = choices.benchmark
            self.model.value = choices.model
            self.mask.value = choices.mask
            for pair, ends in (
                (self.estimation, choices.estimation),
                (self.window, choices.window),
                (self.test, choices.test),
            ):
                pair[0].value, pair[1].value = ends

    @property
    def panel(self) -> widgets.Widget:
        """The controls, one below the other."""
        return widgets.VBox(
            [
                *(self.find, self.event, self.announced),
                *(self.symbols, self.own_instruments, self.benchmark, self.model),
                *map(widgets.HBox, (self.estimation, self.window, self.test)),
                self.mask,
            ],
            layout=widgets.Layout(width="350px", flex="0 0 350px", overflow="hidden"),
        )

    def _events(self, words: str) -> list[tuple[str, str]]:
        """Options of the list: the events that have all the words, latest first."""
        wanted = words.casefold().split()
        ledger = self._store.ledger
        options = [
            (f"{row['announced_at']:%Y-%m-%d}  {row['title']}", str(event_id))
            for event_id, row in ledger.iloc[::-1].iterrows()
        ]
        return [(OWN_EVENT, "")] + [
            (label, event_id)
            for label, event_id in options
            if all(word in f"{label} {event_id}".casefold() for word in wanted)
        ]

    @contextmanager
    def _together(self) -> Iterator[None]:
        """Many changes that count as one."""
        before, self._is_quiet = self._is_quiet, True
        try:
            yield
        finally:
            self._is_quiet = before
        if not self._is_quiet:
            self._changed()

    def _on_change(self, change: dict[str, Any]) -> None:
        if self._is_quiet:
            return
        with self._together():
            if change["owner"] is self.event and self.event.value:
                self.announced.value = ""
            elif change["owner"] is self.announced and self.announced.value:
                self.event.value = ""

    def _on_find(self, change: dict[str, Any]) -> None:
        """Shorten the list; the event that is shown stays until another is chosen."""
        kept = self.event.value
        options = self._events(change["new"])
        if kept not in [value for _, value in options]:
            known = {value: label for label, value in self._events("")}
            options.insert(1, (known[kept], kept))
        before, self._is_quiet = self._is_quiet, True
        try:
            self.event.options = options
            self.event.value = kept
        finally:
            self._is_quiet = before

    def _take_instruments(self) -> None:
        named = self._store.ledger["symbols"].get(self.event.value, ())
        with self._together():
            self.symbols.value = tuple(named)


def _ends(label: str) -> Pair:
    start = widgets.IntText(
        description=f"{label} from", style={"description_width": "125px"},
        layout=widgets.Layout(width="205px"), continuous_update=False,
    )  # fmt: skip
    end = widgets.IntText(
        description="to", style={"description_width": "25px"},
        layout=widgets.Layout(width="110px"), continuous_update=False,
    )  # fmt: skip
    return start, end


def _values(pair: Pair) -> tuple[int, int]:
    return int(pair[0].value), int(pair[1].value)
