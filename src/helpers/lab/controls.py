"""The controls of the explorer: they say what is chosen and know no results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from helpers.lab.choices import Choices
from helpers.lab.store import Store
from helpers.study.models import MODELS

_STYLE = {"description_width": "105px"}
_WIDE = {"width": "330px"}

Pair = tuple[widgets.IntText, widgets.IntText]


class Controls:
    """One widget for each choice, every one with a label.

    Lists that one types into stand where one would expect lists to pick from:
    JupyterLab takes arrow keys and letters away from the latter.

    Parameters
    ----------
    store : Store
        Where events, instruments and markets are listed.
    changed : callable
        Called after each change, once for all that goes with it.

    Attributes
    ----------
    event, symbols, add, named, benchmark, model, mask : Widget
    estimation, window, test : pair of Widget
    """

    def __init__(self, store: Store, changed: Callable[[], None]) -> None:
        self._store = store
        self._changed = changed
        self._is_quiet = False
        names = store.instruments["name"]
        markets = names[store.instruments["kind"] != "share"]
        ledger = store.ledger.iloc[::-1]
        dates = ledger["announced_at"].dt.strftime("%Y-%m-%d")
        self._events = dict(
            zip(dates + "  " + ledger["title"], map(str, ledger.index), strict=True)
        )
        self.event = _list("Event", self._events, "words, a date or an instant")
        self.symbols = widgets.Text(
            description="Instruments", placeholder="NVDA, AMD",
            style=_STYLE, layout=_WIDE, continuous_update=False,
        )  # fmt: skip
        self.add = _list("Add one", map(_named, names.items()), "a name or symbol")
        self.named = widgets.Button(
            description="Those that the ledger names",
            layout=widgets.Layout(width="221px", margin="2px 0 8px 109px"),
        )
        self.benchmark = _list(
            "Benchmark", map(_named, markets.items()), "each instrument's own"
        )
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
        self.add.observe(self._on_add, names="value")
        self.named.on_click(lambda _: self._take_named())
        for control in (
            *(self.event, self.symbols, self.benchmark, self.model),
            *(*self.estimation, *self.window, *self.test, self.mask),
        ):
            control.observe(self._on_change, names="value")

    @property
    def choices(self) -> Choices:
        """What the controls say."""
        return Choices(
            event=self._meant(self.event.value),
            symbols=tuple(self.symbols.value.upper().replace(",", " ").split()),
            benchmark=_symbol(self.benchmark.value),
            model=self.model.value,
            estimation=_values(self.estimation),
            window=_values(self.window),
            test=_values(self.test),
            mask=self.mask.value,
        )

    def _meant(self, text: str) -> str:
        """The event that a text names, in full or by words that no other has."""
        words = text.casefold().split()
        found = {
            event_id
            for label, event_id in self._events.items()
            # What begins with a digit is a date of one's own.
            if text[:1].isalpha()
            and all(word in f"{event_id} {label.casefold()}" for word in words)
        }
        one = found.pop() if len(found) == 1 else text.strip()
        return self._events.get(text, one)

    def set(self, choices: Choices) -> None:
        """Set all controls at once."""
        labels = {event_id: label for label, event_id in self._events.items()}
        names = self._store.instruments["name"]
        market = choices.benchmark
        with self._together():
            self.event.value = labels.get(choices.event, choices.event)
            self.symbols.value = ", ".join(choices.symbols)
            self.benchmark.value = (
                _named((market, names.get(market, ""))) if market else ""
            )
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
                *(self.event, self.symbols, self.add, self.named),
                *(self.benchmark, self.model),
                *map(widgets.HBox, (self.estimation, self.window, self.test)),
                self.mask,
            ],
            layout=widgets.Layout(width="350px", flex="0 0 350px", overflow="hidden"),
        )

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

    def _on_change(self, _change: object) -> None:
        if not self._is_quiet:
            self._changed()

    def _on_add(self, change: dict[str, Any]) -> None:
        """Take over an instrument as soon as one of the list is named in full."""
        if change["new"] not in self.add.options:
            return
        symbol = _symbol(change["new"])
        with self._together():
            chosen = self.choices.symbols
            if symbol not in chosen:
                self.symbols.value = ", ".join([*chosen, str(symbol)])
            self.add.value = ""

    def _take_named(self) -> None:
        named = self._store.ledger["symbols"].get(self.choices.event, ())
        self.symbols.value = ", ".join(named)


def _list(label: str, options: Iterable[str], hint: str) -> widgets.Combobox:
    return widgets.Combobox(
        options=list(options), description=label, placeholder=hint, style=_STYLE,
        layout=_WIDE, ensure_option=False, continuous_update=False,
    )  # fmt: skip


def _named(instrument: tuple[Any, Any]) -> str:
    symbol, name = instrument
    return f"{symbol}  {name}"


def _symbol(label: str) -> str | None:
    """The symbol that a line of a list begins with; None of an empty one."""
    return next(iter(label.split()), None)


def _ends(label: str) -> Pair:
    start = widgets.IntText(
        description=f"{label} from", style={"description_width": "135px"},
        layout=widgets.Layout(width="210px"), continuous_update=False,
    )  # fmt: skip
    end = widgets.IntText(
        description="to", style={"description_width": "25px"},
        layout=widgets.Layout(width="110px"), continuous_update=False,
    )  # fmt: skip
    return start, end


def _values(pair: Pair) -> tuple[int, int]:
    return int(pair[0].value), int(pair[1].value)
