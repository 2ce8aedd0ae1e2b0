"""The rules that every price file must keep, and reading a file.

A file in force is known by its hash; the rules are for the verifier, and for the
refresh before it puts a file in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from helpers.data import schema
from helpers.data.calendars import sessions
from helpers.data.faults import Fault
from helpers.data.schema import Table, parse

if TYPE_CHECKING:
    import pandas as pd

PRICES = Table(
    "prices/SYMBOL.csv",
    {
        "date": schema.day(required=True),
        "close": schema.number(above=0),
        "adj_close": schema.number(above=0, required=True),
        "volume": schema.number(above=0),  # a session without trade is a gap
        "sources_agree": schema.count(0),
        "sources_differ": schema.count(0),
    },
    [],
)
PRICE_COLUMNS = list(PRICES.columns)

# Half a cent on each of two closes, with a little for binary fractions: closes
# come rounded to two decimals, adjusted closes to six.
HALF_UNIT = 0.0051
# A distribution larger than this share of the price is taken for an error.
LARGEST_DISTRIBUTION = 0.20
# Eight years of dividends never halve an adjusted close here; a split missing
# from one of the two columns does.
SMALLEST_ADJUSTMENT = 0.5
# Recorded moves are written to four decimals.
MOVE_TOLERANCE = 6e-5


# Line of the file, column, problem.
_Problem = tuple[int | None, str | None, str]
_Problems = Iterator[_Problem]
_Record = Mapping[str, Any]


def read_table(content: bytes) -> pd.DataFrame:
    """Return a price file by ``session``; ``ValueError`` if a cell cannot be read."""
    import pandas as pd
    import pyarrow as pa
    from pyarrow import csv

    types = dict.fromkeys(PRICE_COLUMNS[1:], pa.float64()) | {"date": pa.date32()}
    cells = csv.read_csv(
        pa.BufferReader(content),
        read_options=csv.ReadOptions(use_threads=False),
        convert_options=csv.ConvertOptions(column_types=types, null_values=[""]),
    )
    if cells.column_names != PRICE_COLUMNS:
        raise ValueError(f"columns must be {', '.join(PRICE_COLUMNS)}")
    dates = pd.DatetimeIndex(cells["date"].to_numpy(), name="session").as_unit("ns")
    numbers = {name: cells[name].to_numpy() for name in PRICE_COLUMNS[1:]}
    return pd.DataFrame(numbers, index=dates)


def _is_sound(table: pd.DataFrame) -> bool:
    """Tell whether all cells keep the rules of :data:`PRICES`."""
    prices, counts = table[PRICE_COLUMNS[1:4]], table[PRICE_COLUMNS[4:]]
    return bool(
        len(table)
        and table.index.notna().all()
        and table["adj_close"].notna().all()
        and (prices.isna() | (prices > 0) & (prices < float("inf"))).all(axis=None)
        and ((counts >= 0) & (counts % 1 == 0)).all(axis=None)
    )


def check_prices(
    file: str, content: bytes, row: _Record, entry: _Record
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a price file and check it by its instrument's row and what is recorded.

    That is ``gaps`` (first, last, kind), ``moves`` (date, value) and, of a refreshed
    file, ``factors`` and ``half_unit``. A table that cannot be read has no rows; faults
    are in the order of rows.
    """
    import pandas as pd

    problems: list[_Problem]
    try:
        table = read_table(content)
    except ValueError:
        table = pd.DataFrame(columns=PRICE_COLUMNS[1:], dtype=float)
    if _is_sound(table):  # a tenth of the time of telling which cell is at fault
        problems = [*_check_order(table)] or [
            *_check_sessions(table, row, entry),
            *_check_moves(table, row, entry),
            *_check_adjustment(table, row, entry),
        ]
    else:
        _, cells = parse(PRICES, content)
        problems = [(one.row, one.field, one.problem) for one in cells]
    problems.sort(key=lambda problem: problem[0] or 0)
    return table, [Fault(file, said, line, field) for line, field, said in problems]


def _check_order(table: pd.DataFrame) -> _Problems:
    dates = table.index
    for i in (dates[1:] <= dates[:-1]).nonzero()[0].tolist():
        twice = dates[i] == dates[i + 1]
        what = "occurs twice" if twice else "comes after a later date"
        yield i + 3, "date", f"{dates[i + 1]:%Y-%m-%d} {what}."


def _check_sessions(table: pd.DataFrame, row: _Record, entry: _Record) -> _Problems:
    days, held = table.index, sessions(row["mic"])
    should = held[held.slice_indexer(days[0], days[-1])]
    excused: dict[pd.Timestamp, str] = {}
    for gap in entry["gaps"]:
        inside = should[should.slice_indexer(gap["first"], gap["last"])]
        excused |= dict.fromkeys(inside, gap["kind"])
        if inside.empty:
            said = f"the recorded gap from {gap['first']} to {gap['last']} covers no "
            yield None, "date", f"{said}session of this file."
    problems = dict.fromkeys(days.difference(held), "was no session of the exchange.")
    for day in should.difference(days):
        if day not in excused:
            problems[day] = (
                "is a session without a row and without a recorded reason (suspension, "
                "hole); if the exchange was closed, add it to special_sessions.csv."
            )
    for day, kind in excused.items():
        if day in days:
            problems[day] = f"is recorded as missing ({kind}) but has a row."
    for day, problem in problems.items():
        yield int(days.searchsorted(day)) + 2, "date", f"{day:%Y-%m-%d} {problem}"


def _check_moves(table: pd.DataFrame, row: _Record, entry: _Record) -> _Problems:
    prices = table["adj_close"]
    moves = (prices / prices.shift() - 1).to_numpy()
    largest = float(row["max_move"])
    recorded = {move["date"]: move["value"] for move in entry["moves"]}
    for i in (abs(moves) > largest).nonzero()[0].tolist():
        day = f"{table.index[i]:%Y-%m-%d}"
        value = recorded.pop(day, None)
        if value is None:
            said = f"moves by {moves[i]:+.2%} on {day}, beyond {largest:.2%}, "
            yield i + 2, "adj_close", f"{said}without a recorded reason."
        elif abs(moves[i] - value) > MOVE_TOLERANCE:
            said = f"moves by {moves[i]:+.4f} on {day}, where {value:+.4f} is recorded."
            yield i + 2, "adj_close", said
    for day, value in recorded.items():
        said = f"the recorded move of {value:+.2%} on {day} is not in the prices."
        yield None, "adj_close", said


def _check_adjustment(table: pd.DataFrame, row: _Record, entry: _Record) -> _Problems:
    """Compare returns of the two closes.

    The adjusted close over the close may only step up, by a distribution; an
    index pays none. Rounding of the closes is allowed for. Steps are taken
    between neighbouring rows that have both closes.
    """
    close, adjusted = table["close"].to_numpy(), table["adj_close"].to_numpy()
    # A reverse split multiplies the closes, and their rounding with them.
    unit = HALF_UNIT * max(1.0, entry.get("factors", {}).get("close", 1.0))
    ratio = adjusted / close
    rounding = unit / close + entry.get("half_unit", 0.0) / adjusted
    level = (ratio > 1 + rounding + 1e-5) | (ratio < SMALLEST_ADJUSTMENT)
    if level.any():
        i = int(level.argmax())
        said = f"{close[i]:g} and the adjusted close {adjusted[i]:g} are not on one "
        yield i + 2, "close", f"{said}basis ({int(level.sum())} rows)."
    step = ratio[1:] / ratio[:-1] - 1
    allowed = rounding[1:] + rounding[:-1] + 1e-5
    upper = allowed if row["kind"] == "index" else LARGEST_DISTRIBUTION
    for i in ((step < -allowed) | (step > upper)).nonzero()[0].tolist():
        said = f"the returns of close and adj_close differ by {step[i]:+.2%} on "
        said += f"{table.index[i + 1]:%Y-%m-%d}, which no distribution explains."
        yield i + 3, "close", said
