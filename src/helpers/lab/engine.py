"""From choices to everything that the lab shows of them, without a widget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.calendars import calendar_code
from helpers.errors import StudyError
from helpers.inference.event_study import EventStudy, event_study
from helpers.inference.power import detectable_effect
from helpers.lab.choices import Choices
from helpers.lab.store import Store
from helpers.notebook.words import window as window_text
from helpers.study.models import MODELS
from helpers.study.windows import Windows, check_window

MOST_SYMBOLS = 16
LONGEST_WINDOW = 121
# New York's market, which the published factors are of.
FACTOR_CALENDAR = "XNYS"
EXACT = "exact_t"
# A placebo window longer than this cannot keep clear of the ledger's events.
LONGEST_CLEAR = 3
PLACES = {
    "XNAS": "New York",
    "XNYS": "New York",
    "ARCX": "New York",
    "XHKG": "Hong Kong",
    "XSHG": "Shanghai",
    "XSHE": "Shenzhen",
    "XKRX": "Seoul",
}


@dataclass(frozen=True)
class Explored:
    """One event on one instrument or several.

    All returns are decimal.

    Attributes
    ----------
    choices : Choices
    placed : DataFrame
        One row an instrument asked for: symbol, day0, exchange, rule, flagged, window.
    study : EventStudy
        The instruments that can be studied.
    cars : DataFrame
        One row an instrument, indexed by symbol: name, day0, benchmark, car, se, t,
        df, p_value, ci_low, ci_high over the tested window, n_obs, detectable
        (smallest effect found with 80 % power), sample_quantile_p, placebo_p; NaN
        where a figure is undefined.
    mean : float
        Mean CAR of the instruments over the tested window.
    tests : DataFrame
        Tests of that mean, indexed by test: statistic, df, p_value, note; where a
        test is undefined the note says why.
    paths : dict of symbol to DataFrame
        CAR by relative day: car, ci_low, ci_high.
    mean_path : Series
        Mean CAR by relative day.
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
    placed: pd.DataFrame
    study: EventStudy
    cars: pd.DataFrame
    mean: float
    tests: pd.DataFrame
    paths: dict[str, pd.DataFrame]
    mean_path: pd.Series[float]
    band: pd.DataFrame | None
    without_band: str
    skipped: dict[str, str]
    confounders: pd.DataFrame
    remarks: list[str]


def explored(choices: Choices, store: Store) -> Explored:
    """Study what was chosen.

    Parameters
    ----------
    choices : Choices
    store : Store

    Returns
    -------
    Explored

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
    _check_symbols(choices)
    placed = store.placed(choices.event, choices.symbols)
    skipped = dict(_unfit(choices, store))
    events = placed[~placed["symbol"].isin(skipped)]
    options = _options(choices, store, list(events["symbol"]))
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
    # No wider than the tested window, so that it keeps all its placebo dates.
    narrow = event_study(
        events=events[~events["symbol"].isin(skipped)],
        window=(min(first, 0), max(last, 0)),
        **options,
    )
    symbols = [str(symbol) for symbol in study.panel.events["symbol"]]
    occupied = {symbol: store.occupied(symbol) for symbol in symbols}
    walked = study.car_path(*windows.event).droplevel("event_id")
    paths = {symbol: walked.loc[symbol] for symbol in symbols}
    band, without_band = _band(study, occupied)
    return Explored(
        choices=choices,
        placed=placed,
        study=study,
        cars=_cars(narrow, choices, store, occupied, options["benchmark"]),
        mean=float(narrow.car(first, last)["car"].mean()),
        tests=_tests(narrow, (first, last), occupied),
        paths=paths,
        mean_path=pd.concat([path["car"] for path in paths.values()], axis=1).mean(
            axis=1
        ),
        band=band,
        without_band=without_band,
        skipped=skipped,
        confounders=_confounders(choices, store, study.panel.events),
        remarks=list(_remarks(choices, store, study.panel.events, placed)),
    )


def _check_symbols(choices: Choices) -> None:
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
    if choices.model not in MODELS or choices.model == "factors":
        usable = [name for name in MODELS if name != "factors"]
        raise StudyError(
            f"No model {choices.model!r} here: choose one of {', '.join(usable)}."
        )


def _market(choices: Choices, about: pd.Series[Any]) -> str:
    return choices.benchmark or str(about["benchmark"])


def _unfit(choices: Choices, store: Store) -> Iterator[tuple[str, str]]:
    """Instruments that the model cannot be set up for, and why."""
    needs = MODELS[choices.model].needs
    if choices.benchmark is not None:
        store.about(choices.benchmark)
    for symbol in choices.symbols:
        about = store.about(symbol)
        market = _market(choices, about)
        if "benchmark" in needs and not market:
            yield symbol, "it has no benchmark of its own: name one"
        elif "benchmark" in needs and market == symbol:
            yield symbol, "it cannot be its own benchmark"
        elif "sector" in needs and not about["sector"]:
            yield symbol, "it has no sector index: use the model 'market'"
        elif "sector" in needs and about["sector"] in (market, symbol):
            yield (
                symbol,
                f"its sector index {about['sector']} stands twice in the model",
            )
        elif "factors" in needs and calendar_code(about["mic"]) != FACTOR_CALENDAR:
            yield symbol, "the factors are those of New York's market"


def _options(choices: Choices, store: Store, symbols: list[str]) -> dict[str, Any]:
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
        "mask": {symbol: store.occupied(symbol) for symbol in symbols}
        if choices.mask
        else None,
    }
    if "sector" in needs:
        options["sector"] = {
            symbol: str(row["sector"]) for symbol, row in about.items()
        }
        columns += options["sector"].values()
    if "factors" in needs:
        options["factors"] = store.factors(choices.model)
    if columns:
        options["returns"] = store.returns(columns)
    return options


def _band(
    study: EventStudy, occupied: dict[str, pd.DatetimeIndex]
) -> tuple[pd.DataFrame | None, str]:
    first, last = study.windows.event
    try:
        return study.placebo_band(
            first, last, exclude=_clear(occupied, first, last)
        ), ""
    except StudyError as error:
        return None, str(error)


def _clear(
    occupied: dict[str, pd.DatetimeIndex], first: int, last: int
) -> pd.DatetimeIndex:
    together = pd.DatetimeIndex(np.unique(np.concatenate([*occupied.values()])))
    return kept_clear(together, first, last)


def kept_clear(occupied: pd.DatetimeIndex, first: int, last: int) -> pd.DatetimeIndex:
    """Sessions that placebo windows of this length have to keep clear of."""
    return occupied if last - first < LONGEST_CLEAR else occupied[:0]


def _cars(
    narrow: EventStudy,
    choices: Choices,
    store: Store,
    occupied: dict[str, pd.DatetimeIndex],
    markets: dict[str, str] | None,
) -> pd.DataFrame:
    first, last = choices.test
    table = narrow.car(first, last).droplevel("event_id")
    table.insert(0, "name", [str(store.about(one)["name"]) for one in table.index])
    table.insert(1, "day0", narrow.panel.events["day0"].to_numpy())
    table.insert(2, "benchmark", [(markets or {}).get(one, "") for one in table.index])
    table["n_obs"] = narrow.estimates["n_obs"].to_numpy()
    rows = zip(table["se"], table["df"], strict=True)
    table["detectable"] = [se * _detectable_errors(df) for se, df in rows]
    alone = [narrow.select(symbol=symbol) for symbol in table.index]
    wanted = ["sample_quantile", "placebo"]
    tested = [
        one.test(first, last, wanted, exclude=kept_clear(occupied[symbol], first, last))
        for one, symbol in zip(alone, table.index, strict=True)
    ]
    for test in wanted:
        table[f"{test}_p"] = [found.loc[test, "p_value"] for found in tested]
    return table


@lru_cache(maxsize=500)
def _detectable_errors(df: float) -> float:
    """The detectable effect in standard errors, which depends on df alone."""
    return detectable_effect(1.0, df)


def _tests(
    narrow: EventStudy, window: tuple[int, int], occupied: dict[str, pd.DatetimeIndex]
) -> pd.DataFrame:
    table = narrow.test(*window, exclude=_clear(occupied, *window))
    table = table[["statistic", "df", "p_value", "note"]]
    if narrow.n_events > 1:
        return table
    row = narrow.car(*window).iloc[0]
    exact = pd.DataFrame(
        [[row["t"], row["df"], row["p_value"], ""]],
        index=pd.Index([EXACT], name="test"),
        columns=table.columns,
    )
    return pd.concat([exact, table])


def _confounders(choices: Choices, store: Store, events: pd.DataFrame) -> pd.DataFrame:
    """Other ledger events that touch the event window, on every calendar studied."""
    first, last = choices.window
    rows: dict[str, dict[str, Any]] = {}
    studied = set(events["symbol"])
    for symbol, day0 in zip(events["symbol"], events["day0"], strict=True):
        exchange = str(store.about(symbol)["mic"])
        near = store.around(choices.event, day0, exchange, max(0, -first), max(0, last))
        for event_id, found in near.iterrows():
            concerned = sorted(studied & set(found["symbols"]))
            row = rows.setdefault(
                str(event_id),
                {
                    "title": found["title"],
                    "type": found["type"],
                    "concerns": "all"
                    if found["type"] == "macro"
                    else ", ".join(concerned),
                    "offsets": {},
                    "tested": False,
                    "day0": found["day0"],
                },
            )
            start, end = found["offset"], found["offset"] + found["window"][1]
            row["offsets"][PLACES.get(exchange, exchange)] = int(start)
            row["tested"] |= bool(start <= choices.test[1] and end >= choices.test[0])
    columns = ["title", "type", "concerns", "offsets", "tested", "day0"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index.name = "event_id"
    return table.sort_values("day0", kind="stable").drop(columns="day0")


def _remarks(
    choices: Choices, store: Store, events: pd.DataFrame, placed: pd.DataFrame
) -> Iterator[str]:
    model = MODELS[choices.model]
    if "benchmark" in model.needs and not model.lagged:
        foreign = {
            symbol: _market(choices, store.about(symbol))
            for symbol in events["symbol"]
            if calendar_code(store.about(symbol)["mic"])
            != calendar_code(store.about(_market(choices, store.about(symbol)))["mic"])
        }
        if foreign:
            yield (
                f"{', '.join(foreign)} and the benchmark trade at different hours, so "
                "returns of one date do not belong together: take a local benchmark, "
                "or the model 'dimson', which lets the benchmark enter with its lag."
            )
    loose = placed[placed["symbol"].isin(events["symbol"]) & placed["flagged"]]
    short = [
        row.symbol for row in loose.itertuples() if row.window[1] > choices.test[1]
    ]
    if short:
        widest = max(row.window[1] for row in loose.itertuples())
        yield (
            f"The hour of the announcement is not known well enough for "
            f"{', '.join(short)}: the news may have come in a session after day 0, so "
            f"test {window_text(0, widest)} as well."
        )
    if len(events) > 1:
        yield (
            f"{len(events)} instruments around one event are one observation in time: "
            "of the tests, KP, Corrado and placebo dates hold their size then."
        )
