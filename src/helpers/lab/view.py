"""What was explored, as sentence, figure, tables, files and call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.lab.choices import Choices
from helpers.lab.engine import Explored, explored
from helpers.lab.figure import draw
from helpers.lab.headline import SIZE, TEST_NAMES, headline
from helpers.lab.store import Store
from helpers.lab.variants import variants
from helpers.notebook import (
    day,
    number,
    p_cell,
    p_value,
    percent,
    say,
    share,
    show,
    table,
)
from helpers.notebook import window as window_text
from helpers.study.windows import Window

if TYPE_CHECKING:
    Plate = dict[str, Any]


def explore(
    event: str,
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
    event : str
        An event of the ledger, or when an event of your own was announced: an
        instant with its UTC offset, two of them with a slash between, or a date
        (see :func:`helpers.place_event`).
    symbols : str or sequence of str
        Instruments, 16 at most.
    benchmark : str, optional
        Market of the model; default each instrument's own.
    model : str
        mean, market_adjusted, market, market_sector, capm, ff3, ff5, dimson,
        scholes_williams, huber or garch.
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
    chosen = (symbols,) if isinstance(symbols, str) else tuple(symbols)
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
    """

    def __init__(self, found: Explored, store: Store) -> None:
        self.found = found
        self._store = store

    @property
    def choices(self) -> Choices:
        """What was asked."""
        return self.found.choices

    @property
    def cars(self) -> pd.DataFrame:
        """One row an instrument: see :class:`helpers.lab.engine.Explored`."""
        return self.found.cars

    @property
    def call(self) -> str:
        """Python that gives the same figure and tables when it is run."""
        return self.choices.call

    @cached_property
    def _window(self) -> str:
        return window_text(*self.choices.test)

    @cached_property
    def headline(self) -> pd.DataFrame:
        """The tests to go by, those that are defined."""
        return headline(self.found)

    @cached_property
    def verdict(self) -> str:
        """How many of the headline tests see more than chance."""
        total = len(self.headline)
        clear = int((self.headline["p_value"] < SIZE).sum())
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
            against = f" against the {self._store.about(markets[0])['name']}"
        if len(cars) == 1:
            return f"{cars['name'].iloc[0]}{against}"
        return f"{len(cars)} instruments{against}"

    @cached_property
    def title(self) -> str:
        """The figure's claim."""
        mean = "" if len(self.cars) == 1 else " on average"
        return (
            f"{self.subject} over {self._window}: {percent(self.found.mean)}{mean}; "
            f"{self.verdict}"
        )

    @cached_property
    def sentence(self) -> str:
        """The answer in one sentence."""
        cars = self.cars
        days = list(dict.fromkeys(cars["day0"]))
        begins = day(days[0]) if len(days) == 1 else "each exchange's day 0"
        what = "abnormal return" if len(cars) == 1 else "mean abnormal return"
        text = (
            f"Over {self._window} from {begins} on, the {what} of {self.subject} was "
            f"{percent(self.found.mean)}"
        )
        if len(cars) == 1:
            row = cars.iloc[0]
            text += (
                f" (95 % interval {percent(row['ci_low'], 1)} to "
                f"{percent(row['ci_high'], 1)})"
            )
        tests = ", ".join(
            f"{TEST_NAMES[str(name)]} {p_value(float(value))}"
            for name, value in self.headline["p_value"].items()
        )
        text += f": {self.verdict}" + (f" ({tests})" if tests else "")
        return f"{text}. {self._limits()}"

    def _limits(self) -> str:
        cars = self.cars
        least = float(cars["detectable"].min())
        met = int(self.found.confounders["tested"].sum())
        seen = (
            "An effect smaller than"
            if len(cars) == 1
            else "On one instrument alone, an effect smaller than"
        )
        events = {0: "No other ledger event", 1: "One other ledger event"}
        return (
            f"{seen} {share(least, 1)} would often have gone unseen. "
            f"{events.get(met, f'{met} other ledger events')} may have met the tested "
            "sessions."
        )

    @cached_property
    def plate(self) -> Plate:
        """The figure with caption and alternative text, as ``show`` takes them."""
        found, choices = self.found, self.choices
        first, last = choices.window
        titles = self._store.ledger["title"]
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
            if len(self.cars) == 1
            else "Intervals of single instruments stand in the table; their mean "
            "around one date has none of its own. "
        )
        left_out = "".join(
            f" Left out: {symbol}, {why}." for symbol, why in found.skipped.items()
        )
        return {
            "fig": draw(found, title=self.title, subject=self.subject),
            "caption": (
                f"Cumulative abnormal returns from session {number(first, 0)} to "
                f"{number(last, 0, signed=True)} around {about}; day 0: {days}. Model "
                f"{choices.model}, estimation window {window_text(*choices.estimation)}"
                f"{', other events and results left out' if choices.mask else ''}. "
                f"{lines}{band} Shaded: the tested window.{left_out}"
            ),
            "alt": (
                f"Line chart of cumulative abnormal returns over "
                f"{last - first + 1} sessions: {self._ends()}. Over the shaded window "
                f"{self._window} the value is {percent(found.mean)}."
            ),
        }

    def _ends(self) -> str:
        return ", ".join(
            f"{symbol} ends at {percent(float(path['car'].iloc[-1]), 1)}"
            for symbol, path in self.found.paths.items()
        )

    @cached_property
    def cars_plate(self) -> Plate:
        """The table of instruments, as ``table`` takes it."""
        cars = self.cars
        shown = pd.DataFrame(
            {
                "instrument": cars["name"],
                "day 0": cars["day0"],
                "against": cars["benchmark"].replace("", "no market"),
                "CAR": cars["car"],
                "95 % interval": [
                    f"{percent(low, 1)} to {percent(high, 1)}"
                    for low, high in zip(cars["ci_low"], cars["ci_high"], strict=True)
                ],
                "p, exact t": cars["p_value"],
                "p, placebo": cars["placebo_p"],
                "p, sample quantile": cars["sample_quantile_p"],
                "detectable": cars["detectable"],
                "sessions": cars["n_obs"],
            }
        )
        if cars["benchmark"].nunique() == 1:
            shown = shown.drop(columns="against")
        return {
            "df": shown.rename_axis("symbol"),
            "caption": f"Abnormal return over {self._window} by instrument",
            "formats": {
                "CAR": percent,
                "p, exact t": p_cell,
                "p, placebo": p_cell,
                "p, sample quantile": p_cell,
                "detectable": lambda value: share(value, 1),
            },
        }

    @cached_property
    def tests_plate(self) -> Plate:
        """The table of tests, as ``table`` takes it."""
        tests = self.found.tests
        defined = tests[tests["p_value"].notna()]
        shown = pd.DataFrame(
            {
                "statistic": defined["statistic"],
                "df": defined["df"],
                "p": defined["p_value"],
                "to go by": np.where(
                    defined.index.isin(self.headline.index), "yes", ""
                ),
                "note": defined["note"],
            }
        ).set_axis([TEST_NAMES[str(name)] for name in defined.index])
        mean = "abnormal return" if len(self.cars) == 1 else "mean abnormal return"
        return {
            "df": shown.rename_axis("test"),
            "caption": f"Tests that the {mean} over {self._window} is zero",
            "formats": {
                "statistic": lambda value: number(value, 3),
                "df": lambda value: number(value, 0),
                "p": p_cell,
            },
        }

    @cached_property
    def confounders_plate(self) -> Plate | None:
        """Other ledger events near day 0, as ``table`` takes them; None if none."""
        found = self.found.confounders
        if found.empty:
            return None
        shown = pd.DataFrame(
            {
                "event": found["title"],
                "type": found["type"],
                "names": found["concerns"],
                "sessions from day 0": [
                    ", ".join(
                        f"{place} {number(offset, 0, signed=True)}"
                        for place, offset in offsets.items()
                    )
                    for offsets in found["offsets"]
                ],
                "in the tested window": np.where(found["tested"], "yes", ""),
            },
            index=found.index,
        )
        return {
            "df": shown.set_index("event"),
            "caption": "Other ledger events that touch the event window",
        }

    @cached_property
    def variants_plate(self) -> Plate:
        """The same question under other choices, as ``table`` takes it."""
        found = variants(self.choices, self._store)
        return {
            "df": found,
            "caption": (
                f"The same {self._window} under other choices; the first row is the "
                "one above. A row that cannot be studied says why."
            ),
            "formats": {"CAR": percent}
            | {name: p_cell for name in found.columns if name.startswith("p, ")},
        }

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
    def cars_csv(self) -> str:
        """The table of instruments as CSV, returns decimal."""
        return self.cars.to_csv(lineterminator="\n", date_format="%Y-%m-%d")

    @property
    def tests_csv(self) -> str:
        """The table of tests as CSV."""
        tests = self.found.tests.rename_axis("test")
        return tests.to_csv(lineterminator="\n")

    def show(self) -> None:
        """Show sentence, figure and tables in a notebook."""
        say(f"> **Finding.** {self.sentence}")
        show(**self.plate)
        table(**self.cars_plate)
        table(**self.tests_plate)
        if self.confounders_plate is not None:
            table(**self.confounders_plate)
        say("\n\n".join(f"**{kind}.** {text}" for kind, text in self.notes))
