"""What the data come to: how much, how sure, how well dated."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.evidence.ledger_record import CITIES
from helpers.evidence.the_data import CASES, TheData
from helpers.evidence.wording import Figures

# A history that ends this long before the newest counts as ending early.
_ONE_MONTH = pd.Timedelta(days=31)
CASE_NAMES = dict(
    zip(CASES, ("rules_2022", "rules_2023", "h20", "remark"), strict=True)
)


@dataclass(frozen=True)
class TheDataFindings:
    """The chapter's numbers and its answer.

    Attributes
    ----------
    figures : Figures
        Every number that the sentences state.
    answer : str
        The chapter's question answered in one sentence.
    """

    figures: Figures
    answer: str


def the_data_findings(data: TheData) -> TheDataFindings:
    """Put coverage, confirmation and dating into numbers and a sentence."""
    figures = Figures()
    _record_prices(figures, data)
    _record_checks(figures, data)
    _record_ledger(figures, data)
    _record_day0(figures, data)
    _record_cases(figures, data)
    _record_reach(figures, data)
    return TheDataFindings(figures, _answer(figures))


def thousands(figures: Figures, name: str, value: int) -> str:
    """Record a whole number, written with a comma between thousands."""
    return figures.add(name, int(value), f"{int(value):,}")


def _record_prices(figures: Figures, data: TheData) -> None:
    table = data.prices.coverage
    figures.count("instruments", len(table))
    for place, rows in table.groupby("place"):
        stem = str(place).lower().replace(" ", "_")
        figures.count(f"instruments_{stem}", len(rows))
    figures.day("first", table["first"].min())
    figures.day("last", table["last"].max())
    thousands(figures, "held", table["held"].sum())
    thousands(figures, "priced", table["priced"].sum())
    figures.count("missing", table["missing"].sum())
    gaps = data.prices.gaps
    for kind in ("suspension", "hole"):
        rows = gaps[gaps["kind"] == kind]
        figures.count(f"{kind}s", len(rows))
        figures.count(f"{kind}_sessions", rows["sessions"].sum())
        figures.count(f"{kind}_names", rows["symbol"].nunique())
    early = table[table["last"] < table["last"].max() - _ONE_MONTH]
    figures.count("ending_early", len(early))
    figures.day("earliest_end", table["last"].min())


def _record_checks(figures: Figures, data: TheData) -> None:
    table = data.prices.coverage
    days = int(table["priced"].sum())
    for kind in ("confirmed", "disputed", "single"):
        thousands(figures, kind, table[kind].sum())
        figures.share(f"{kind}_share", table[kind].sum() / days, 1)
    compared = days - int(table["single"].sum())
    figures.share("agreement_where_compared", table["confirmed"].sum() / compared, 2)
    figures.count("single_throughout", int((table["confirmed"] == 0).sum()))
    moves = data.prices.moves
    figures.count("moves", len(moves))
    figures.count("moves_confirmed", int((moves["agree"] > 0).sum()))
    paid = data.prices.distributions
    thousands(figures, "pairs_of_closes", data.prices.pairs_of_closes)
    figures.count("distributions", len(paid))
    largest = paid.loc[paid["size"].idxmax()]
    figures.share("largest_distribution", largest["size"], 1)
    figures.day("largest_distribution_day", largest["session"])
    figures.add("largest_distribution_symbol", largest["symbol"], largest["symbol"])
    firms = data.event_days
    figures.share("event_days_confirmed_share", firms["confirmed"].mean(), 1)
    figures.count("event_windows_paid", int((firms["paid"] > 0).sum()))
    figures.share("event_windows_paid_most", firms["paid"].max(), 1)


def _record_ledger(figures: Figures, data: TheData) -> None:
    ledger = data.ledger.ledger
    figures.count("events", len(ledger))
    for name, count in ledger["verification"].value_counts().items():
        figures.count(f"events_{str(name).replace('-', '_')}", int(count))
    figures.share("verified_share", (ledger["verification"] == "verified").mean(), 0)
    figures.count("confounders", int(ledger["confounder"].sum()))
    figures.count("studied_events", int((~ledger["confounder"]).sum()))
    figures.count("sources", len(data.ledger.sources))
    figures.count("sources_read", int((data.ledger.sources["status"] == "read").sum()))
    for name in ("minute", "session", "day"):
        figures.count(f"clock_{name}", int((ledger["precision"] == name).sum()))
    recent = ledger["announced_at"] >= "2025-01-01"
    figures.share("since_2025_share", recent.mean(), 0)
    figures.count("since_2025", int(recent.sum()))
    figures.count("crowded", int(data.ledger.crowded.sum()))
    figures.share("crowded_share", data.ledger.crowded.mean(), 0)


def _record_day0(figures: Figures, data: TheData) -> None:
    placed = data.ledger.placed
    misdated = ~placed["reached"]
    figures.count("placements", len(placed))
    figures.count("misdated", int(misdated.sum()))
    figures.share("misdated_share", misdated.mean(), 0)
    for exchange, city in CITIES.items():
        stem = city.lower().replace(" ", "_")
        figures.count(
            f"misdated_{stem}", int(misdated.xs(exchange, level="exchange").sum())
        )
    wide = placed["window"].map(lambda window: window[1] > 0)
    figures.count("wide_windows", int(wide.sum()))
    hand = data.ledger.hand
    figures.count("hand", len(hand))
    figures.count("hand_agree", int(hand["agrees"].sum()))
    found = data.ledger.differences
    figures.count("hand_differ", len(found))
    figures.count("hand_open", int((found["verdict"] == "open").sum()))
    figures.count("hand_wrong", int((found["verdict"] == "code").sum()))


def _record_cases(figures: Figures, data: TheData) -> None:
    for (event_id, exchange), row in data.cases.iterrows():
        stem = f"{CASE_NAMES[event_id]}_{CITIES[exchange].lower().replace(' ', '_')}"
        figures.day(f"{stem}_day0", row["day0"])
        figures.percent(f"{stem}_change", row["change"])
        if row["dated"] != row["day0"]:
            figures.percent(f"{stem}_change_dated", row["change_dated"])


def _record_reach(figures: Figures, data: TheData) -> None:
    reach = data.reach
    usable = reach["reason"] == ""
    figures.count("firms", reach["symbol"].nunique())
    thousands(figures, "firm_events", len(reach))
    thousands(figures, "firm_events_usable", int(usable.sum()))
    figures.share("firm_events_usable_share", usable.mean(), 0)


def _answer(figures: Figures) -> str:
    return (
        f"{figures['instruments']} instruments have a price on {figures['priced']} of "
        f"the {figures['held']} sessions that their exchanges held; the other "
        f"{figures['missing']} are suspensions and holes, listed and never filled. A "
        f"second source confirms {figures['confirmed_share']} of those days and "
        f"disputes {figures['disputed']}, the rest have one source. "
        f"{figures['events_verified']} of {figures['events']} events were verified on "
        "a page that was read. Clocks matter more than dates: to take each "
        f"announcement by its date alone would put {figures['misdated']} of "
        f"{figures['placements']} first reactions in New York, Hong Kong and Shanghai "
        "on the wrong session."
    )
