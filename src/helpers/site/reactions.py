"""What instruments did when an event met their exchange, for the event pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# Shown on every event page beside the instruments that the ledger names.
WATCHED = ("NVDA", "688256.SS", "0981.HK")
MARKETS = {"XNYS": "^GSPC", "XHKG": "^HSI", "XSHG": "000300.SS"}


@dataclass(frozen=True)
class EventFacts:
    """The ledger's events placed, sourced and measured.

    Attributes
    ----------
    ledger, sources : DataFrame
        As ``load_ledger`` and ``load_sources`` return them.
    placed : DataFrame
        Day 0, rule and window by (event_id, exchange) of the three markets.
    reactions : DataFrame
        By (event_id, symbol): name, exchange, session, window, change (return
        on day 0), benchmark, car, ci_low, ci_high, p_value (decimal) over the
        event's own window, and reason where it could not be measured. Instruments
        without a benchmark in the data are left out.
    names : dict of symbol to name
        Of every instrument.
    """

    ledger: pd.DataFrame
    sources: pd.DataFrame
    placed: pd.DataFrame
    reactions: pd.DataFrame
    names: dict[str, str]


def event_facts(data_dir: Path | str | None = None) -> EventFacts:
    """Place and measure every event of the ledger.

    Parameters
    ----------
    data_dir : path, optional
        Folder with the ledger; prices and instruments are the bundled ones.

    Raises
    ------
    DataError
        If a table breaks a rule of the codebook.
    CalendarError
        If an event has no session on an exchange.
    """
    from helpers.data.instruments import load_instruments
    from helpers.data.ledger import load_ledger, load_sources
    from helpers.study.events import load_events

    ledger = load_ledger(data_dir)
    instruments = load_instruments()
    has_benchmark = instruments["benchmark"].fillna("").ne("")
    wanted = [
        (event_id, symbol)
        for event_id, named in ledger["symbols"].items()
        for symbol in dict.fromkeys([*named, *WATCHED])
        if has_benchmark[symbol]
    ]
    symbols = list(dict.fromkeys(symbol for _, symbol in wanted))
    stands_for = {mic: market for market, mic in _markets(instruments).items()}
    for symbol in symbols:
        stands_for.setdefault(instruments.at[symbol, "mic"], symbol)
    placed = load_events(list(stands_for.values()), data_dir=data_dir).set_index(
        ["event_id", "exchange"]
    )
    events = _events(wanted, placed, instruments)
    return EventFacts(
        ledger=ledger,
        sources=load_sources(data_dir),
        placed=placed[placed.index.isin(list(MARKETS), level="exchange")],
        reactions=_measure(events, instruments),
        names=instruments["name"].to_dict(),
    )


def _markets(instruments: pd.DataFrame) -> dict[str, str]:
    return {symbol: instruments.at[symbol, "mic"] for symbol in MARKETS.values()}


def _events(
    wanted: Sequence[tuple[Any, str]], placed: pd.DataFrame, instruments: pd.DataFrame
) -> pd.DataFrame:
    import pandas as pd

    records = []
    for event_id, symbol in wanted:
        exchange = instruments.at[symbol, "mic"]
        place = placed.loc[(event_id, exchange)]
        records.append((event_id, symbol, exchange, place["day0"], place["window"]))
    return pd.DataFrame(
        records, columns=["event_id", "symbol", "exchange", "day0", "window"]
    )


def _measure(events: pd.DataFrame, instruments: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    from helpers.data.prices import load_returns
    from helpers.inference.event_study import event_study

    benchmark = instruments["benchmark"]
    symbols = set(events["symbol"]) | set(MARKETS.values())
    returns = load_returns(sorted(symbols))
    rows = events.set_index(["event_id", "symbol"])
    rows["name"] = [instruments.at[symbol, "name"] for _, symbol in rows.index]
    rows["benchmark"] = [benchmark[symbol] for _, symbol in rows.index]
    rows["change"] = [
        returns[symbol].get(day0, float("nan"))
        for (_, symbol), day0 in rows["day0"].items()
    ]
    rows["reason"] = ""
    parts = []
    for (first, last), group in events.groupby("window"):
        found = event_study(
            returns,
            group[["event_id", "symbol", "day0"]],
            benchmark={symbol: benchmark[symbol] for symbol in group["symbol"]},
            window=(first, last),
        )
        if found.n_events:
            parts.append(found.car(first, last))
        if len(found.skipped):
            rows.loc[found.skipped.index, "reason"] = found.skipped["reason"]
    cars = pd.concat(parts)[["car", "ci_low", "ci_high", "p_value"]]
    return rows.join(cars)
