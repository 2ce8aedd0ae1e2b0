"""What was explored, as sentence, figure, tables, files and call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from helpers.data.instruments import as_names
from helpers.data.schema import as_written
from helpers.figures import car_paths
from helpers.lab import plates
from helpers.lab.choices import Choices
from helpers.lab.engine import TEST_NAMES, Explored, explored
from helpers.lab.store import Store
from helpers.notebook import (
    day,
    number,
    p_value,
    percent,
    say,
    share,
    show,
    table,
)
from helpers.notebook import window as window_text
from helpers.notebook.files import table_bytes
from helpers.study.windows import Window

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from helpers.lab.plates import Plate

SIZE = 0.05


def explore(
    event: str | dt.date,
    symbols: str | Sequence[str],
    *,
    benchmark: str | None = None,
    model: str = "market",
    estimation: Window = (-120, -11),
    window: Window = (-5, 10),
    test: Window = (0, 1),
    mask: bool = False,
    store: Store | None = None,
) -> View:
    """Study one event on one instrument or several, and show all of it.

    Parameters
    ----------
    event : str, date or Timestamp
        An event of the ledger, or when an event of your own was announced: an
        instant with its UTC offset, two of them with a slash between, or a date
        (see :func:`helpers.place_event`).
    symbols : str or sequence of str
        Instruments, 16 at most.
    benchmark : str, optional
        Market of the model; default each instrument's own.
    model : str
        mean, market_adjusted, market, market_sector, capm, ff3, ff5, dimson,
        huber or garch.
    estimation, window : (int, int)
        Estimation window and the event window whose path is drawn; sessions
        relative to day 0, inclusive.
    test : (int, int)
        Window inside the event window that is tested.
    mask : bool
        Whether to keep sessions of other ledger events and of results out of
        estimation.
    store : Store, optional
        Data read already; default they are read anew.

    Returns
    -------
    View

    Raises
    ------
    DataError, CalendarError
        If an event, symbol or date is unknown.
    StudyError
        If the choices contradict one another, or no instrument can be studied.

    Examples
    --------
    >>> view = explore("2025-08-29", "NVDA", benchmark="^GSPC")
    >>> f"{view.cars.loc['NVDA', 'car']:.4f}"
    '-0.0356'
    """
    event, chosen = as_written(event), tuple(as_names(symbols))
    choices = Choices(event, chosen, benchmark, model, estimation, window, test, mask)
    return view_of(choices, store or Store())


def view_of(choices: Choices, store: Store) -> View:
    """The view of some choices; see :func:`explore`."""
    return View(explored(choices, store), store)


class View:
    """One event on one instrument or several, ready to be shown.

    Attributes
    ----------
    found : Explored
        The results themselves.
    choices : Choices
        What was asked.
    cars : DataFrame
        One row an instrument: see :class:`helpers.lab.engine.Explored`.
    call : str
        Python that gives the same figure and tables when it is run.
    """

    def __init__(self, found: Explored, store: Store) -> None:
        self.found, self.choices, self.cars = found, found.choices, found.cars
        self.call = found.choices.call
        self.store = store
        self.window = window_text(*found.choices.test)
        self._single = len(found.cars) == 1

    @cached_property
    def verdict(self) -> str:
        """How many of the headline tests see more than chance."""
        p_values = self.found.headline["p_value"]
        total, clear = len(p_values), int((p_values < SIZE).sum())
        if not total:
            return "no headline test is defined"
        tests = "test" if total == 1 else "tests"
        see = "see" if clear > 1 else "sees"
        return f"{clear or 'none'} of {total} {tests} {see} more than chance"

    @cached_property
    def subject(self) -> str:
        """Of what the abnormal return is, and against what."""
        cars = self.cars
        markets = list(dict.fromkeys(cars["benchmark"]))
        against = ""
        if len(markets) > 1:
            against = " against their own markets"
        elif markets[0]:
            against = f" against the {self.store.about(markets[0])['name']}"
        if self._single:
            return f"{cars['name'].iloc[0]}{against}"
        return f"{len(cars)} instruments{against}"

    @cached_property
    def title(self) -> str:
        """The figure's claim."""
        mean = "" if self._single else " on average"
        return (
            f"{self.subject} over {self.window}: {percent(self.found.mean)}{mean}; "
            f"{self.verdict}"
        )

    @cached_property
    def sentence(self) -> str:
        """The answer in one sentence."""
        cars = self.cars
        days = list(dict.fromkeys(cars["day0"]))
        begins = day(days[0]) if len(days) == 1 else "each exchange's day 0"
        low, high = (percent(cars[end].iloc[0], 1) for end in ("ci_low", "ci_high"))
        between = f" (95 % interval {low} to {high})" if self._single else ""
        least = share(float(cars["detectable"].min()), 1)
        tests = ", ".join(
            f"{TEST_NAMES[str(name)]} {p_value(float(value))}"
            for name, value in self.found.headline["p_value"].items()
        )
        met = int(self.found.confounders["tested"].sum())
        events = {0: "No other ledger event", 1: "One other ledger event"}
        seen = "An" if self._single else "On one instrument alone, an"
        return (
            f"Over {self.window} from {begins} on, the {self._what} of {self.subject} "
            f"was {percent(self.found.mean)}{between}: {self.verdict}"
            f"{f' ({tests})' if tests else ''}. {seen} effect smaller than "
            f"{least} would often have gone unseen. "
            f"{events.get(met, f'{met} other ledger events')} may have met the tested "
            "sessions."
        )

    @property
    def _what(self) -> str:
        return "abnormal return" if self._single else "mean abnormal return"

    @cached_property
    def plate(self) -> Plate:
        """The figure with caption and alternative text, as ``show`` takes them."""
        found, choices = self.found, self.choices
        ends = ", ".join(
            f"{symbol} ends at {percent(float(path['car'].iloc[-1]), 1)}"
            for symbol, path in found.paths.items()
        )
        first, last = choices.window
        titles = self.store.ledger["title"]
        about = choices.event
        if choices.event in titles.index:
            about = f"“{titles[choices.event]}”"
        days = "; ".join(
            f"{', '.join(rows.index)} {day(date)}"
            for date, rows in self.cars.groupby("day0")
        )
        band = (
            "Grey: the range of 95 % of placebo dates of the same length."
            if found.band is not None
            else f"{found.without_band}"
        )
        lines = (
            "Dotted: exact 95 % interval. "
            if self._single
            else "Intervals of single instruments stand in the table; their mean "
            "around one date has none of its own. "
        )
        left_out = "".join(
            f" Left out: {symbol}, {why}." for symbol, why in found.skipped.items()
        )
        return {
            "fig": self._figure(),
            "caption": (
                f"Cumulative abnormal returns from session {number(first, 0)} to "
                f"{number(last, 0, signed=True)} around {about}; day 0: {days}. Model "
                f"{choices.model}, estimation window {window_text(*choices.estimation)}"
                f"{', other events and results left out' if choices.mask else ''}. "
                f"{lines}{band} Shaded: the tested window.{left_out}"
            ),
            "alt": (
                f"Line chart of cumulative abnormal returns over "
                f"{last - first + 1} sessions: {ends}. Over the shaded window "
                f"{self.window} the value is {percent(found.mean)}."
            ),
        }

    @cached_property
    def _paths(self) -> dict[str, pd.DataFrame]:
        """What is drawn: one path with its interval, or several and their mean."""
        paths = self.found.paths
        if self._single:
            return paths
        # The intervals of many lines would hide them: they stand in the table.
        lines = {symbol: path[["car"]] for symbol, path in paths.items()}
        mean = pd.concat([path["car"] for path in paths.values()], axis=1).mean(axis=1)
        return {**lines, "Mean": mean.rename("car").to_frame()}

    def _figure(self) -> Figure:
        return car_paths(
            self._paths,
            title=self.title,
            xlabel="Sessions from day 0",
            bands=self.found.band,
            focus=self.choices.test,
        )

    cars_plate = cached_property(plates.cars_plate)
    tests_plate = cached_property(plates.tests_plate)
    confounders_plate = cached_property(plates.confounders_plate)
    variants_plate = cached_property(plates.variants_plate)

    @cached_property
    def notes(self) -> list[tuple[str, str]]:
        """Instruments left out and why, remarks on the choices, how to read tables."""
        left_out = [
            ("Left out", f"{symbol}: {why}.")
            for symbol, why in self.found.skipped.items()
        ]
        p_values = self.found.tests["p_value"]
        undefined = [TEST_NAMES[str(name)] for name in p_values.index[p_values.isna()]]
        reading = (
            "Detectable is the smallest true effect that the exact t test finds four "
            "times in five; sessions are those that the model was estimated on; names "
            "are the chosen instruments that the ledger names for an event, any of "
            "which may be what the prices moved on."
        )
        if undefined:
            reading += f" Undefined here: {'; '.join(undefined)}."
        return [
            *left_out,
            *(("Mind", text) for text in self.found.remarks),
            ("Tables", reading),
        ]

    @property
    def files(self) -> dict[tuple[str, str], bytes]:
        """Figure's numbers, instruments and tests as CSV, returns decimal."""
        drawn = pd.concat(self._paths, names=["line"])
        if self.found.band is not None:
            drawn = drawn.join(self.found.band.add_prefix("placebo_"))
        tables = {
            "numbers": drawn,
            "instruments": self.cars,
            "tests": self.found.tests.rename_axis("test"),
        }
        return {
            (name, ".csv"): table_bytes(one, ".csv") for name, one in tables.items()
        }

    def show(self) -> None:
        """Show sentence, figure and tables in a notebook."""
        say(f"> **Finding.** {self.sentence}")
        show(**self.plate)
        table(**self.cars_plate)
        table(**self.tests_plate)
        if self.confounders_plate is not None:
            table(**self.confounders_plate)
        say("\n\n".join(f"**{kind}.** {text}" for kind, text in self.notes))
