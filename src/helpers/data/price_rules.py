"""The rules that every price file must keep, and reading a file by them.

The importer, the loader and the verifier all use these functions, so a fault
that one of them refuses cannot pass the others.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.data.faults import Fault
from helpers.data.text_tables import iso_dates

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

PRICE_COLUMNS = [
    "date",
    "close",
    "adj_close",
    "volume",
    "sources_agree",
    "sources_differ",
]

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
    """

    file: str
    kind: str
    max_move: float
    sessions: pd.DatetimeIndex
    gaps: Sequence[Mapping[str, Any]]
    moves: Sequence[Mapping[str, Any]]


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
    table, faults = _parse(content, expected.file)
    if not faults:
        faults = [
            *_check_values(table, expected),
            *_check_sessions(table, expected),
            *_check_moves(table, expected),
            *_check_adjustment(table, expected),
        ]
    return table, sorted(faults, key=lambda fault: fault.row or 0)


def _parse(content: bytes, file: str) -> tuple[pd.DataFrame, list[Fault]]:
    import pandas as pd

    nothing = pd.DataFrame(columns=PRICE_COLUMNS[1:], dtype=float)
    header = content.partition(b"\n")[0].decode("utf-8", "replace").strip()
    if header != ",".join(PRICE_COLUMNS):
        problem = f"columns must be {', '.join(PRICE_COLUMNS)}."
        return nothing, [Fault(file, problem, row=1)]
    quick = _parse_sound(content)
    if quick is not None:
        return quick, _check_order(quick.index, file)
    try:
        table = pd.read_csv(
            io.BytesIO(content),
            dtype=dict.fromkeys(PRICE_COLUMNS[1:], float) | {"date": str},
            na_values=[""],
            keep_default_na=False,
        )
    except ValueError:
        return nothing, _unreadable_cells(content, file)
    if table.empty:
        return nothing, [Fault(file, "has no rows.", row=1)]
    dates = iso_dates(table["date"])
    faults = [
        Fault(
            file,
            f"{table['date'].iloc[i]!r} is not a date (YYYY-MM-DD).",
            i + 2,
            "date",
        )
        for i in dates.isna().to_numpy().nonzero()[0].tolist()
    ]
    table = table.drop(columns="date")
    table.index = pd.DatetimeIndex(dates, name="session")
    return table, faults or _check_order(table.index, file)


def _parse_sound(content: bytes) -> pd.DataFrame | None:
    """Return the table if every cell can be read, a tenth of the time of pandas."""
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
    dates = cells["date"]
    if cells.num_rows == 0 or dates.null_count:
        return None
    index = pd.DatetimeIndex(dates.to_numpy().astype("M8[ns]"), name="session")
    numbers = {name: cells[name].to_numpy() for name in PRICE_COLUMNS[1:]}
    return pd.DataFrame(numbers, index=index)


def _unreadable_cells(content: bytes, file: str) -> list[Fault]:
    faults = []
    lines = content.decode("utf-8", "replace").splitlines()
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split(",")
        if len(cells) != len(PRICE_COLUMNS):
            problem = f"has {len(cells)} values, not {len(PRICE_COLUMNS)}."
            faults.append(Fault(file, problem, row=number))
            continue
        for field, cell in zip(PRICE_COLUMNS[1:], cells[1:], strict=True):
            try:
                float(cell or 0)
            except ValueError:
                faults.append(Fault(file, f"{cell!r} is not a number.", number, field))
    return faults or [Fault(file, "cannot be read as CSV.")]


def _check_order(dates: pd.DatetimeIndex, file: str) -> list[Fault]:
    faults = []
    steps = dates.to_numpy()[1:] - dates.to_numpy()[:-1]
    for i in (steps.astype("int64") <= 0).nonzero()[0].tolist():
        what = (
            "occurs twice" if dates[i] == dates[i + 1] else "comes after a later date"
        )
        problem = f"{dates[i + 1]:%Y-%m-%d} {what}."
        faults.append(Fault(file, problem, row=i + 3, field="date"))
    return faults


def _check_values(table: pd.DataFrame, expected: Expected) -> list[Fault]:
    import numpy as np

    faults = []

    def add(bad: np.ndarray, field: str, problem: str) -> None:
        for i in bad.nonzero()[0].tolist():
            value = table[field].iloc[i]
            said = problem.format("empty" if np.isnan(value) else f"{value:g}")
            faults.append(Fault(expected.file, said, row=i + 2, field=field))

    for field, may_be_empty in (
        ("adj_close", False),
        ("close", True),
        ("volume", True),
    ):
        values = table[field].to_numpy()
        empty = np.isnan(values)
        bad = ~(np.isfinite(values) & (values > 0)) & ~(empty & may_be_empty)
        what = "a session without trade is a gap" if field == "volume" else "no price"
        add(bad, field, "is {}: must be above zero (" + what + ").")
    for field in ("sources_agree", "sources_differ"):
        values = table[field].to_numpy()
        bad = ~((values >= 0) & (values == np.floor(values)))
        add(bad, field, "is {}: must be a count.")
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
    rounding = HALF_UNIT / close
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
