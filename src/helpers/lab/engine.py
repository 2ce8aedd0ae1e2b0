"""From choices to everything that the lab shows of them, without a widget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.calendars import calendar_code
from helpers.data.factors import load_factors
from helpers.errors import StudyError
from helpers.inference.event_study import EventStudy, event_study
from helpers.inference.power import detectable_effect
from helpers.lab.choices import Choices
from helpers.lab.store import Store
from helpers.notebook.words import window as window_text
from helpers.study.events import overlapping_events
from helpers.study.models import MODELS
from helpers.study.panel import fit_events
from helpers.study.windows import Windows, check_window

MOST_SYMBOLS = 16
LONGEST_WINDOW = 121
# New York's market, which the published factors are of.
FACTOR_CALENDAR = "XNYS"
EXACT = "exact_t"
# A placebo window longer than this cannot keep clear of the ledger's events.
LONGEST_CLEAR = 3
PLACES = {
    **dict.fromkeys(["XNAS", "XNYS", "ARCX"], "New York"),
    "XHKG": "Hong Kong",
    "XSHG": "Shanghai",
    "XSHE": "Shenzhen",
    "XKRX": "Seoul",
}
TEST_NAMES = {
    EXACT: "Exact t",
    "cross_sectional": "Cross-sectional t",
    "patell": "Patell",
    "adjusted_patell": "Patell, adjusted for correlation",
    "bmp": "BMP",
    "adjusted_bmp": "BMP, adjusted for correlation (KP)",
    "corrado": "Corrado rank",
    "sign": "Sign",
    "generalized_sign": "Generalised sign",
    "wilcoxon": "Wilcoxon",
    "crude_dependence": "Crude dependence",
    "cluster_bootstrap": "Bootstrap by date",
    "placebo": "Placebo dates",
    "sample_quantile": "Sample quantile",
}
# Tests that hold their size for one instrument, and for several around one date.
HEADLINE_ONE = (EXACT, "sample_quantile", "placebo")
HEADLINE_SEVERAL = ("adjusted_bmp", "corrado", "placebo")


@dataclass(frozen=True)
class Explored:
    """One event on one instrument or several.

    Attributes
    ----------
    choices : Choices
    cars : DataFrame
        One row an instrument, indexed by symbol: name, day0, benchmark, car, se, t,
        df, p_value, ci_low, ci_high over the tested window, n_obs, detectable
        (smallest effect found with 80 % power), sample_quantile_p, placebo_p,
        placebo_dates (how many); NaN where a figure is undefined. Returns are decimal.
    mean : float
        Mean CAR of the instruments over the tested window.
    tests : DataFrame
        Tests of that mean, indexed by test: statistic, df, p_value, note; where a
        test is undefined the note says why.
    paths : dict of symbol to DataFrame
        CAR by relative day: car, ci_low, ci_high.
    band : DataFrame or None
        Columns low and high by relative day: what placebo dates give.
    without_band : str
        Why there is no band; empty if there is one.
    skipped : dict of symbol to str
        Instruments that cannot be studied, and why.
    confounders : DataFrame
        Other ledger events near day 0, indexed by event_id: title, type, concerns,
        offsets (city -> sessions from day 0), tested (it meets the tested window).
    remarks : list of str
        What to bear in mind about the choices.
    """

    choices: Choices
    cars: pd.DataFrame
    mean: float
    tests: pd.DataFrame
    paths: dict[str, pd.DataFrame]
    band: pd.DataFrame | None
    without_band: str
    skipped: dict[str, str]
    confounders: pd.DataFrame
    remarks: list[str]

    @cached_property
    def headline(self) -> pd.DataFrame:
        """The rows of the table of tests to go by, those that are defined."""
        names = HEADLINE_ONE if len(self.cars) == 1 else HEADLINE_SEVERAL
        rows = self.tests.reindex(list(names))
        return rows[rows["p_value"].notna()]


def explored(choices: Choices, store: Store) -> Explored:
    """Study what was chosen.

    Raises
    ------
    DataError, CalendarError
        If an event, symbol or date is unknown.
    StudyError
        If the choices contradict one another, or none of the instruments can be
        studied; the message gives each one's reason.
    """
    windows = Windows(choices.estimation, choices.window)
    first, last = check_window(choices.test, "Test")
    windows.within_event(first, last)
    if windows.event_length > LONGEST_WINDOW:
        raise StudyError(
            f"The event window has {windows.event_length} sessions, more than the "
            f"{LONGEST_WINDOW} that are drawn: helpers.event_study takes longer ones."
        )
    check_choices(choices)
    placed = store.placed(choices.event, choices.symbols)
    skipped = dict(unfit(choices, store))
    events = placed[~placed["symbol"].isin(skipped)]
    options = study_options(choices, store, list(events["symbol"]))
    study = None
    if len(events):
        study = event_study(events=events, window=windows.event, **options)
        reasons = study.skipped["reason"]
        skipped |= {str(symbol): text for (_, symbol), text in reasons.items()}
    if study is None or not study.n_events:
        raise StudyError(
            "Nothing can be studied: "
            + "; ".join(f"{symbol}: {why}" for symbol, why in skipped.items())
            + "."
        )
    events = events[~events["symbol"].isin(skipped)]
    # No wider than the tested window, so that it keeps all its placebo dates.
    around = Windows(choices.estimation, (min(first, 0), max(last, 0)))
    design = replace(study.fit.design, windows=around)
    panel = fit_events(design, study.panel.regressors, study.panel.events)
    narrow = EventStudy(panel)
    symbols = [str(symbol) for symbol in study.panel.events["symbol"]]
    occupied = {symbol: store.occupied(symbol) for symbol in symbols}
    together = pd.DatetimeIndex(np.unique(np.concatenate([*occupied.values()])))
    walked = study.car_path(*windows.event).droplevel("event_id")
    band, without_band = None, ""
    try:
        clear = kept_clear(together, *windows.event)
        band = study.placebo_band(*windows.event, exclude=clear)
    except StudyError as error:
        without_band = str(error)
    cars = single_cars(narrow, choices.test, occupied)
    markets = options["benchmark"] or {}
    cars.insert(0, "name", [str(store.about(one)["name"]) for one in symbols])
    cars.insert(1, "day0", narrow.panel.events["day0"].to_numpy())
    cars.insert(2, "benchmark", [markets.get(one, "") for one in symbols])
    return Explored(
        choices=choices,
        cars=cars,
        mean=float(cars["car"].mean()),
        tests=_tests(narrow, choices.test, together, cars),
        paths={symbol: walked.loc[symbol] for symbol in symbols},
        band=band,
        without_band=without_band,
        skipped=skipped,
        confounders=_confounders(choices, store, study.panel.events),
        remarks=list(_remarks(choices, study, events)),
    )


def check_choices(choices: Choices) -> None:
    """Refuse instruments and models that make no question."""
    chosen = choices.symbols
    if not chosen:
        raise StudyError("No instrument is chosen: choose at least one.")
    if len(set(chosen)) != len(chosen):
        raise StudyError("An instrument is chosen twice: choose each once.")
    if len(chosen) > MOST_SYMBOLS:
        raise StudyError(
            f"{len(chosen)} instruments are chosen: one figure holds {MOST_SYMBOLS} "
            "at most."
        )
    usable = [name for name in MODELS if name != "factors"]
    if choices.model not in usable:
        raise StudyError(
            f"No model {choices.model!r} here: choose one of {', '.join(usable)}."
        )


def _market(choices: Choices, about: pd.Series[Any]) -> str:
    return choices.benchmark or str(about["benchmark"])


def unfit(choices: Choices, store: Store) -> Iterator[tuple[str, str]]:
    """Instruments that the model cannot be set up for, and why."""
    needs = MODELS[choices.model].needs
    if choices.benchmark is not None:
        store.about(choices.benchmark)
    for symbol in choices.symbols:
        about = store.about(symbol)
        market, sector = _market(choices, about), about["sector"]
        if "benchmark" in needs and not market:
            yield symbol, "it has no benchmark of its own: name one"
        elif "benchmark" in needs and market == symbol:
            yield symbol, "it cannot be its own benchmark"
        elif "sector" in needs and not sector:
            yield symbol, "it has no sector index: use the model 'market'"
        elif "sector" in needs and sector in (market, symbol):
            yield symbol, f"its sector index {sector} stands twice in the model"
        elif "factors" in needs and calendar_code(about["mic"]) != FACTOR_CALENDAR:
            yield symbol, "the factors are those of New York's market"


def study_options(choices: Choices, store: Store, symbols: list[str]) -> dict[str, Any]:
    """Arguments of ``event_study`` but for the events and their window."""
    about = {symbol: store.about(symbol) for symbol in symbols}
    needs = MODELS[choices.model].needs
    markets = {symbol: _market(choices, row) for symbol, row in about.items()}
    # A model without a market counts sessions with one, where there is one.
    usable = all(market and market != symbol for symbol, market in markets.items())
    benchmark = markets if usable and "factors" not in needs else None
    columns = [*symbols, *(benchmark or {}).values()]
    options: dict[str, Any] = {
        "benchmark": benchmark,
        "model": choices.model,
        "estimation": choices.estimation,
    }
    if choices.mask:
        options["mask"] = {symbol: store.occupied(symbol) for symbol in symbols}
    if "sector" in needs:
        options["sector"] = {one: str(row["sector"]) for one, row in about.items()}
        columns += options["sector"].values()
    if "factors" in needs:
        options["factors"] = load_factors("ff5" if choices.model == "ff5" else "ff3")
    if columns:
        options["returns"] = store.returns(columns)
    return options


def kept_clear(occupied: pd.DatetimeIndex, first: int, last: int) -> pd.DatetimeIndex:
    """Sessions that placebo windows of this length have to keep clear of."""
    return occupied if last - first < LONGEST_CLEAR else occupied[:0]


def single_cars(
    narrow: EventStudy, test: tuple[int, int], occupied: dict[str, pd.DatetimeIndex]
) -> pd.DataFrame:
    """CAR, tests and detectable effect of each instrument by itself."""
    table = narrow.car(*test).droplevel("event_id")
    table["n_obs"] = narrow.estimates["n_obs"].to_numpy()
    errors = [_detectable_errors(df) for df in table["df"]]
    table["detectable"] = table["se"] * errors
    table[["sample_quantile_p", "placebo_p", "placebo_dates"]] = np.nan
    for symbol, dates in occupied.items():
        clear = kept_clear(dates, *test)
        alone = narrow if len(occupied) == 1 else narrow.select(symbol=symbol)
        found = alone.test(*test, ["sample_quantile"]).iloc[0]
        table.loc[symbol, "sample_quantile_p"] = found["p_value"]
        with suppress(StudyError):  # undefined is no figure here
            chance = alone.placebo(*test, exclude=clear)
            table.loc[symbol, "placebo_p"] = chance.p_value
            table.loc[symbol, "placebo_dates"] = chance.dates
    return table


@lru_cache(maxsize=500)
def _detectable_errors(df: float) -> float:
    """The detectable effect in standard errors, which depends on df alone."""
    return detectable_effect(1.0, df)


def _tests(
    narrow: EventStudy,
    window: tuple[int, int],
    together: pd.DatetimeIndex,
    cars: pd.DataFrame,
) -> pd.DataFrame:
    columns = ["statistic", "df", "p_value", "note"]
    clear, one = kept_clear(together, *window), cars.iloc[0]
    if narrow.n_events > 1:
        return narrow.test(*window, exclude=clear)[columns]
    known = {EXACT: (one["t"], one["df"], one["p_value"], "")}
    if one["placebo_dates"] > 0:  # drawn already
        note = f"all {one['placebo_dates']:.0f} eligible dates"
        known["placebo"] = (one["t"], np.nan, one["placebo_p"], note)
    names = [name for name in TEST_NAMES if name not in known]
    table = narrow.test(*window, names, exclude=clear)[columns]
    ours = pd.DataFrame.from_dict(known, orient="index", columns=columns)
    return pd.concat([ours, table]).loc[list(TEST_NAMES)].rename_axis("test")


def _confounders(choices: Choices, store: Store, events: pd.DataFrame) -> pd.DataFrame:
    """Other ledger events that touch the event window, on every calendar studied."""
    before, after = max(0, -choices.window[0]), max(0, choices.window[1])
    studied = set(events["symbol"])
    exchanges = [str(store.about(symbol)["mic"]) for symbol in events["symbol"]]
    rows: dict[str, dict[str, Any]] = {}
    for exchange, day0 in dict(zip(exchanges, events["day0"], strict=True)).items():
        placed = store.placed_on(exchange)
        near = overlapping_events(day0, exchange, before, after, placed=placed)
        near = near.drop(index=choices.event, errors="ignore")
        for event_id, found in near.iterrows():
            macro = found["type"] == "macro"
            concerned = sorted(studied & set(found["symbols"]))
            row = rows.setdefault(str(event_id), {
                "title": found["title"], "type": found["type"],
                "concerns": "all" if macro else ", ".join(concerned),
                "offsets": {}, "tested": False, "day0": found["day0"],
            })  # fmt: skip
            start, end = found["offset"], found["offset"] + found["window"][1]
            row["offsets"][PLACES.get(exchange, exchange)] = int(start)
            row["tested"] |= bool(start <= choices.test[1] and end >= choices.test[0])
    columns = ["title", "type", "concerns", "offsets", "tested", "day0"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index.name = "event_id"
    return table.sort_values("day0", kind="stable").drop(columns="day0")


def _remarks(
    choices: Choices, study: EventStudy, events: pd.DataFrame
) -> Iterator[str]:
    yield from study.remarks
    reach = events["window"].str[1]
    short = events["flagged"] & (reach > choices.test[1])
    if short.any():
        yield (
            f"The hour of the announcement is not known well enough for "
            f"{', '.join(events.loc[short, 'symbol'])}: the news may have come in a "
            f"session after day 0, so test {window_text(0, reach[short].max())} as "
            "well."
        )
    if len(events) > 1:
        yield (
            f"{len(events)} instruments around one event are one observation in time: "
            "of the tests, KP, Corrado and placebo dates hold their size then."
        )
