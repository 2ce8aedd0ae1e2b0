"""Groups of shares, and what each claim of the article stands on: legs and criteria.

All are tables that people keep by hand: a claim says there, and nowhere else, which
instruments, announcements, sign and window would bear it out; of a claim about the
future, which figure by which day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data import schema
from helpers.data.event_rules import CLAIMS, EVENT_TYPES, EVENTS, known_symbols
from helpers.data.files import data_dir
from helpers.data.instruments import load_instruments, unknown, unknown_symbol
from helpers.data.ledger import load_claims, load_ledger
from helpers.data.schema import Finding, Problem, Row, Table
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("car", "correlation", "mean return", "bars")
SIGNS = ("+", "-", "sign_nvda_thesis", "sign_cn_thesis", "sign_cn_conventional")
MODELS = (
    "market",
    "market_adjusted",
    "market_sector",
    "market_zero_alpha",
    "market_sector_zero_alpha",
    "mean",
)
_OF_PRICES = ("group", "measure", "sign", "model", "masked")

GROUPS = Table(
    "groups.csv",
    {
        "group": schema.text(required=True),
        "symbols": schema.reference(
            known_symbols, "a symbol of instruments.csv", several=True
        ),
        "benchmark": schema.reference(known_symbols, "a symbol of instruments.csv"),
        "note": schema.text(),
    },
    [("group",)],
)


def _check_leg(row: Row) -> Iterator[Problem]:
    for column in _OF_PRICES if row["kind"] == "prices" else ():
        if not row.has(column):
            yield column, "is empty, which a leg of prices needs."


def _check_legs(rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
    known = set(EVENTS.keys(folder)) | {f"type:{one}" for one in EVENT_TYPES}
    for row in rows:
        for one in row["events"] if row["kind"] == "prices" else ():
            if one not in known:
                yield row, "events", unknown(one, sorted(known), "event")


LEGS = Table(
    "claim_legs.csv",
    {
        "claim_id": schema.reference(CLAIMS.keys, "a claim of claims.csv"),
        "leg_id": schema.text(required=True),
        "kind": schema.word("prices", "figures", "documents"),
        "statement": schema.text(required=True),
        "group": schema.reference(GROUPS.keys, "a group of groups.csv", required=False),
        "benchmark": schema.text(),
        "model": schema.word(*MODELS, required=False),
        "masked": schema.word("yes", "no", required=False),
        "events": schema.listed(),
        "sign": schema.word(*SIGNS, required=False),
        "first": schema.number(),
        "last": schema.number(),
        "measure": schema.word(*MEASURES, required=False),
        "smallest": schema.number(above=0),
        "smallest_reason": schema.text(),
        "decides": schema.word("yes", "no"),
        "notebook": schema.text(required=True),
    },
    [("claim_id", "leg_id")],
    _check_leg,
    _check_legs,
)


def _check_criterion(row: Row) -> Iterator[Problem]:
    yield from schema.span(row, "base_first", "base_last")
    yield from schema.span(row, "later_first", "later_last")
    yield from schema.pair(row, "entity", "metric")
    if row.is_before("later_first", "base_last"):
        yield "later_first", "is before the end of what it is held against."


CRITERIA = Table(
    "criteria.csv",
    {
        "criterion_id": schema.key(),
        "claim_id": schema.reference(CLAIMS.keys, "a claim of claims.csv"),
        "label": schema.text(required=True),
        "question": schema.text(required=True),
        "measure": schema.word("ratio", "difference", "count", "t statistic"),
        "entity": schema.text(),
        "metric": schema.text(),
        "base_first": schema.day(),
        "base_last": schema.day(),
        "later_first": schema.day(required=True),
        "later_last": schema.day(required=True),
        "met_from": schema.number(required=True),
        "turned_from": schema.number(),
        "rising": schema.word("yes", "no"),
        "open": schema.word("yes", "no"),
        "why": schema.text(required=True),
        "source": schema.text(required=True),
    },
    [("criterion_id",)],
    _check_criterion,
)

Groups = str | Iterable[str] | Mapping[str, Iterable[str] | None]


def load_groups(groups: Groups | None = None) -> pd.DataFrame:
    """Return groups of shares, by name or put together by the caller.

    Parameters
    ----------
    groups : str, list of str or mapping, optional
        Names of ``groups.csv``, or a mapping of names of one's own to symbols; a
        name mapped to None is that of the table. Default: every group.

    Returns
    -------
    DataFrame
        Indexed by ``group`` in the order given: ``symbols`` (tuple),
        ``benchmark`` (symbol of the market that its members are held against)
        and ``note``.

    Raises
    ------
    DataError
        If a group or symbol is unknown, a group is empty, or its members are
        held against different markets.

    Examples
    --------
    >>> load_groups({"Nvidia": None, "my memory": ["MU"]})["benchmark"].tolist()
    ['^GSPC', '^GSPC']
    """
    import pandas as pd

    known = GROUPS.frame(GROUPS.read(data_dir())).set_index("group")
    if groups is None:
        groups = known.index
    elif isinstance(groups, str):
        groups = [groups]
    asked: Mapping[str, Iterable[str] | None] = (
        groups if isinstance(groups, Mapping) else dict.fromkeys(groups)
    )
    if not asked:
        raise DataError(f"No group was given: name one of {', '.join(known.index)}.")
    rows: dict[str, dict[str, Any]] = {}
    for name, members in asked.items():
        if members is None:
            if name not in known.index:
                raise DataError(unknown(name, list(known.index)))
            rows[str(name)] = known.loc[name].to_dict()
        else:
            symbols = (members,) if isinstance(members, str) else tuple(members)
            if name in known.index and symbols != known.at[name, "symbols"]:
                raise DataError(
                    f"{name!r} is a group of groups.csv with other members: give yours "
                    "another name."
                )
            rows[str(name)] = {
                "symbols": symbols,
                "benchmark": _common_market(str(name), symbols),
                "note": "",
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def load_claim_legs(claim_id: str | None = None) -> pd.DataFrame:
    """Return what each claim stands on: its legs of prices, figures and documents.

    Parameters
    ----------
    claim_id : str, optional
        One claim; default all.

    Returns
    -------
    DataFrame
        Indexed by (``claim_id``, ``leg_id``): ``kind``, ``statement`` (what it
        would show), ``decides`` (bool: whether it counts for the verdict or stands
        beside it) and ``notebook``; of a leg of prices also ``group``,
        ``benchmark`` (symbol, or the name of a group), ``model``, ``masked`` (bool:
        whether other news is kept out of estimation), ``events`` (as
        written), ``sign``, ``first`` and ``last`` (sessions from day 0; NaN where
        it has no such window), ``measure``, ``smallest`` (smallest effect that
        would matter, NaN for the rule) and ``smallest_reason``.

    Raises
    ------
    DataError
        If the claim is unknown or the table breaks a rule of the codebook.

    Examples
    --------
    >>> load_claim_legs("nvidia-dip")["sign"].unique().tolist()
    ['-']
    """
    rows = LEGS.read(data_dir())
    table = LEGS.frame(rows)
    table["events"] = [row.cells["events"] for row in rows]
    for column in ("decides", "masked"):
        table[column] = table[column] == "yes"
    table = table.set_index(["claim_id", "leg_id"])
    if claim_id is None:
        return table
    known = list(load_claims().index)
    if claim_id not in known:
        raise DataError(unknown(claim_id, known, "claim"))
    return table.loc[[claim_id]]


def load_criteria() -> pd.DataFrame:
    """Return the criteria by which claims about the future are read.

    Returns
    -------
    DataFrame
        Indexed by ``criterion_id``, with the columns of the codebook: ``rising`` and
        ``open`` are bool, days are Timestamps.

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook.

    Examples
    --------
    >>> load_criteria().query("open").index[:2].tolist()
    ['smic-capital-spending', 'smic-revenue']
    """
    table = CRITERIA.frame(CRITERIA.read(data_dir()))
    for name in ("rising", "open"):
        table[name] = table[name] == "yes"
    return table.set_index("criterion_id")


def leg_events(events: str, *, verified: bool = True) -> list[str]:
    """Return the events that a leg of prices names, in order of announcement.

    `events` are ids separated by ";"; ``type:control`` stands for all announcements of
    that type by the US government, any other ``type:…`` for all of it. ``DataError`` if
    one is unknown. `verified` leaves out those that are not.
    """
    ledger = load_ledger()
    wanted: set[str] = set()
    for token in filter(None, (part.strip() for part in events.split(";"))):
        kind, _, value = token.partition(":")
        if kind == "type" and value in EVENT_TYPES:
            chosen = ledger["type"] == value
            if value in ("control", "relaxation"):
                chosen &= ledger["actor"] == "us-government"
            wanted |= set(ledger.index[chosen])
        elif token in ledger.index:
            wanted.add(token)
        else:
            raise DataError(unknown(token, list(ledger.index), "event"))
    kept = ledger[ledger.index.isin(wanted)]
    if verified:
        kept = kept[kept["verification"] == "verified"]
    return list(kept.index)


def _common_market(name: str, symbols: tuple[str, ...]) -> str:
    instruments = load_instruments()
    if not symbols:
        raise DataError(f"The group {name!r} is empty: give it at least one symbol.")
    for symbol in symbols:
        if symbol not in instruments.index:
            raise DataError(unknown_symbol(symbol, list(instruments.index)))
    markets = instruments.loc[list(symbols), "benchmark"].fillna("").unique()
    if len(markets) > 1 or not markets[0]:
        raise DataError(
            f"The members of {name!r} are held against {len(markets)} markets "
            f"({', '.join(str(m) or 'none' for m in markets)}): a group needs shares "
            "of one exchange that has a market index in the data."
        )
    return str(markets[0])
