"""The event study: one call, one result, every figure traceable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.inference.result import EventStudy
from helpers.study.checks import Mask, check_events
from helpers.study.design import Choices, build_design
from helpers.study.panel import fit_events
from helpers.study.windows import Window, Windows

__all__ = ["EventStudy", "event_study", "run_study"]


def event_study(
    returns: pd.DataFrame,
    events: pd.DataFrame,
    *,
    benchmark: str | Mapping[str, str] | None = None,
    model: str = "market",
    estimation: Window = (-120, -11),
    window: Window = (-10, 10),
    mask: Mask | None = None,
    sector: str | Mapping[str, str] | None = None,
    factors: pd.DataFrame | Sequence[str] | None = None,
    lags: Sequence[int] = (-1, 0, 1),
    max_missing: float = 0.1,
    min_observations: int = 30,
) -> EventStudy:
    """Measure abnormal returns around events.

    Parameters
    ----------
    returns : DataFrame, sessions x symbols
        Decimal returns, NaN where there is none and after a session without a
        price: see ``load_returns``. Of columns that are no instruments here,
        ``returns.attrs["exchange"] = "XNYS"`` (or a mapping by column) says whose
        sessions the rows must be; without it a missing row cannot be told.
    events : DataFrame
        Columns event_id, symbol, day0 (a session of the symbol's exchange);
        one row an event and symbol: see ``load_events``.
    benchmark : str or mapping of symbol to str
        Column of the market that explains each symbol. Sessions are counted
        with it even where the model has no use for it.
    model : str
        mean, market_adjusted, market, market_sector, market_zero_alpha,
        market_sector_zero_alpha, factors, capm, ff3, ff5, dimson,
        huber or garch. The two with zero alpha have the betas
        and residual variance of the model by that name, and leave its alpha in
        the abnormal return: beyond some ten sessions, alpha adds up to more than
        any news.
    estimation, window : (int, int)
        Estimation and event window in sessions relative to day 0, inclusive.
    mask : mapping of symbol to dates, or DataFrame with symbol and date
        Sessions to keep out of estimation, such as those of other events.
    sector : str or mapping of symbol to str
        Second regressor of the models with "sector".
    factors : DataFrame or names
        Decimal daily factors (with ``rf`` for capm, ff3, ff5), or, for the
        model "factors", names of columns of `returns`.
    lags : sequence of int
        Sessions of the benchmark that enter "dimson"; -1 is the one before. A
        foreign benchmark is compounded onto the share's own sessions.
    max_missing : float
        Largest share of the estimation sessions that may lack a return.
    min_observations : int
        Fewest estimation sessions that must be left after gaps and mask.

    Returns
    -------
    EventStudy

    Raises
    ------
    StudyError
        If returns, events or windows are malformed. An event that cannot be
        studied is no error: it stands in ``.skipped`` with the reason.

    References
    ----------
    MacKinlay, A. C. (1997), Event studies in economics and finance, Journal of
    Economic Literature 35, 13-39.

    Examples
    --------
    >>> from helpers import event_study, load_events, load_returns
    >>> events = load_events("NVDA", event_ids="deepseek-v31-domestic-chip-remark")
    >>> returns = load_returns(["NVDA", "^GSPC"])
    >>> study = event_study(returns, events, benchmark="^GSPC")
    >>> study.car(0, 1)[["car", "p_value"]].round(4).to_numpy().tolist()
    [[-0.0104, 0.6936]]
    >>> study.placebo(0, 1).p_value > 0.05
    True
    """
    choices = Choices(
        model, benchmark, mask, sector, factors, lags, max_missing, min_observations
    )
    return run_study(returns, events, Windows(estimation, window), choices)


def run_study(
    table: pd.DataFrame,
    events: pd.DataFrame,
    windows: Windows,
    choices: Choices,
    measure: str = "return",
) -> EventStudy:
    """Set up, place and fit: what studies of every measure have in common.

    Volumes were looked at before their logarithm was taken.
    """
    checked = check_events(events)
    design, names = build_design(
        table,
        checked["symbol"].unique().tolist(),
        windows,
        choices,
        measure=measure,
        trusted=measure == "volume",
    )
    loadings = [] if measure == "volatility" else names
    return EventStudy(fit_events(design, loadings, checked))
