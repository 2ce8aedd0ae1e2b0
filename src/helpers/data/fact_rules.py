"""What every table of facts must keep to: sources, numbers, periods and sums.

The codebook (``data/README.md``, section Fact tables) states the same rules in
words.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.event_rules import EVENT_COLUMNS
from helpers.data.ledger import EVENTS_FILE
from helpers.data.rows import Row, check_id, check_unique, read_date, read_rows

if TYPE_CHECKING:
    import pandas as pd

SOURCES_FILE = "fact_sources.csv"
SOURCE_COLUMNS = (
    "source_id",
    "publisher",
    "what",
    "address",
    "address_quality",
    "reliability",
)
# Best first: the address; the document or item alone; the site alone; nothing.
ADDRESS_QUALITIES = ("full", "item", "partial", "none")
RELIABILITIES = ("primary", "secondary", "weak")
VERIFICATIONS = ("verified", "partly", "unverified")

# Shortest and longest span in days. Fiscal years have 52 or 53 weeks.
PERIOD_DAYS = {
    "day": (1, 1),
    "month": (28, 31),
    "quarter": (84, 98),
    "half": (180, 190),
    "nine-months": (270, 280),
    "year": (363, 372),
}

# A fact outside these years is a slip of the pen: the oldest is of 2014, and no
# forecast or plan goes beyond 2030.
EARLIEST = dt.date(2010, 1, 1)
LATEST = dt.date(2035, 12, 31)

_LEDGER_PREFIX = "ledger:"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_FISCAL = re.compile(r"FY20\d\d( Q[1-4])?")


@dataclass(frozen=True)
class Library:
    """The sources that facts may cite, and the events of the ledger.

    Parameters
    ----------
    sources : mapping of str to Row
        By ``source_id``.
    event_dates : mapping of str to str
        Event to the local date of its announcement, YYYY-MM-DD.
    """

    sources: Mapping[str, Row]
    event_dates: Mapping[str, str]

    def check(self, row: Row, *, is_computed: bool = False) -> tuple[str, ...]:
        """Return a row's sources, checked against its verification.

        Parameters
        ----------
        row : Row
            With fields ``sources`` and ``verification``.
        is_computed : bool
            Whether the value follows from other rows, so that it needs no
            source of its own.

        Raises
        ------
        DataError
            If a source is unknown, or if a verified row has none that could be
            found again and trusted.
        """
        verification = row.one_of("verification", VERIFICATIONS)
        cited = row.several("sources")
        for source in cited:
            event = source.removeprefix(_LEDGER_PREFIX)
            if source.startswith(_LEDGER_PREFIX):
                if event not in self.event_dates:
                    raise row.fail(
                        "sources", f"{event!r} is not an event of {EVENTS_FILE}."
                    )
            elif source not in self.sources:
                raise row.fail(
                    "sources",
                    f"{source!r} is not a source of {SOURCES_FILE}; add it there.",
                )
        if verification == "verified" and not (
            (is_computed and not cited) or any(map(self._is_sound, cited))
        ):
            raise row.fail(
                "verification",
                "is verified, yet no source has both an address and a reliability "
                "above weak: partly or unverified?",
            )
        if verification == "partly" and not (cited or is_computed):
            raise row.fail("verification", "is partly, yet there is no source.")
        return cited

    def address_quality(self, cited: Sequence[str], *, is_computed: bool) -> str:
        """Return how well the best of some sources can be found again.

        Returns
        -------
        str
            One of :data:`ADDRESS_QUALITIES`, or ``computed`` for a value that
            follows from others and cites nothing.
        """
        if not cited:
            return "computed" if is_computed else "none"
        return min(map(self._quality, cited), key=ADDRESS_QUALITIES.index)

    def _quality(self, source: str) -> str:
        # The ledger keeps the addresses of its events itself.
        if source.startswith(_LEDGER_PREFIX):
            return "full"
        return self.sources[source]["address_quality"]

    def _is_sound(self, source: str) -> bool:
        if source.startswith(_LEDGER_PREFIX):
            return True
        row = self.sources[source]
        return row["address_quality"] != "none" and row["reliability"] != "weak"


def read_library(folder: Path) -> Library:
    """Read the sources of facts and the dates of the ledger's events.

    Raises
    ------
    DataError
        If either table breaks a rule.
    """
    rows = read_rows(folder, SOURCES_FILE, SOURCE_COLUMNS)
    check_unique(rows, ("source_id",))
    for row in rows:
        check_id(row, "source_id")
        row.filled("publisher")
        row.filled("what")
        quality = row.one_of("address_quality", ADDRESS_QUALITIES)
        row.one_of("reliability", RELIABILITIES)
        if row["address"] and not re.fullmatch(r"https?://\S+", row["address"]):
            raise row.fail("address", f"{row['address']!r} is not a web address.")
        if (quality == "full") != bool(row["address"]):
            raise row.fail(
                "address_quality", "is full if an address is given, and only then."
            )
    events = read_rows(folder, EVENTS_FILE, EVENT_COLUMNS)
    return Library(
        {row["source_id"]: row for row in rows},
        {row["event_id"]: row["announced_at"][:10] for row in events},
    )


def read_number(row: Row, name: str, *, low: float = -math.inf) -> float:
    """Return a number, NaN for an empty field.

    Parameters
    ----------
    row : Row
        Row that has the field.
    name : str
        Field.
    low : float
        Smallest value allowed.

    Raises
    ------
    DataError
        If the field is not a plain decimal number or below ``low``.
    """
    text = row[name]
    if not text:
        return math.nan
    if not _NUMBER.fullmatch(text):
        raise row.fail(
            name, f"{text!r} is not a number such as 312 or 26.5 (empty: unknown)."
        )
    if float(text) < low:
        raise row.fail(name, f"is {text}: must be {low:g} or more.")
    return float(text)


def read_positive(row: Row, name: str) -> float:
    """Return a number above zero, NaN for an empty field."""
    number = read_number(row, name)
    if number <= 0:
        raise row.fail(name, f"is {row[name]}: must be above zero.")
    return number


def read_day(row: Row, name: str) -> dt.date | None:
    """Return a date of the years that facts can be of, None for an empty field."""
    if not row[name]:
        return None
    day = read_date(row, name, row[name])
    if not EARLIEST <= day <= LATEST:
        raise row.fail(
            name,
            f"{day} is outside {EARLIEST.year} to {LATEST.year}: a slip of the pen?",
        )
    return day


def read_span(row: Row, first: str, last: str) -> tuple[dt.date, dt.date] | None:
    """Return a first and a last day, None if both fields are empty."""
    begins, ends = read_day(row, first), read_day(row, last)
    if begins is None and ends is None:
        return None
    if begins is None or ends is None:
        raise row.fail(
            first if begins is None else last,
            "is empty, yet the other end is given; a known day is both.",
        )
    if ends < begins:
        raise row.fail(last, f"{ends} is before {first} {begins}.")
    return begins, ends


def read_period(row: Row) -> tuple[dt.date, dt.date]:
    """Return the span of a fact, checked against the kind of period it names."""
    row.filled("period_start")
    span = read_span(row, "period_start", "period_end")
    assert span is not None
    kind = row.one_of("period", tuple(PERIOD_DAYS))
    days = (span[1] - span[0]).days + 1
    shortest, longest = PERIOD_DAYS[kind]
    if not shortest <= days <= longest:
        raise row.fail(
            "period",
            f"is {kind}, yet {span[0]} to {span[1]} are {days} days "
            f"({shortest} to {longest} expected).",
        )
    label = row["fiscal"]
    if label and (
        not _FISCAL.fullmatch(label) or kind != ("quarter" if "Q" in label else "year")
    ):
        raise row.fail(
            "fiscal", f"{label!r} is not FY2025 for a year or FY2025 Q1 for a quarter."
        )
    return span


def read_rounding(row: Row, value: float) -> float:
    """Return the step to which a value is given, NaN if there is no value."""
    rounded_to = read_positive(row, "rounded_to")
    if math.isnan(value) != math.isnan(rounded_to):
        raise row.fail("rounded_to", "goes with a value: give both or neither.")
    return rounded_to


@dataclass(frozen=True)
class Amount:
    """An amount that accrues over a span of days.

    Parameters
    ----------
    row : Row
        Where it is from.
    start, end : date
        First and last day.
    value : float
        The amount.
    rounded_to : float
        Step to which it is given.
    """

    row: Row = field(compare=False)
    start: dt.date
    end: dt.date
    value: float
    rounded_to: float


def amount_of(row: Row, record: dict[str, Any], name: str) -> Amount:
    """Return the amount that a checked row states in its field ``name``."""
    return Amount(
        row,
        record["period_start"],
        record["period_end"],
        record[name],
        record["rounded_to"],
    )


def check_sums(amounts: Sequence[Amount], name: str) -> None:
    """Check that parts add up to the whole wherever they cover all of it.

    Parameters
    ----------
    amounts : sequence of Amount
        All of the same thing.
    name : str
        Field that holds the value.

    Raises
    ------
    DataError
        If a year, half or nine months differs from the sum of its parts by more
        than rounding allows.
    """
    for whole in amounts:
        inside = [
            part
            for part in amounts
            if part != whole and whole.start <= part.start and part.end <= whole.end
        ]
        for parts in _tilings(whole.start, whole.end, inside):
            total = math.fsum(part.value for part in parts)
            slack = math.fsum(a.rounded_to for a in (whole, *parts)) / 2
            if abs(total - whole.value) > slack + 1e-9:
                numbers = ", ".join(str(part.row.number) for part in parts)
                raise whole.row.fail(
                    name,
                    f"is {whole.value:.10g}, yet the parts in rows {numbers} add up to "
                    f"{total:.10g}; rounding allows {slack:g}.",
                )


def _tilings(
    start: dt.date, end: dt.date, parts: Sequence[Amount]
) -> Iterator[tuple[Amount, ...]]:
    """Yield each way to cover a span by parts that follow one another."""
    for part in parts:
        if part.start != start:
            continue
        if part.end == end:
            yield (part,)
        else:
            following = part.end + dt.timedelta(days=1)
            for rest in _tilings(following, end, parts):
                yield (part, *rest)


def frame_of(
    records: Sequence[dict[str, Any]],
    columns: Sequence[str],
    value: str,
    verified_only: bool,
) -> pd.DataFrame:
    """Return checked rows as a table, with values not verified blanked if asked."""
    import pandas as pd

    table = pd.DataFrame(records, columns=columns)
    for name in ("period_start", "period_end"):
        table[name] = pd.to_datetime(table[name]).dt.as_unit("ns")
    if verified_only:
        table.loc[table["verification"] != "verified", [value, "rounded_to"]] = math.nan
    return table
