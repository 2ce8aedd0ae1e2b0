"""A grid of defensible choices, each combination of them once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import product
from typing import Any, TypeAlias

import pandas as pd

from helpers.errors import StudyError
from helpers.study.checks import Mask, plain_dates
from helpers.study.frames import RETURN_KINDS
from helpers.study.models import MODELS
from helpers.study.windows import Window, check_window

Market: TypeAlias = str | Mapping[str, str]
Markets: TypeAlias = Sequence[str] | Mapping[str, Market]

GRID_MODELS = (
    "market",
    "market_sector",
    "market_zero_alpha",
    "market_sector_zero_alpha",
    "market_adjusted",
    "mean",
    "dimson",
)
NONE = "none"


@dataclass(frozen=True)
class Specification:
    """One combination of choices, each by its label.

    Attributes
    ----------
    model : str
    benchmark, sector : str
        Labels of the grid; "none" where the model has no use for one.
    estimation, window : (int, int)
        Sessions relative to day 0, inclusive.
    mask, kind, day0 : str
        Labels of the mask, the kind of return and the rule for day 0.
    """

    model: str
    benchmark: str
    sector: str
    estimation: Window
    mask: str
    window: Window
    kind: str
    day0: str


DIMENSIONS = tuple(each.name for each in fields(Specification))


@dataclass(frozen=True)
class Grid:
    """Choices of an event study; the first of each is the primary one.

    Parameters
    ----------
    benchmarks : sequence of str, or mapping of label to str or mapping
        Columns of the returns, each a market of its own; under a label also a
        mapping of symbol to market.
    sectors : the same
        Second regressors of the models with "sector", which are left out where
        there are none.
    models : sequence of str
        market, market_sector, the two with ``_zero_alpha``, market_adjusted, mean,
        dimson.
    estimations, windows : sequences of (int, int)
        Estimation and event windows, sessions relative to day 0, inclusive.
    masks : mapping of label to mask
        Sessions kept out of estimation, as ``event_study`` takes them, or None.
    kinds : sequence of {"simple", "log"}
    day0s : mapping of label to int
        Sessions to add to each event's day 0: 0 for the ledger's rule, 1 for
        the next session, where a source that gives a date only would place it.
    lags, max_missing, min_observations
        As for ``event_study``, the same in all specifications.

    Raises
    ------
    StudyError
        If a choice is empty, unknown or given twice.

    Examples
    --------
    >>> grid = Grid(["^GSPC", "^SOX"], sectors=["^SOX"], windows=[(0, 1)])
    >>> sum(1 for _ in grid.specifications())
    88
    >>> next(grid.specifications()).window
    (0, 1)
    """

    benchmarks: Markets
    sectors: Markets = ()
    models: Sequence[str] = ("market", "market_sector", "market_adjusted", "mean")
    estimations: Sequence[Window] = (
        (-120, -11),
        (-60, -11),
        (-250, -11),
        (-120, -21),
        (-250, -31),
    )
    windows: Sequence[Window] = ((0, 1), (0, 0), (-1, 1), (0, 2), (0, 5), (-5, 5))
    masks: Mapping[str, Mask | None] = field(
        default_factory=lambda: {"all sessions": None}
    )
    kinds: Sequence[str] = RETURN_KINDS
    day0s: Mapping[str, int] = field(
        default_factory=lambda: {"as placed": 0, "next session": 1}
    )
    lags: Sequence[int] = (-1, 0, 1)
    max_missing: float = 0.1
    min_observations: int = 30

    def __post_init__(self) -> None:
        for name in ("models", "estimations", "windows", "kinds"):
            chosen = getattr(self, name)
            if isinstance(chosen, str):
                raise StudyError(f"The grid's {name} are a text: give a list of them.")
            object.__setattr__(self, name, tuple(chosen))
        for name, what in (("estimations", "Estimation"), ("windows", "Event")):
            given = getattr(self, name)
            object.__setattr__(
                self, name, tuple(check_window(each, what) for each in given)
            )
        for name in ("benchmarks", "sectors"):
            object.__setattr__(self, name, _labelled(getattr(self, name), name))
        for name, known in (("models", GRID_MODELS), ("kinds", RETURN_KINDS)):
            for each in getattr(self, name):
                if each not in known:
                    raise StudyError(
                        f"The grid's {name} hold {each!r}: choose from "
                        f"{', '.join(known)}."
                    )
        for name in ("models", "estimations", "windows", "kinds", "masks", "day0s"):
            chosen = tuple(getattr(self, name))
            if not chosen:
                raise StudyError(f"The grid has no {name}: give at least one.")
            if len(set(chosen)) != len(chosen):
                raise StudyError(f"The grid's {name} hold the same one twice.")
        for label, shift in self.day0s.items():
            if not isinstance(shift, int) or isinstance(shift, bool):
                raise StudyError(
                    f"The grid's day0s {label!r} is {shift!r}, not a whole number of "
                    "sessions."
                )
        if not any(True for _ in self.specifications()):
            raise StudyError(
                "The grid is empty: its models need a benchmark or a sector, and none "
                "is given."
            )

    def specifications(self) -> Iterator[Specification]:
        """Every combination that differs from those before it, the primary first.

        What a model has no use for is no choice: a mean-adjusted return has no
        benchmark, and a market-adjusted one nothing to estimate, so that its
        CAR depends on neither estimation window nor mask, and on day 0 and
        window only by the sessions that they add up to. Of windows that leave
        no room for an estimation window before them there is none.
        """
        seen = set()
        sectors = (NONE, *self.sectors)
        benchmarks = (NONE, *self.benchmarks)
        for model, benchmark, sector, estimation, mask, window, kind, day0 in product(
            self.models,
            benchmarks,
            sectors,
            self.estimations,
            self.masks,
            self.windows,
            self.kinds,
            self.day0s,
        ):
            needs = MODELS[model].needs
            if ("benchmark" in needs) != (benchmark != NONE):
                continue
            if ("sector" in needs) != (sector != NONE):
                continue
            if sector != NONE and self._same(benchmark, sector):
                continue
            if estimation[1] >= window[0]:
                continue
            found = Specification(
                model, benchmark, sector, estimation, mask, window, kind, day0
            )
            key = self._key(found)
            if key not in seen:
                seen.add(key)
                yield found

    def market(self, label: str) -> Market:
        """The benchmark that a label of the grid stands for."""
        return _labelled(self.benchmarks, "benchmarks")[label]

    def sector(self, label: str) -> Market:
        """The sector that a label of the grid stands for."""
        return _labelled(self.sectors, "sectors")[label]

    def columns(self) -> Iterator[str]:
        """Columns of the returns that its markets and sectors are."""
        for given, name in ((self.benchmarks, "benchmarks"), (self.sectors, "sectors")):
            for market in _labelled(given, name).values():
                yield from [market] if isinstance(market, str) else market.values()

    def _same(self, benchmark: str, sector: str) -> bool:
        return self.market(benchmark) == self.sector(sector)

    def _key(self, one: Specification) -> tuple[object, ...]:
        """What its estimate depends on."""
        shift = self.day0s[one.day0]
        if one.model == "market_adjusted":
            days = (one.window[0] + shift, one.window[1] + shift)
            return (one.model, one.benchmark, one.kind, days)
        return (*(getattr(one, name) for name in DIMENSIONS[:-1]), shift)


def _labelled(given: Markets, name: str) -> dict[str, Market]:
    """Markets by label; a column is its own label."""
    if isinstance(given, str):
        given = [given]
    if isinstance(given, Mapping):
        out = dict(given)
    else:
        out = {each: each for each in given}
        if len(out) != len(list(given)):
            raise StudyError(f"The grid's {name} hold the same one twice.")
    if NONE in out:
        raise StudyError(f"The grid's {name} are labelled {NONE!r}: choose another.")
    return out


def default_grid(
    returns: pd.DataFrame, events: pd.DataFrame, exclude: Iterable[Any] = ()
) -> Grid:
    """The grid where none is given, from the columns of the returns.

    Every column without events is a market, the first one the primary; those
    after it are sectors too. Where `exclude` is given, those sessions are a mask.
    """
    shares = list(dict.fromkeys(events["symbol"]))
    markets = [str(name) for name in returns.columns if name not in shares]
    if not markets:
        raise StudyError(
            "The returns hold no market beside the shares under study: add the "
            "column of one, or give a grid."
        )
    masks: dict[str, Any] = {"all sessions": None}
    dates = plain_dates(exclude, "exclude").dropna()
    if len(dates):
        masks["without excluded sessions"] = dict.fromkeys(shares, dates)
    return Grid(markets, sectors=markets[1:], masks=masks)
