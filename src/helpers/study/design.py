"""A study but for its events: model, windows and the samples they apply to."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from numbers import Real

import pandas as pd

from helpers.errors import StudyError
from helpers.study.checks import Mask, per_symbol, require_columns
from helpers.study.fit import Design
from helpers.study.frames import check_frame, check_numbers, check_returns, return_kind
from helpers.study.models import MODELS, NormalModel
from helpers.study.samples import build_samples
from helpers.study.volatility import VolatilityDesign
from helpers.study.windows import Windows

# Far above any year's rate: 0.2 % a day is 65 % a year.
HIGHEST_DAILY_RATE = 0.002
LARGEST_FACTOR = 1.0


@dataclass(frozen=True)
class Choices:
    """What the user may choose of a study besides its events and windows.

    Attributes are the arguments of :func:`helpers.event_study` by their names.
    """

    model: str = "market"
    benchmark: str | Mapping[str, str] | None = None
    mask: Mask | None = None
    sector: str | Mapping[str, str] | None = None
    factors: pd.DataFrame | Sequence[str] | None = None
    lags: Sequence[int] = (-1, 0, 1)
    max_missing: float = 0.1
    min_observations: int = 30

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise StudyError(
                f"No model {self.model!r}: choose one of {', '.join(MODELS)}."
            )
        if not _is_number(self.max_missing) or not 0 <= self.max_missing < 1:
            raise StudyError(
                f"max_missing is a share from 0 to below 1, not {self.max_missing!r}."
            )
        if not _is_number(self.min_observations):
            raise StudyError(
                f"min_observations is a number, not {self.min_observations!r}."
            )


def build_design(
    returns: pd.DataFrame,
    symbols: Sequence[str],
    windows: Windows,
    choices: Choices,
    *,
    measure: str = "return",
    trusted: bool = False,
) -> tuple[Design, list[str]]:
    """Set a study up: the samples, and the names of the loadings.

    `trusted` says that the table was looked at as it came in, by
    :func:`check_frame` and :func:`check_returns` or the like.
    """
    chosen = MODELS[choices.model]
    if not trusted:
        check_frame(returns)
    require_columns(returns, symbols, "symbol")
    explained: dict[str, list[str]] = {symbol: [] for symbol in symbols}
    benchmarks: dict[str, str] = {}
    names: list[str] = []
    columns: list[str] = []
    excess_of = None
    if "benchmark" in chosen.needs or choices.benchmark is not None:
        benchmarks = per_symbol(choices.benchmark, symbols, "benchmark")
        require_columns(returns, dict.fromkeys(benchmarks.values()), "benchmark")
    if "benchmark" in chosen.needs:
        names.append("beta")
        for symbol, market in benchmarks.items():
            if symbol == market:
                raise StudyError(
                    f"{symbol!r} cannot be its own benchmark: its abnormal return "
                    "would be zero by construction."
                )
            explained[symbol].append(market)
    if "sector" in chosen.needs:
        sectors = per_symbol(choices.sector, symbols, "sector")
        require_columns(returns, dict.fromkeys(sectors.values()), "sector")
        names.append("beta_sector")
        for symbol, group in sectors.items():
            if symbol == group or group in explained[symbol]:
                raise StudyError(f"{group!r} stands twice in the model of {symbol!r}.")
            explained[symbol].append(group)
    if "factors" in chosen.needs:
        returns, columns, excess_of = _with_factors(returns, chosen, choices.factors)
        names.extend(f"beta_{name}" for name in columns)
        for symbol in symbols:
            if symbol in columns:
                raise StudyError(f"{symbol!r} is one of the factors that explain it.")
            explained[symbol].extend(columns)
    used = dict.fromkeys([*symbols, *chain(*explained.values()), *benchmarks.values()])
    kept = [*used, *([excess_of] if excess_of else [])]
    if kept != list(returns.columns):
        returns = returns[kept]
    if not trusted:
        # Factors and a rate are no returns, and were looked at as they came in.
        check_returns(
            returns, [name for name in kept if name not in {*columns, excess_of}]
        )
    lags: tuple[int, ...] = ()
    markets: dict[str, list[str]] = {symbol: [] for symbol in symbols}
    if chosen.lagged:
        lags = _check_lags(choices.lags)
        names = [f"beta({lag:+d})" if lag else "beta(0)" for lag in lags]
    else:
        for symbol in symbols:
            # A model without a market still counts sessions as one with it does.
            own = [benchmarks[symbol]] if benchmarks else []
            markets[symbol] = list(dict.fromkeys(own + explained[symbol]))
    samples = build_samples(
        returns,
        symbols,
        explained,
        markets=markets,
        excess_of=excess_of,
        lags=lags,
        mask=choices.mask,
    )
    # Four degrees of freedom are the fewest with which every test has a value.
    least = max(int(choices.min_observations), len(names) + 5)
    design = (VolatilityDesign if measure == "volatility" else Design)(
        model=chosen,
        windows=windows,
        samples=samples,
        max_missing=choices.max_missing,
        min_observations=least,
        kind=return_kind(returns),
        measure=measure,
    )
    return design, names


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and value == value


def _check_lags(lags: Sequence[int]) -> tuple[int, ...]:
    """Return `lags` as distinct whole sessions, or say that they are not."""
    try:
        chosen = tuple(operator.index(lag) for lag in lags)
    except TypeError:
        chosen = ()
    if not chosen or len(set(chosen)) != len(chosen):
        raise StudyError(
            f"lags {lags!r} must be distinct whole sessions such as (-1, 0)."
        )
    return chosen


def _with_factors(
    returns: pd.DataFrame,
    model: NormalModel,
    factors: pd.DataFrame | Sequence[str] | None,
) -> tuple[pd.DataFrame, list[str], str | None]:
    """Returns with the factor columns beside them, their names, and the rate."""
    if factors is None:
        raise StudyError(
            f"The model {model.name!r} needs factors: a frame such as "
            "helpers.load_factors('ff5'), or names of columns of the returns."
        )
    if not isinstance(factors, pd.DataFrame):
        names = [factors] if isinstance(factors, str) else list(factors)
        if model.factor_columns:
            raise StudyError(f"{model.name!r} takes its factors from a DataFrame.")
        if not names:
            raise StudyError("The model 'factors' was given no factor.")
        require_columns(returns, names, "factor")
        check_numbers(returns, names, "Factors")
        return returns, names, None
    names = list(model.factor_columns or factors.columns.drop("rf", errors="ignore"))
    if not names:
        raise StudyError("The frame of factors has no column but the rate 'rf'.")
    has_rate = "rf" in factors.columns or bool(model.factor_columns)
    wanted = [*names, "rf"] if has_rate else names
    check_frame(factors, "Factors")
    require_columns(factors, wanted, "factor")
    check_numbers(factors, wanted, "Factors")
    clash = [name for name in wanted if name in returns.columns]
    if clash:
        raise StudyError(f"Returns and factors both have a column {clash[0]!r}.")
    in_percent = "factors must be decimal (0.01 is 1 %), published ones are in percent."
    if has_rate and factors["rf"].abs().max() > HIGHEST_DAILY_RATE:
        raise StudyError(
            f"The rate 'rf' exceeds {HIGHEST_DAILY_RATE:.1%} a day: {in_percent}"
        )
    if model.factor_columns and factors[names].abs().max().max() > LARGEST_FACTOR:
        raise StudyError(
            f"A factor moves by more than {LARGEST_FACTOR:.0%} a day: {in_percent}"
        )
    joined = returns.join(factors[wanted])
    joined.attrs = dict(returns.attrs)
    return joined, names, "rf" if has_rate else None
