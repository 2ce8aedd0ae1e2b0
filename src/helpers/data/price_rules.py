"""The rules that every price file must keep, and reading a file by them.

The loader, the verifier and the refresh all use these functions, so a fault that
one of them refuses cannot pass the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from helpers.data.faults import Fault
from helpers.data.schema import Table, count, day, number, parse

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FIRST_YEAR, LAST_YEAR = 1950, 2100

PRICES = Table(
    "prices/SYMBOL.csv",
    {
        "date": day(required=True, since=FIRST_YEAR, until=LAST_YEAR),
        "close": number(above=0),
        "adj_close": number(above=0, required=True),
        "volume": number(above=0),  # a session without trade is a gap
        "sources_agree": count(0),
        "sources_differ": count(0),
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


@dataclass(frozen=True)
class Expected:
    """What a price file is checked against.

    Parameters
    ----------
    file : str
        Path below the data folder.
    kind : str
        share, etf or index.
    max_move : float
        Largest one-day return, as a decimal, that needs no recorded reason.
    sessions : DatetimeIndex
        All sessions of the exchange.
    gaps : sequence of mapping
        ``first``, ``last``, ``kind``, ``reason`` of stretches without a price.
    moves : sequence of mapping
        ``date`` and ``value`` of recorded large moves.
    close_unit : float
        By how much a close may be off by rounding.
    """

    file: str
    kind: str
    max_move: float
    sessions: pd.DatetimeIndex
    gaps: Sequence[Mapping[str, Any]]
    moves: Sequence[Mapping[str, Any]]
    close_unit: float = HALF_UNIT


def read_prices(content: bytes, expected: Expected) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a price file and check it.

    Parameters
    ----------
    content : bytes
        The file's content.
    expected : Expected
        What it is checked against.

    Returns
    -------
    table : DataFrame
        Indexed by date, the file's other columns as floats; without rows if the
        content cannot be read.
    faults : list of Fault
        What is wrong, in the order of rows.
    """
    import pandas as pd

    table = _sound_cells(content)
    if table is None:
        rows, faults = parse(PRICES, content)
        if faults:
            faults = [replace(fault, file=expected.file) for fault in faults]
            return pd.DataFrame(columns=PRICE_COLUMNS[1:], dtype=float), faults
        table = PRICES.frame(rows).set_index("date").rename_axis("session")
    faults = _check_order(table.index, expected.file) or [
        *_check_sessions(table, expected),
        *_check_moves(table, expected),
        *_check_adjustment(table, expected),
    ]
    return table, sorted(faults, key=lambda fault: fault.row or 0)


def _sound_cells(content: bytes) -> pd.DataFrame | None:
    """Return the table if no cell breaks a rule: a tenth of the time of telling which.

    All that it lets pass keeps the rules of :data:`PRICES`.
    """
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from pyarrow import csv

    types = dict.fromkeys(PRICE_COLUMNS[1:], pa.float64()) | {"date": pa.date32()}
    try:
        cells = csv.read_csv(
            pa.BufferReader(content),
            read_options=csv.ReadOptions(use_threads=False),
            convert_options=csv.ConvertOptions(column_types=types, null_values=[""]),
        )
    except pa.ArrowInvalid:
        return None
    if cells.column_names != PRICE_COLUMNS or not len(cells) or cells[0].null_count:
        return None
    days = cells[0].to_numpy()
    years = (np.datetime64(str(year)) for year in (FIRST_YEAR, LAST_YEAR + 1))
    if not (next(years) <= days.min() and days.max() < next(years)):
        return None
    numbers = {name: cells[name].to_numpy() for name in PRICE_COLUMNS[1:]}
    for name, values in numbers.items():
        if PRICES.columns[name].required:
            sound = np.isfinite(values)
        else:
            sound = ~np.isinf(values)
        if name.startswith("sources"):
            sound &= (values >= 0) & (values == np.floor(values))
        else:
            sound &= ~(values <= 0)
        if not sound.all():
            return None
    index = pd.DatetimeIndex(days.astype("M8[ns]"), name="session")
    return pd.DataFrame(numbers, index=index)


def _check_order(dates: pd.DatetimeIndex, file: str) -> list[Fault]:
    steps = dates.to_numpy()[1:] - dates.to_numpy()[:-1]
    faults = []
    for i in (steps.astype("int64") <= 0).nonzero()[0].tolist():
        twice = dates[i] == dates[i + 1]
        what = "occurs twice" if twice else "comes after a later date"
        problem = f"{dates[i + 1]:%Y-%m-%d} {what}."
        faults.append(Fault(file, problem, row=i + 3, field="date"))
    return faults


def _check_sessions(table: pd.DataFrame, expected: Expected) -> list[Fault]:
    import numpy as np

    # As sorted arrays of days: pandas would build an index of each file first.
    days = table.index.to_numpy().astype("datetime64[D]")
    held = expected.sessions.to_numpy().astype("datetime64[D]")
    file = expected.file
    faults = [
        Fault(
            file, f"{days[i]} was no session of the exchange.", row=i + 2, field="date"
        )
        for i in (~_among(days, held)).nonzero()[0].tolist()
    ]
    should = held[(held >= days[0]) & (held <= days[-1])]
    excused: dict[np.datetime64, Mapping[str, Any]] = {}
    for gap in expected.gaps:
        first, last = (np.datetime64(gap[end], "D") for end in ("first", "last"))
        inside = should[(should >= first) & (should <= last)]
        excused |= dict.fromkeys(inside, gap)
        if not len(inside):
            problem = (
                f"the recorded gap from {gap['first']} to {gap['last']} covers no "
                "session of this file."
            )
            faults.append(Fault(file, problem, field="date"))
    for session in should[~_among(should, days)]:
        if session not in excused:
            problem = (
                f"no row for the session {session} and no recorded reason "
                "(suspension, hole); if the exchange was closed, add it to "
                "closures.csv."
            )
            row = int(days.searchsorted(session)) + 2
            faults.append(Fault(file, problem, row=row, field="date"))
    for session, gap in excused.items():
        row = int(days.searchsorted(session))
        if days[row] == session:
            problem = f"{session} is recorded as missing ({gap['kind']}) but has a row."
            faults.append(Fault(file, problem, row=row + 2, field="date"))
    return faults


def _among(some: np.ndarray, all_of_them: np.ndarray) -> np.ndarray:
    """Tell which dates are among others; both are ascending, the others not empty."""
    at = all_of_them.searchsorted(some).clip(max=len(all_of_them) - 1)
    return all_of_them[at] == some


def _check_moves(table: pd.DataFrame, expected: Expected) -> list[Fault]:
    import numpy as np

    file = expected.file
    prices = table["adj_close"].to_numpy()
    with np.errstate(all="ignore"):  # values at fault are reported elsewhere
        moves = prices[1:] / prices[:-1] - 1
    recorded = {move["date"]: move["value"] for move in expected.moves}
    faults = []
    for i in (np.abs(moves) > expected.max_move).nonzero()[0].tolist():
        day = f"{table.index[i + 1]:%Y-%m-%d}"
        value = recorded.pop(day, None)
        if value is None:
            problem = (
                f"moves by {moves[i]:+.2%} on {day}, beyond {expected.max_move:.2%}, "
                "without a recorded reason."
            )
        elif abs(moves[i] - value) > MOVE_TOLERANCE:
            problem = (
                f"moves by {moves[i]:+.4f} on {day}, where {value:+.4f} is recorded."
            )
        else:
            continue
        faults.append(Fault(file, problem, row=i + 3, field="adj_close"))
    for day, value in recorded.items():
        problem = f"the recorded move of {value:+.2%} on {day} is not in the prices."
        faults.append(Fault(file, problem, field="adj_close"))
    return faults


def _check_adjustment(table: pd.DataFrame, expected: Expected) -> list[Fault]:
    """Compare returns of the two closes.

    The adjusted close over the close may only step up, by a distribution; an
    index pays none. Rounding of the closes is allowed for. Steps are taken
    between neighbouring rows that have both closes.
    """
    both = table["close"].notna().to_numpy()
    rows = both.nonzero()[0]
    close = table["close"].to_numpy()[rows]
    adjusted = table["adj_close"].to_numpy()[rows]
    if len(rows) == 0 or (close <= 0).any() or not (adjusted > 0).all():
        return []
    file = expected.file
    ratio = adjusted / close
    rounding = expected.close_unit / close
    faults = []
    level = (ratio > 1 + rounding + 1e-5) | (ratio < SMALLEST_ADJUSTMENT)
    if level.any():
        i = int(level.argmax())
        problem = (
            f"{close[i]:g} and the adjusted close {adjusted[i]:g} are not on one "
            f"basis ({int(level.sum())} rows)."
        )
        faults.append(Fault(file, problem, row=int(rows[i]) + 2, field="close"))
    step = ratio[1:] / ratio[:-1] - 1
    allowed = rounding[1:] + rounding[:-1] + 1e-5
    neighbours = rows[1:] - rows[:-1] == 1
    upper = allowed if expected.kind == "index" else LARGEST_DISTRIBUTION
    bad = neighbours & ((step < -allowed) | (step > upper))
    for i in bad.nonzero()[0].tolist():
        problem = (
            f"the returns of close and adj_close differ by {step[i]:+.2%} on "
            f"{table.index[rows[i + 1]]:%Y-%m-%d}, which no distribution explains."
        )
        faults.append(Fault(file, problem, row=int(rows[i + 1]) + 2, field="close"))
    return faults
